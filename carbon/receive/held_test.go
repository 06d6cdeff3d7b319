package receive

import (
	"net"
	"os"
	"testing"

	"graphited/carbon/conf"
	"graphited/carbon/listen"
)

// free is a free port that only this machine reaches.
var free = listen.Address{Interface: "127.0.0.1", Port: listen.Free}

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
	if got, err := h.takeTCP(conf.DefaultOptions(), "line", free); got != l || err != nil {
		t.Errorf("line: %v, %v", got, err)
	}
	if got, err := h.takeUDP(free); got != c || err != nil {
		t.Errorf("udp: %v, %v", got, err)
	}
	l.Close()
	c.Close()
	if got, err := h.takeTCP(conf.DefaultOptions(), "line", free); err != nil || got == l {
		t.Errorf("line, the second time: %v, %v", got, err)
	} else {
		got.Close()
	}

	o := conf.DefaultOptions()
	o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.UDP, o.UDPAddr.Port = 1024, 0, 65000, true, 1024
	if h, err := Hold(o); err != nil || len(h.tcp) > 0 || h.udp != nil {
		t.Errorf("ports of everybody: %v, %v", h, err)
	}
	if os.Geteuid() == 0 {
		return // may open any
	}
	o.LineAddr = listen.Address{Interface: "192.0.2.1", Port: 1}
	if _, err := Hold(o); err == nil {
		t.Error("a port of root's was opened")
	}
}
