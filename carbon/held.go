package carbon

import (
	"context"
	"fmt"
	"net"

	"graphited/carbon/wire"
)

// privileged is the first port that everybody may open.
const privileged = 1024

// Held are ports that were opened before their time: those that only root may open, for a daemon
// that will run as another user. They are taken by what, as in Daemon.Addrs.
type Held struct {
	tcp map[string]net.Listener
	udp net.PacketConn
}

// Hold opens those ports of the options that only root may open. Who connects waits until the
// daemon takes the port.
func Hold(o Options) (_ *Held, err error) {
	h := &Held{tcp: map[string]net.Listener{}}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	for _, p := range []struct {
		what, addr, iface string
		port              int
	}{
		{"cache_query", o.QueryAddr, o.QueryInterface, o.QueryPort},
		{wire.ByLine.String(), o.LineAddr, o.LineInterface, o.LinePort},
		{wire.ByPickle.String(), o.PickleAddr, o.PickleInterface, o.PicklePort},
		{wire.ByProtobuf.String(), o.ProtobufAddr, o.ProtobufInterface, o.ProtobufPort},
	} {
		if p.port == 0 || p.port >= privileged {
			continue
		}
		if h.tcp[p.what], err = openTCP(o, p.what, address(p.addr, p.iface, p.port)); err != nil {
			delete(h.tcp, p.what)
			return nil, err
		}
	}
	if o.UDP && o.UDPPort > 0 && o.UDPPort < privileged {
		h.udp, err = openUDP(address(o.UDPAddr, o.UDPInterface, o.UDPPort))
	}
	return h, err
}

// Close closes the ports that nobody has taken.
func (h *Held) Close() {
	for _, l := range h.tcp {
		l.Close()
	}
	if h.udp != nil {
		h.udp.Close()
	}
}

// takeTCP returns a port that is held, or opens it.
func (h *Held) takeTCP(o Options, what, addr string) (net.Listener, error) {
	if h != nil && h.tcp[what] != nil {
		l := h.tcp[what]
		delete(h.tcp, what)
		return l, nil
	}
	return openTCP(o, what, addr)
}

// takeUDP returns the port that is held, or opens it.
func (h *Held) takeUDP(addr string) (net.PacketConn, error) {
	if h != nil && h.udp != nil {
		c := h.udp
		h.udp = nil
		return c, nil
	}
	return openUDP(addr)
}

func openTCP(o Options, what, addr string) (net.Listener, error) {
	lc := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: o.KeepAlive, Idle: o.KeepIdle, Interval: o.KeepInterval, Count: o.KeepCount}}
	if !o.KeepAlive {
		lc.KeepAlive = -1
	}
	l, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for %s on %q: %w", what, addr, err)
	}
	return l, nil
}

func openUDP(addr string) (net.PacketConn, error) {
	c, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for UDP on %q: %w", addr, err)
	}
	return c, nil
}
