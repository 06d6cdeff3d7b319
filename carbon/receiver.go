package carbon

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
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
}

// source assigns a connection to an intake goroutine, for all of its life.
func (r *receivers) source(addr net.Addr) *source {
	n := uint32(len(r.in) - 1)
	return &source{addr: addr.String(), in: r.in[r.turn.Add(1)%n], pausable: r.o.FlowControl}
}

// serveTCP accepts connections until ctx ends, then returns once all of them are done.
func (r *receivers) serveTCP(ctx context.Context, l net.Listener, decoder func() Decoder) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for pause := time.Duration(0); ; {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				c.Close()
			}
			return nil
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			// Out of file descriptors, most likely: wait for some to be closed instead of spinning.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			r.logs.write.Error().Err(err).Stringer("listener", l.Addr()).Msg("cannot accept")
			time.Sleep(pause)
			continue
		}
		pause = 0
		if r.conns.Add(1) > int64(r.o.MaxConnections) {
			r.conns.Add(-1)
			r.stats.drop(ConnectionLimit, 1)
			r.logs.reason[ConnectionLimit].Warn().Stringer("from", c.RemoteAddr()).Int("limit", r.o.MaxConnections).Msg("refused")
			c.Close()
			continue
		}
		wg.Go(func() {
			defer r.conns.Add(-1)
			r.serveConn(ctx, c, decoder())
		})
	}
}

// serveConn reads one connection until it ends, its framing is lost, or ctx ends.
func (r *receivers) serveConn(ctx context.Context, c net.Conn, d Decoder) {
	defer c.Close()
	r.stats.Conns.Add(1)
	defer r.stats.Conns.Add(-1)
	src := r.source(c.RemoteAddr())
	if r.o.LogConnect {
		r.logs.all.Debug().Str("from", src.addr).Msg("connected")
	}
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now().Add(stopGrace)) })
	defer stop()
	err := r.readConn(ctx, c, d, src)
	if r.o.LogLost || err != nil {
		r.logs.all.Debug().Str("from", src.addr).AnErr("error", err).Msg("disconnected")
	}
}

func (r *receivers) readConn(ctx context.Context, c net.Conn, d Decoder, src *source) error {
	b := newBatch()
	held := 0 // bytes at the beginning of b.buf that are not decoded yet
	for {
		r.cache.gate.wait(ctx.Done())
		if r.o.IdleTimeout > 0 && ctx.Err() == nil {
			c.SetReadDeadline(time.Now().Add(r.o.IdleTimeout))
		}
		n, err := c.Read(b.buf[held:])
		rest := b.buf[:held+n]
		var lost error
		if n > 0 {
			rest, lost = d.Decode(b, rest)
		}
		if (err != nil || lost != nil) && len(rest) > 0 && lost == nil {
			b.Reject(Truncated, rest)
		}
		b.source = src
		if err != nil || lost != nil {
			src.in <- b
			if err == io.EOF || errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil
			}
			return errors.Join(err, lost)
		}
		next := nextBatch(len(rest), d.MaxPending())
		held = copy(next.buf, rest)
		src.in <- b
		b = next
	}
}

// nextBatch returns a batch with room for what is held over and for more to read.
// A buffer grows only as input really arrives, and never beyond the longest input that the decoder allows.
func nextBatch(held, most int) *Batch {
	b := newBatch()
	if held > len(b.buf)*3/4 {
		b.buf = make([]byte, max(held+batchBuffer/4, min(2*held, most)))
	}
	return b
}

// serveUDP reads datagrams of lines until ctx ends. UDP cannot be paused: what comes in over the cache's hard limit is dropped and counted.
func (r *receivers) serveUDP(ctx context.Context, c net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	src := &source{addr: c.LocalAddr().String(), in: r.in[len(r.in)-1]}
	for {
		b := newBatch()
		n, _, err := c.ReadFrom(b.buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		decodeDatagram(b, b.buf[:n])
		b.source = src
		src.in <- b
	}
}
