package receive

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// inputPatience is how long a sender may take for one line or frame.
const inputPatience = 30 * time.Second

// Deps is what Receivers need from outside.
type Deps struct {
	In    []chan *wire.Batch                      // one for each intake goroutine; the last one is for what cannot be paused
	Wait  func(done <-chan struct{})              // returns when the cache has room, or done is closed
	Allow func(port string, addr netip.Addr) bool // whether an address may connect to a port; nil: every one
	TLS   func(port string) *tls.Config           // what a TCP port speaks; nil, as what it returns: plain text
	Held  *Held                                   // ports that are open already; nil: none
	Stats *tally.Stats
	Logs  *tally.Logs
}

// Receivers owns the ports and sockets on which points come, and their connections, and feeds the
// intake with what comes.
type Receivers struct {
	o        conf.Options
	in       []chan *wire.Batch
	wait     func(done <-chan struct{})
	filter   *addressFilter
	held     *Held
	stats    *tally.Stats
	logs     *tally.Logs
	patience time.Duration // how long a sender may take for one line or frame

	turn    atomic.Uint32
	conns   atomic.Int64   // like stats.Conns, but counted before a connection is accepted
	udp     net.PacketConn // nil: off
	addrs   map[string]net.Addr
	serve   []func(context.Context) error
	closers []func() error
}

// New returns receivers whose ports are not open yet: see Listen.
func New(o conf.Options, deps Deps) *Receivers {
	return &Receivers{
		o: o, in: deps.In, wait: deps.Wait, held: deps.Held, stats: deps.Stats, logs: deps.Logs, patience: inputPatience, addrs: map[string]net.Addr{},
		filter: &addressFilter{allow: deps.Allow, tls: deps.TLS, stats: deps.Stats, logs: deps.Logs},
	}
}

// Addrs returns the real addresses of the open ports by their names: line, line_socket, pickle,
// protobuf, udp, cache_query.
func (r *Receivers) Addrs() map[string]net.Addr { return r.addrs }

// UDP returns the socket of the UDP port; nil when that is off.
func (r *Receivers) UDP() net.PacketConn { return r.udp }

// Serving returns what serves the ports that listen has opened; each function does so until its
// context ends.
func (r *Receivers) Serving() []func(context.Context) error { return r.serve }

// Close closes the ports that nobody serves.
func (r *Receivers) Close() {
	for _, c := range r.closers {
		_ = c() // one that was served is closed
	}
}

// source assigns a connection to an intake goroutine, for all of its life.
func (r *Receivers) source(c net.Conn, by wire.Receiver) *wire.Source {
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

// servePort accepts connections until ctx ends, then returns once all of them are done.
func (r *Receivers) servePort(ctx context.Context, p port) error {
	return Accept(ctx, p.listener, r.logs.Write, func(ctx context.Context, c net.Conn) {
		defer c.Close()
		defer r.conns.Add(-1)
		if r.conns.Add(1) > int64(r.o.MaxConnections) {
			r.stats.Drop(wire.ConnectionLimit, 1)
			r.stats.Note(wire.ConnectionLimit, nil, c.RemoteAddr().String())
			r.logs.Reason[wire.ConnectionLimit].Warn().Stringer("from", c.RemoteAddr()).Int("limit", r.o.MaxConnections).Msg("refused")
			return
		}
		r.serveConn(ctx, c, p)
	})
}

// serveConn reads one connection until it ends, its framing is lost, or ctx ends.
func (r *Receivers) serveConn(ctx context.Context, c net.Conn, p port) {
	if !r.shake(ctx, c) {
		return
	}
	r.stats.Conns.Add(1)
	defer r.stats.Conns.Add(-1)
	src := r.source(c, p.receiver)
	if r.o.LogConnect {
		r.logs.All.Debug().Str("from", src.Addr).Msg("connected")
	}
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now().Add(stopGrace)) })
	defer stop()
	f := feed{conn: c, in: c, dec: p.decoder(), src: src, idle: r.o.IdleTimeout, patience: r.patience, wait: func() { r.wait(ctx.Done()) }}
	if p.unpack != nil {
		in := p.unpack(c)
		defer in.Close()
		f.in = in
	}
	err := f.run(ctx)
	if r.o.LogLost || err != nil {
		r.logs.All.Debug().Str("from", src.Addr).AnErr("error", err).Msg("disconnected")
	}
}

// serveUDP reads datagrams of lines until ctx ends. UDP cannot be paused: what comes in over the
// cache's hard limit is dropped and counted, and so is what the kernel has no room for.
func (r *Receivers) serveUDP(ctx context.Context, c net.PacketConn) error {
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
		if !r.filter.allows("udp", from) {
			b.Release()
			continue
		}
		wire.DecodeDatagram(b, b.Buf[:n])
		b.Source, b.Sender = src, from
		src.In <- b
	}
}

// shake makes the handshake of a connection that speaks TLS, within the time that a sender may take
// for a line. Without one that succeeds nothing is read.
func (r *Receivers) shake(ctx context.Context, c net.Conn) bool {
	t, ok := c.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		r.stats.Drop(wire.BadHandshake, 1)
		r.logs.Reason[wire.BadHandshake].Warn().Err(err).Stringer("from", c.RemoteAddr()).Msg("refused: no TLS")
		return false
	}
	return true
}
