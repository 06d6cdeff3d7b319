package carbon

import (
	"net"
	"os"
	"testing"
)

// TestHeld holds that a daemon takes the ports that are held for it, once, and that Hold opens no
// others than root's.
func TestHeld(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &Held{tcp: map[string]net.Listener{"line": l}, udp: c}
	if got, err := h.takeTCP(DefaultOptions(), "line", "127.0.0.1:1"); got != l || err != nil {
		t.Errorf("line: %v, %v", got, err)
	}
	if got, err := h.takeUDP("127.0.0.1:1"); got != c || err != nil {
		t.Errorf("udp: %v, %v", got, err)
	}
	l.Close()
	c.Close()
	if got, err := h.takeTCP(DefaultOptions(), "line", "127.0.0.1:0"); err != nil || got == l {
		t.Errorf("line, the second time: %v, %v", got, err)
	} else {
		got.Close()
	}

	o := DefaultOptions()
	o.LinePort, o.PicklePort, o.QueryPort, o.UDP, o.UDPPort = privileged, 0, 65000, true, privileged
	if h, err := Hold(o); err != nil || len(h.tcp) > 0 || h.udp != nil {
		t.Errorf("ports of everybody: %v, %v", h, err)
	}
	if os.Geteuid() == 0 {
		return // may open any
	}
	o.LineInterface, o.LinePort = "192.0.2.1", 1
	if _, err := Hold(o); err == nil {
		t.Error("a port of root's was opened")
	}
}
