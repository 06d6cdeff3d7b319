package carbon

import (
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/wire"
)

// TestUDPCountsToThePoint sends many more points over UDP than a tiny cache takes, as fast as it
// can: each of them is received, or dropped and counted, by us or by the kernel.
func TestUDPCountsToThePoint(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what the kernel has dropped")
	}
	const limit, datagrams, each = 100, 20000, 3
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCacheSize, o.MaxUpdates, o.FlowControl = limit, 0, false })
	c, err := net.Dial("udp", f.Addrs()["udp"].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := f.receivers.UDP().(*net.UDPConn).SetReadBuffer(1); err != nil { // which becomes the least that the system allows, so that it does drop some
		t.Fatal(err)
	}
	now := time.Now().Unix()
	for i := range datagrams {
		if _, err := fmt.Fprintf(c, "u.a%d 1 %d\nu.b 2 %d\nu.c 3 %d\n", i%10, now, now, now); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (received, full, lost int64) {
		f.receivers.CountLost()
		return f.Stats().Received.Load(), f.Stats().Dropped(wire.CacheFull), f.Stats().Dropped(wire.SocketFull)
	}
	f.until("every datagram is accounted for", func() bool {
		received, full, lost := count()
		return received+full+each*lost >= each*datagrams
	})
	received, full, lost := count()
	if received+full+each*lost != each*datagrams || received != limit {
		t.Errorf("%d points received, %d dropped at the cache, %d datagrams of %d dropped by the kernel; want %d points in all, %d received", received, full, lost, each, each*datagrams, limit)
	}
	t.Logf("%d points sent: %d received, %d dropped at the full cache, %d datagrams of %d dropped by the kernel", each*datagrams, received, full, lost, each)
}
