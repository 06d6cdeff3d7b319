package carbon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/wire"
	"graphited/listen"
)

// listenQueries opens the cache query port, unless it is turned off.
func (d *Daemon) listenQueries() error {
	l, err := d.listenTCP("cache_query", d.o.QueryAddr)
	if err != nil || l == nil {
		return err
	}
	q := newCacheQuery(l, d.cache.Pending, d.metadata(), d.logs.write)
	q.stats = &d.stats
	d.serve = append(d.serve, q.Run)
	return nil
}

// metadata answers the metadata requests of the cache query port.
func (d *Daemon) metadata() queryMetadata {
	ctx := context.Background()
	return queryMetadata{
		get: func(metric, key string) (string, error) { return d.GetMetadata(ctx, metric, key) },
		set: func(metric, key, value string) (string, error) { return d.SetMetadata(ctx, metric, key, value) },
	}
}

// udpBuffer is how many bytes of datagrams the kernel is asked to keep until they are read.
const udpBuffer = 8 << 20

// listen opens the ports for points that the options ask for.
func (d *Daemon) listen() error {
	o := d.o
	unpack, err := wire.Unpacker(o.LineCompression)
	if err != nil {
		return fmt.Errorf("cannot listen for lines: %w", err)
	}
	lines := port{decoder: func() wire.Decoder { return wire.NewLineDecoder() }, unpack: unpack}
	if err := d.receive(o.LineAddr, lines); err != nil {
		return err
	}
	if err := d.receiveSocket(o.LineSocket, port{receiver: wire.ByLineSocket, decoder: lines.decoder}); err != nil {
		return err
	}
	if err := d.receive(o.PickleAddr, port{receiver: wire.ByPickle, decoder: func() wire.Decoder { return wire.NewPickleDecoder(o.PickleMaxLength) }}); err != nil {
		return err
	}
	if err := d.receive(o.ProtobufAddr, port{receiver: wire.ByProtobuf, decoder: func() wire.Decoder { return wire.NewProtobufDecoder(wire.MaxProtobuf) }}); err != nil {
		return err
	}
	if !o.UDP || !o.UDPAddr.On() {
		return nil
	}
	c, err := d.held.takeUDP(o.UDPAddr)
	if err != nil {
		return err
	}
	if u, ok := c.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(udpBuffer) // or what the system allows
	}
	d.opened("udp", c.LocalAddr(), c.Close)
	d.udp = c
	d.serve = append(d.serve, func(ctx context.Context) error { return d.receivers.serveUDP(ctx, c) })
	return nil
}

// countLost brings the count of datagrams up to date that the kernel has dropped.
func (d *Daemon) countLost() {
	if d.udp == nil {
		return
	}
	if n, ok := udpLost(d.udp); ok {
		d.stats.dropped[wire.SocketFull].Store(n)
	}
}

// receive opens a TCP port for points, unless it is turned off.
func (d *Daemon) receive(addr listen.Address, p port) error {
	l, err := d.listenTCP(p.receiver.String(), addr)
	if err != nil || l == nil {
		return err
	}
	p.listener = l
	d.serve = append(d.serve, func(ctx context.Context) error { return d.receivers.serve(ctx, p) })
	return nil
}

// receiveSocket opens a Unix socket for points, unless path is empty. A socket that a process has
// left behind is replaced.
func (d *Daemon) receiveSocket(path string, p port) error {
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
	d.opened("line_socket", l.Addr(), l.Close)
	p.listener = l
	d.serve = append(d.serve, func(ctx context.Context) error { return d.receivers.serve(ctx, p) })
	return nil
}

// listenTCP opens one port; nil when it is turned off.
func (d *Daemon) listenTCP(what string, addr listen.Address) (net.Listener, error) {
	if !addr.On() {
		return nil, nil
	}
	l, err := d.held.takeTCP(d.o, what, addr)
	if err != nil {
		return nil, err
	}
	d.opened(what, l.Addr(), l.Close)
	return d.guard.listener(what, l), nil
}

func (d *Daemon) opened(what string, addr net.Addr, closer func() error) {
	d.addrs[what] = addr
	d.closers = append(d.closers, closer)
}

// Addrs returns the real addresses of the open ports, once Ready says that the start is over: line,
// line_socket, pickle, protobuf, udp, cache_query.
func (d *Daemon) Addrs() map[string]net.Addr { return d.addrs }

// accept serves each connection of a listener in a goroutine of its own, until ctx ends; then it
// closes the listener and returns nil once all of them are done. It returns an error, with ctx
// ended for those it serves, when somebody else closes the listener.
func accept(ctx context.Context, l net.Listener, log zerolog.Logger, serve func(context.Context, net.Conn)) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for pause := time.Duration(0); ; {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			wg.Go(func() { serve(ctx, c) })
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("cannot accept connections on %v: %w", l.Addr(), err)
		default:
			// Out of file descriptors, most likely: wait for some to be closed instead of spinning.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			log.Error().Err(err).Stringer("listener", l.Addr()).Msg("cannot accept")
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}
