package call

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is the time after which the watch first checks whether the client is still connected,
// and the time between two checks.
const lookEvery = 250 * time.Millisecond

// peer is what the system knows about the other end of a connection.
type peer int

const (
	present peer = iota
	closed       // has closed its side: it may be gone, or still wait for an answer
	gone         // does not read any more
)

// watch looks after the client of a running query, and ends the query when the client has left and
// nobody else wants the answer.
//
// A client that closes its connection and one that closes only its own side of it (like nc -N, which
// waits for an answer) cannot be told apart until something is sent: a client that is gone answers
// that with a reset. So a client of HTTP/1.1 is sent "100 Continue", of which it skips any number.
// HTTP/1.0 has nothing like it: its client is taken for gone when another query waits for the slot.
type watch struct {
	q      *Request
	gate   *Gate
	conn   *net.TCPConn
	cancel context.CancelFunc

	mu     sync.Mutex
	timer  *time.Timer
	inside bool // of the gate
	asked  bool // was sent 100 Continue
	left   bool // the query was ended because the client had left
	ended  bool
}

// Enter waits for the turn of a query at a gate, as long as its client waits. The client is watched
// until leave, which gives the slot back.
func (q *Request) Enter(g *Gate) (leave func(), err error) {
	w := q.watch(g)
	if err := g.Enter(q.Ctx); err != nil {
		w.end()
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inside = true
	return func() {
		w.end()
		g.Leave()
	}, nil
}

// Watch watches the client of a query that waits for the answer to another one, until end.
func (q *Request) Watch() (end func()) { return q.watch(nil).end }

// watch starts a watch over the client. The gate is the one that the query has to pass, or nil if
// it takes no slot.
func (q *Request) watch(g *Gate) *watch {
	w := &watch{q: q, gate: g, conn: q.tcp}
	q.watched = w
	if w.conn == nil {
		w.cancel = func() {}
		return w
	}
	q.Ctx, w.cancel = context.WithCancel(q.Ctx)
	w.mu.Lock() // the timer may fire before it is set
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(lookEvery, w.look)
	return w
}

// end ends the watch. Nothing is written to the connection after it.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.cancel()
}

// look ends the query if its client has left, else it schedules the next look.
func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || w.left {
		return
	}
	counts := &w.q.Site.Counts
	next := lookEvery
	switch state := peerOf(w.conn); {
	case state == gone:
		w.drop(&counts.ClientGone)
	case state == closed && !w.q.Request.Header.IsHTTP11():
		if w.contested() {
			w.drop(&counts.HalfClosed)
		}
	case state == closed && !w.asked:
		w.asked = true
		if !w.ask() {
			w.drop(&counts.ClientGone)
		}
		next = lookEvery / 5
	}
	if !w.left {
		w.timer.Reset(next)
	}
}

// ask sends what a client that is gone answers with a reset.
func (w *watch) ask() bool {
	c := w.q.Conn()
	// A client that has closed its side and does not take this immediately does not read it.
	if err := c.SetWriteDeadline(time.Now().Add(lookEvery)); err != nil {
		return false
	}
	_, err := c.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err == nil && c.SetWriteDeadline(time.Time{}) == nil
}

// contested reports whether another query waits for the slot of this one.
func (w *watch) contested() bool {
	if w.gate == nil {
		return false
	}
	_, others := w.gate.Load()
	if !w.inside {
		others--
	}
	return others > 0
}

// drop ends the query unless other requests want its answer.
func (w *watch) drop(counter *atomic.Int64) {
	if w.q.Wanted != nil && w.q.Wanted() {
		return
	}
	counter.Add(1)
	w.left = true
	w.cancel()
}

// hasLeft reports whether the query was ended because its client had left. A nil watch has seen
// nothing.
func (w *watch) hasLeft() bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.left
}
