package carbon

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// stopGrace is how long a connection may go on reading what has already arrived when the daemon stops.
const stopGrace = 100 * time.Millisecond

// receivers owns the listening sockets and their connections, and feeds the intake channels.
type receivers struct {
	o     Options
	cache *Cache
	stats *Stats
	logs  *logs
	in    []chan *Batch // one for each intake goroutine; the last one is for what cannot be paused
	turn  atomic.Uint32
	conns atomic.Int64 // like stats.Conns, but counted before a connection is accepted

	guard    *guard
	patience time.Duration // how long a sender may take for one line or frame
}

// source assigns a connection to an intake goroutine, for all of its life.
func (r *receivers) source(c net.Conn, by Receiver) *source {
	n := uint32(len(r.in) - 1)
	addr := c.RemoteAddr().String()
	if c.LocalAddr().Network() == "unix" { // whose other end has no name
		addr = c.LocalAddr().String()
	}
	return &source{addr: addr, receiver: by, in: r.in[r.turn.Add(1)%n], pausable: r.o.FlowControl}
}

// port is an open listener with what is spoken there.
type port struct {
	listener net.Listener
	receiver Receiver
	decoder  func() Decoder
	unpack   func(io.Reader) io.ReadCloser // nil: the stream is not packed
}

// serve accepts connections until ctx ends, then returns once all of them are done.
func (r *receivers) serve(ctx context.Context, p port) error {
	return accept(ctx, p.listener, r.logs.write, func(ctx context.Context, c net.Conn) {
		defer c.Close()
		defer r.conns.Add(-1)
		if r.conns.Add(1) > int64(r.o.MaxConnections) {
			r.stats.drop(ConnectionLimit, 1)
			r.stats.offences.note(ConnectionLimit, nil, c.RemoteAddr().String())
			r.logs.reason[ConnectionLimit].Warn().Stringer("from", c.RemoteAddr()).Int("limit", r.o.MaxConnections).Msg("refused")
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
		r.logs.all.Debug().Str("from", src.addr).Msg("connected")
	}
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now().Add(stopGrace)) })
	defer stop()
	f := feed{conn: c, in: c, dec: p.decoder(), src: src, idle: r.o.IdleTimeout, patience: r.patience, wait: func() { r.cache.gate.wait(ctx.Done()) }}
	if p.unpack != nil {
		in := p.unpack(c)
		defer in.Close()
		f.in = in
	}
	err := f.run(ctx)
	if r.o.LogLost || err != nil {
		r.logs.all.Debug().Str("from", src.addr).AnErr("error", err).Msg("disconnected")
	}
}

// serveUDP reads datagrams of lines until ctx ends. UDP cannot be paused: what comes in over the cache's hard limit is dropped and counted, and so is what the kernel has no room for.
func (r *receivers) serveUDP(ctx context.Context, c net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	src := &source{addr: c.LocalAddr().String(), receiver: ByUDP, in: r.in[len(r.in)-1]}
	for {
		b := newBatch()
		n, from, err := c.ReadFrom(b.buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if !r.guard.admits("udp", from) {
			b.release()
			continue
		}
		decodeDatagram(b, b.buf[:n])
		b.source, b.sender = src, from
		src.in <- b
	}
}
