package api

import (
	"container/list"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// listener hands out connections and remembers those that have not said a word:
// fasthttp takes them for active, and a browser likes to open one ahead, so they
// would hold up the end of the server until their timeout.
//
// When there are too many connections it closes the one that has waited longest for
// its next request, or for the rest of it: clients that send a byte now and then, or
// nothing, keep nobody out.
//
// It also outlives a lack of file descriptors; fasthttp takes any error of
// Accept for the end.
type listener struct {
	net.Listener
	admits func(from net.Addr) bool // whether it may connect
	limit  int                      // of connections; 0: none
	ousted *atomic.Int64            // counts those that were closed for others

	mu       sync.Mutex
	open     list.List // of *conn, the one that has waited longest in front
	stopping bool
}

type conn struct {
	*net.TCPConn
	l     *listener
	heard bool // only the goroutine that serves it touches it, as served
	// served: a request was read in full, and the next one is not asked for yet.
	served bool
	// lingers: what the client still sends is read before the connection is closed.
	lingers atomic.Bool

	// These are guarded by the listener's mu.
	place  *list.Element // nil: closed, or about to be
	silent bool          // has not said a word, or is refused
	busy   bool          // a request is under way
}

// A client that is refused before all of its request was read goes on sending, and a
// connection that is closed with something unread is reset: the answer would be lost
// on the way. So much, and for so long, is read and thrown away after the answer.
const (
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
)

func newListener(l net.Listener, admits func(net.Addr) bool, limit int, ousted *atomic.Int64) *listener {
	return &listener{Listener: l, admits: admits, limit: limit, ousted: ousted}
}

// Accept returns the next connection, and an error only when the listener is
// closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil && !l.admits(c.RemoteAddr()):
			_ = c.Close()
		case err == nil:
			if c := l.watch(c.(*net.TCPConn)); c != nil {
				return c, nil
			}
		case errors.Is(err, net.ErrClosed):
			return nil, err
		default:
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// watch remembers a new connection, or closes it when it is too late.
func (l *listener) watch(t *net.TCPConn) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		_ = t.Close()
		return nil
	}
	c := &conn{TCPConn: t, l: l, silent: true}
	if l.limit > 0 && l.open.Len() >= l.limit {
		l.oust()
	}
	c.place = l.open.PushBack(c)
	return c
}

// oust closes the connection that has waited longest, if there is one that waits.
func (l *listener) oust() {
	for e := l.open.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*conn); !c.busy {
			l.remove(c)
			l.ousted.Add(1)
			_ = c.TCPConn.Close() // who serves it sees that
			return
		}
	}
}

func (l *listener) remove(c *conn) {
	if c.place != nil {
		l.open.Remove(c.place)
		c.place = nil
	}
}

// stop ends the connections that have not said a word, or are refused, now and from
// now on.
func (l *listener) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopping = true
	for e := l.open.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*conn); c.silent {
			_ = c.TCPConn.Close()
		}
	}
}

// note changes what the listener knows of a connection.
func (c *conn) note(change func()) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	change()
}

// serves says that a request of the connection was read in full.
func (c *conn) serves() {
	if !c.served {
		c.served = true
		c.note(func() { c.busy = true })
	}
}

// awaits says that the connection waits for its next request, from now on.
func (c *conn) awaits() {
	c.served = false
	c.note(func() {
		c.busy = false
		if c.place != nil {
			c.l.open.MoveToBack(c.place)
		}
	})
}

// Read reads, and makes a note of the first word.
func (c *conn) Read(b []byte) (int, error) {
	if c.served {
		c.awaits()
	}
	n, err := c.TCPConn.Read(b)
	if n > 0 && !c.heard {
		c.heard = true
		c.note(func() { c.silent = false })
	}
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	if c.lingers.Load() && c.mayLinger() {
		c.linger()
	}
	c.note(func() { c.l.remove(c) })
	return c.TCPConn.Close()
}

// mayLinger tells whether there is time to linger, and makes it end with the server.
func (c *conn) mayLinger() (may bool) {
	c.note(func() {
		c.silent, c.busy = true, false
		may = !c.l.stopping && c.place != nil
	})
	return may
}

// linger waits until the client has read the answer, or has sent too much.
func (c *conn) linger() {
	if c.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c.TCPConn, lingerBytes)
}

// ownConn returns the connection of the listener below those that wrap it, nil when it
// is none.
func ownConn(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	own, _ := c.(*conn)
	return own
}

// closeAfter lets a client that may still be sending have its answer before the
// connection is closed.
func closeAfter(c *fasthttp.RequestCtx) {
	c.SetConnectionClose()
	if own := ownConn(c.Conn()); own != nil {
		own.lingers.Store(true)
	}
}
