package receive

import (
	"net"
	"net/netip"
	"testing"

	"github.com/rs/zerolog"

	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// TestAllowOfMappedAddresses: an IPv4 address that a socket of IPv6 tells is one of IPv4.
func TestAllowOfMappedAddresses(t *testing.T) {
	four := func(_ string, a netip.Addr) bool { return a == netip.MustParseAddr("192.0.2.1") }
	g := &addressFilter{allow: four, stats: new(tally.Stats), logs: tally.NewLogs(zerolog.Nop())}
	ip := net.ParseIP("::ffff:192.0.2.1")
	for _, from := range []net.Addr{&net.TCPAddr{IP: ip, Port: 1}, &net.UDPAddr{IP: ip, Port: 1}, &net.TCPAddr{IP: ip.To4(), Port: 1}} {
		if !g.allows("line", from) {
			t.Errorf("%v is refused", from)
		}
	}
	if g.allows("line", &net.TCPAddr{IP: net.ParseIP("192.0.2.2"), Port: 1}) || g.stats.Dropped(wire.NotAllowed) != 1 {
		t.Error("another address is admitted, or not counted")
	}
}
