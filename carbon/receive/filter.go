package receive

import (
	"crypto/tls"
	"net"
	"net/netip"

	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// addressFilter says who may connect to the ports, and what is spoken there.
type addressFilter struct {
	allow func(port string, addr netip.Addr) bool // nil: everybody may
	tls   func(port string) *tls.Config           // nil, as what it returns: plain text
	stats *tally.Stats
	logs  *tally.Logs
}

// allows says whether an address may send to a port. One that may not is counted and told.
func (f *addressFilter) allows(port string, from net.Addr) bool {
	var addr netip.Addr
	switch a := from.(type) {
	case *net.TCPAddr:
		addr = a.AddrPort().Addr()
	case *net.UDPAddr:
		addr = a.AddrPort().Addr()
	}
	if f.allow == nil || f.allow(port, addr.Unmap()) {
		return true
	}
	f.stats.Drop(wire.NotAllowed, 1)
	f.logs.Reason[wire.NotAllowed].Warn().Stringer("from", from).Str("port", port).Msg("refused: the list of who may connect does not have this address")
	return false
}

// filtered is a listener that hands out the connections of those who may connect, ready to speak
// what the port speaks.
type filtered struct {
	net.Listener
	port   string
	filter *addressFilter
	tls    *tls.Config // nil: plain text
}

func (f *addressFilter) listener(port string, l net.Listener) net.Listener {
	fl := &filtered{Listener: l, port: port, filter: f}
	if f.tls != nil {
		fl.tls = f.tls(port)
	}
	return fl
}

// Accept returns the next connection of somebody who may connect. A handshake is made when the
// connection is first read.
func (l *filtered) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		switch {
		case err != nil:
			return nil, err
		case !l.filter.allows(l.port, c.RemoteAddr()):
			_ = c.Close()
		case l.tls != nil:
			return tls.Server(c, l.tls), nil
		default:
			return c, nil
		}
	}
}
