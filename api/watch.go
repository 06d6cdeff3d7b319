package api

import (
	"context"
	"sync"
	"time"
)

// lookEvery is how long a query takes until it is looked whether its client is
// still there, and between two looks.
const lookEvery = 250 * time.Millisecond

// errLeft is the end of a query that nobody waits for. 499 is nginx's status for
// it; who has only closed its own side of the connection may still read it.
var errLeft = &failure{499, "the client has closed the connection"}

// peer is what the system knows of who is at the other end of a connection.
type peer int

const (
	present peer = iota
	closed       // has closed its side: it may be gone, or still wait for an answer
	gone         // reads no more
)

// watch looks after the client of a query under way, and ends the query when the
// client has left and nobody else wants the answer.
//
// A client that closes its connection and one that closes only its own side of it
// (as `nc -N`, which waits for an answer) look the same from here, until something
// is sent: the one that is gone answers that with a reset. So one that speaks
// HTTP/1.1 is sent "100 Continue", which such a client skips, however many there
// are. HTTP/1.0 has nothing of the kind: its client is taken for gone when another
// query waits for the place.
type watch struct {
	q      *request
	gate   *gate
	conn   *conn
	cancel context.CancelFunc

	mu     sync.Mutex
	timer  *time.Timer
	inside bool // of the gate
	asked  bool // was sent 100 Continue
	left   bool // the query was ended since the client has left
	ended  bool
}

// enter waits for the turn of a query at a gate, for as long as its client waits. The
// client is looked after until leave, which gives the place back.
func (q *request) enter(g *gate) (leave func(), err error) {
	w := q.watch(g)
	if err := g.enter(q.ctx); err != nil {
		w.end()
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inside = true
	return func() {
		w.end()
		g.leave()
	}, nil
}

// watch looks after the client of a query from now to the watch's end. The gate is
// the one that the query is to go through; nil: it takes no place.
func (q *request) watch(g *gate) *watch {
	w := &watch{q: q, gate: g, conn: ownConn(q.Conn())}
	q.watched = w
	if w.conn == nil {
		w.cancel = func() {}
		return w
	}
	q.ctx, w.cancel = context.WithCancel(q.ctx)
	w.mu.Lock() // the timer may be due before it is noted
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(lookEvery, w.look)
	return w
}

// end ends the watch: nothing is written to the connection after it.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.cancel()
}

// look ends the query if its client has left, and else sees to the next look.
func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || w.left {
		return
	}
	next := lookEvery
	switch state := peerOf(w.conn.TCPConn); {
	case state == gone:
		w.drop(&w.q.s.metrics.clientGone)
	case state == closed && !w.q.Request.Header.IsHTTP11():
		if w.contested() {
			w.drop(&w.q.s.metrics.halfClosed)
		}
	case state == closed && !w.asked:
		w.asked = true
		if !w.ask() {
			w.drop(&w.q.s.metrics.clientGone)
		}
		next = lookEvery / 5
	}
	if !w.left {
		w.timer.Reset(next)
	}
}

// ask sends what makes a client that is gone say so.
func (w *watch) ask() bool {
	c := w.q.Conn()
	// What a client that has closed its side does not take at once, it does not read.
	if err := c.SetWriteDeadline(time.Now().Add(lookEvery)); err != nil {
		return false
	}
	_, err := c.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err == nil && c.SetWriteDeadline(time.Time{}) == nil
}

// contested tells whether another query waits for the place of this one.
func (w *watch) contested() bool {
	if w.gate == nil {
		return false
	}
	others := w.gate.waiting.Load()
	if !w.inside {
		others--
	}
	return others > 0
}

// drop ends the query, unless somebody else wants its answer, too.
func (w *watch) drop(counter interface{ Add(int64) int64 }) {
	if w.q.flight != nil && w.q.s.flights.shared(w.q.flight) {
		return
	}
	counter.Add(1)
	w.left = true
	w.cancel()
}

// hasLeft tells whether the query was ended since its client has left.
func (q *request) hasLeft() bool {
	if q.watched == nil {
		return false
	}
	q.watched.mu.Lock()
	defer q.watched.mu.Unlock()
	return q.watched.left
}
