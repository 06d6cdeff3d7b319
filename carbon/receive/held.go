package receive

import (
	"context"
	"fmt"
	"net"

	"graphited/carbon/conf"
	"graphited/carbon/listen"
)

// Held are ports that were opened before their time: those that only root may open, for a daemon
// that will run as another user. They are taken by what, as in Daemon.Addrs.
type Held struct {
	tcp map[string]net.Listener
	udp net.PacketConn
}

// Hold opens those ports of the options that only root may open. Who connects waits until the
// daemon takes the port.
func Hold(o conf.Options) (_ *Held, err error) {
	h := &Held{tcp: map[string]net.Listener{}}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	hold := func(what string, addr listen.Address) error {
		if !addr.Privileged() {
			return nil
		}
		l, err := openTCP(o, what, addr)
		if err == nil {
			h.tcp[what] = l
		}
		return err
	}
	if err = hold("cache_query", o.QueryAddr); err != nil {
		return nil, err
	}
	for _, k := range kinds() {
		if err = hold(k.receiver.String(), k.address(o)); err != nil {
			return nil, err
		}
	}
	if o.UDP && o.UDPAddr.Privileged() {
		h.udp, err = openUDP(o.UDPAddr)
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
func (h *Held) takeTCP(o conf.Options, what string, addr listen.Address) (net.Listener, error) {
	if h != nil && h.tcp[what] != nil {
		l := h.tcp[what]
		delete(h.tcp, what)
		return l, nil
	}
	return openTCP(o, what, addr)
}

// takeUDP returns the port that is held, or opens it.
func (h *Held) takeUDP(addr listen.Address) (net.PacketConn, error) {
	if h != nil && h.udp != nil {
		c := h.udp
		h.udp = nil
		return c, nil
	}
	return openUDP(addr)
}

func openTCP(o conf.Options, what string, addr listen.Address) (net.Listener, error) {
	lc := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: o.KeepAlive, Idle: o.KeepIdle, Interval: o.KeepInterval, Count: o.KeepCount}}
	if !o.KeepAlive {
		lc.KeepAlive = -1
	}
	l, err := lc.Listen(context.Background(), "tcp", addr.HostPort())
	if err != nil {
		return nil, fmt.Errorf("cannot listen for %s on %q: %w", what, addr.HostPort(), err)
	}
	return l, nil
}

func openUDP(addr listen.Address) (net.PacketConn, error) {
	c, err := net.ListenPacket("udp", addr.HostPort())
	if err != nil {
		return nil, fmt.Errorf("cannot listen for UDP on %q: %w", addr.HostPort(), err)
	}
	return c, nil
}
