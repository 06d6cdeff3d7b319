package carbon

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"graphited/carbon/wire"
)

// stopGrace is how long a connection may go on reading what has already arrived when the daemon
// stops.
const stopGrace = 100 * time.Millisecond

// receivers owns the listening sockets and their connections, and feeds the intake channels.
type receivers struct {
	o     Options
	cache *Cache
	stats *Stats
	logs  *logs
	in    []chan *wire.Batch // one for each intake goroutine; the last one is for what cannot be paused
	turn  atomic.Uint32
	conns atomic.Int64 // like stats.Conns, but counted before a connection is accepted

	guard    *guard
	patience time.Duration // how long a sender may take for one line or frame
}

// source assigns a connection to an intake goroutine, for all of its life.
func (r *receivers) source(c net.Conn, by wire.Receiver) *wire.Source {
	n := uint32(len(r.in) - 1)
	addr := c.RemoteAddr().String()
	if c.LocalAddr().Network() == "unix" { // whose other end has no name
		addr = c.LocalAddr().String()
	}
	return &wire.Source{Addr: addr, Receiver: by, In: r.in[r.turn.Add(1)%n], Pausable: r.o.FlowControl}
}

// port is an open listener with what is spoken there.
type port struct {
	listener net.Listener
	receiver wire.Receiver
	decoder  func() wire.Decoder
	unpack   func(io.Reader) io.ReadCloser // nil: the stream is not packed
}

// serve accepts connections until ctx ends, then returns once all of them are done.
func (r *receivers) serve(ctx context.Context, p port) error {
	return accept(ctx, p.listener, r.logs.write, func(ctx context.Context, c net.Conn) {
		defer c.Close()
		defer r.conns.Add(-1)
		if r.conns.Add(1) > int64(r.o.MaxConnections) {
			r.stats.drop(wire.ConnectionLimit, 1)
			r.stats.offences.note(wire.ConnectionLimit, nil, c.RemoteAddr().String())
			r.logs.reason[wire.ConnectionLimit].Warn().Stringer("from", c.RemoteAddr()).Int("limit", r.o.MaxConnections).Msg("refused")
			return
		}
		r.serveConn(ctx, c, p)
	})
}

// serveConn reads one connection until it ends, its framing is lost, or ctx ends.
func (r *receivers) serveConn(ctx context.Context, c net.Conn, p port) {
	if !r.shake(ctx, c) {
		return
	}
	r.stats.Conns.Add(1)
	defer r.stats.Conns.Add(-1)
	src := r.source(c, p.receiver)
	if r.o.LogConnect {
		r.logs.all.Debug().Str("from", src.Addr).Msg("connected")
	}
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now().Add(stopGrace)) })
	defer stop()
	f := feed{conn: c, in: c, dec: p.decoder(), src: src, idle: r.o.IdleTimeout, patience: r.patience, wait: func() { r.cache.wait(ctx.Done()) }}
	if p.unpack != nil {
		in := p.unpack(c)
		defer in.Close()
		f.in = in
	}
	err := f.run(ctx)
	if r.o.LogLost || err != nil {
		r.logs.all.Debug().Str("from", src.Addr).AnErr("error", err).Msg("disconnected")
	}
}

// serveUDP reads datagrams of lines until ctx ends. UDP cannot be paused: what comes in over the
// cache's hard limit is dropped and counted, and so is what the kernel has no room for.
func (r *receivers) serveUDP(ctx context.Context, c net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	src := &wire.Source{Addr: c.LocalAddr().String(), Receiver: wire.ByUDP, In: r.in[len(r.in)-1]}
	for {
		b := wire.NewBatch()
		n, from, err := c.ReadFrom(b.Buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if !r.guard.admits("udp", from) {
			b.Release()
			continue
		}
		wire.DecodeDatagram(b, b.Buf[:n])
		b.Source, b.Sender = src, from
		src.In <- b
	}
}
