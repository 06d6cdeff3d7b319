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

// watch looks after the client of a running query, and ends the query when the client has left and
// nobody else wants the answer.
//
// A client that closes its connection and one that closes only its own side of it (like nc -N,
// which waits for an answer) cannot be told apart until something is sent: a client that is gone
// answers that with a reset. So a client of HTTP/1.1 is sent "100 Continue", of which it skips any
// number. HTTP/1.0 has nothing like it: its client is taken for gone when another query waits for
// the slot.
type watch struct {
	gate   *Gate        // the one that the query has to pass; nil: it takes no slot
	tcp    *net.TCPConn // nil: nobody can look
	conn   net.Conn     // the same, with TLS if there is any
	http11 bool         // the client speaks HTTP/1.1
	wanted func() bool  // reports whether other requests wait for the answer; nil: none can
	counts *Counts
	cancel context.CancelFunc

	mu     sync.Mutex
	timer  *time.Timer
	inside bool // of the gate
	asked  bool // was sent 100 Continue
	left   bool // the query was ended because the client had left
	ended  bool
}

// start schedules the first look.
func (w *watch) start() {
	w.mu.Lock() // the timer may fire before it is set
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(lookEvery, w.look)
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
	next := lookEvery
	switch state := peerOf(w.tcp); {
	case state == gone:
		w.drop(&w.counts.ClientGone)
	case state == closed && !w.http11:
		if w.contested() {
			w.drop(&w.counts.HalfClosed)
		}
	case state == closed && !w.asked:
		w.asked = true
		if !w.ask() {
			w.drop(&w.counts.ClientGone)
		}
		next = lookEvery / 5
	}
	if !w.left {
		w.timer.Reset(next)
	}
}

// ask sends what a client that is gone answers with a reset.
func (w *watch) ask() bool {
	// A client that has closed its side and does not take this immediately does not read it.
	if err := w.conn.SetWriteDeadline(time.Now().Add(lookEvery)); err != nil {
		return false
	}
	_, err := w.conn.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err == nil && w.conn.SetWriteDeadline(time.Time{}) == nil
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
	if w.wanted != nil && w.wanted() {
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

// Counts counts what happened to requests beside being answered.
type Counts struct {
	Busy       atomic.Int64 // requests that were refused because too many were waiting
	ClientGone atomic.Int64 // queries that were ended because their client had left
	HalfClosed atomic.Int64 // queries that were ended because their client had closed its side and others waited
}
