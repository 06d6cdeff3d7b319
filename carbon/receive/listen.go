package receive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

	"graphited/carbon/listen"
	"graphited/carbon/wire"
)

// udpBuffer is how many bytes of datagrams the kernel is asked to keep until they are read.
const udpBuffer = 8 << 20

// Listen opens the ports and sockets that the options ask for.
func (r *Receivers) Listen() error {
	for _, k := range kinds() {
		if err := r.listenFor(k); err != nil {
			return err
		}
	}
	if err := r.listenSocket(); err != nil {
		return err
	}
	return r.listenUDP()
}

// listenFor opens the TCP port of a kind, unless it is turned off.
func (r *Receivers) listenFor(k kind) error {
	p := port{receiver: k.receiver, decoder: func() wire.Decoder { return k.decoder(r.o) }}
	if k.packed {
		var err error
		if p.unpack, err = wire.Unpacker(r.o.LineCompression); err != nil {
			return fmt.Errorf("cannot listen for lines: %w", err)
		}
	}
	l, err := r.ListenTCP(k.receiver.String(), k.address(r.o))
	if err != nil || l == nil {
		return err
	}
	p.listener = l
	r.serve = append(r.serve, func(ctx context.Context) error { return r.servePort(ctx, p) })
	return nil
}

// listenUDP opens the UDP port, if ENABLE_UDP_LISTENER says so.
func (r *Receivers) listenUDP() error {
	if !r.o.UDP || !r.o.UDPAddr.On() {
		return nil
	}
	c, err := r.held.takeUDP(r.o.UDPAddr)
	if err != nil {
		return err
	}
	if u, ok := c.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(udpBuffer) // or what the system allows
	}
	r.opened("udp", c.LocalAddr(), c.Close)
	r.udp = c
	r.serve = append(r.serve, func(ctx context.Context) error { return r.serveUDP(ctx, c) })
	return nil
}

// CountLost brings the count of datagrams up to date that the kernel has dropped.
func (r *Receivers) CountLost() {
	if r.udp == nil {
		return
	}
	if n, ok := udpLost(r.udp); ok {
		r.stats.DropUpTo(wire.SocketFull, n)
	}
}

// listenSocket opens the Unix socket for lines, unless there is to be none. A socket that a process
// has left behind is replaced.
func (r *Receivers) listenSocket() error {
	path := r.o.LineSocket
	if path == "" {
		return nil
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		c, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			c.Close()
			return fmt.Errorf("cannot listen on the socket %q: another process uses it", path)
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot replace the socket %q: %w", path, err)
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("cannot listen on the socket %q: %w", path, err)
	}
	r.opened("line_socket", l.Addr(), l.Close)
	p := port{listener: l, receiver: wire.ByLineSocket, decoder: func() wire.Decoder { return wire.NewLineDecoder() }}
	r.serve = append(r.serve, func(ctx context.Context) error { return r.servePort(ctx, p) })
	return nil
}

// ListenTCP opens one port; nil when it is turned off.
func (r *Receivers) ListenTCP(what string, addr listen.Address) (net.Listener, error) {
	if !addr.On() {
		return nil, nil
	}
	l, err := r.held.takeTCP(r.o, what, addr)
	if err != nil {
		return nil, err
	}
	r.opened(what, l.Addr(), l.Close)
	return r.filter.listener(what, l), nil
}

func (r *Receivers) opened(what string, addr net.Addr, closer func() error) {
	r.addrs[what] = addr
	r.closers = append(r.closers, closer)
}
