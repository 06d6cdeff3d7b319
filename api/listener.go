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

// listener accepts connections and remembers those that have not sent anything: fasthttp takes them
// for active, and browsers like to open one ahead, so they would delay the end of the server until
// their timeout.
//
// If there are too many connections it closes the one that has waited longest for its next request,
// or for the rest of one: clients that send a byte now and then, or nothing, cannot exclude others.
//
// It also survives a lack of file descriptors, while fasthttp takes any error of Accept for the
// end.
type listener struct {
	net.Listener
	mayConnect func(from net.Addr) bool
	limit      int           // of connections; 0: none
	ousted     *atomic.Int64 // counts those that were closed for others

	mu       sync.Mutex
	open     list.List // of *conn, the one that has waited longest in front
	stopping bool
}

type conn struct {
	*net.TCPConn
	l     *listener
	heard bool // something was read. Only the goroutine that serves the connection uses it and served
	// served says that a request was read in full, and the next one is not expected yet.
	served bool
	// lingers says that what the client still sends is read before the connection is closed.
	lingers atomic.Bool

	// The listener's mu protects these.
	place  *list.Element // nil: closed, or about to be
	silent bool          // has not sent anything, or is refused
	busy   bool          // a request is running
}

// A client that is refused before all of its request was read goes on sending, and a connection
// that is closed with something unread is reset: the answer would be lost on the way. lingerBytes
// and lingerTime limit what is read and dropped after the answer.
const (
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
)

func newListener(l net.Listener, mayConnect func(net.Addr) bool, limit int, ousted *atomic.Int64) *listener {
	return &listener{Listener: l, mayConnect: mayConnect, limit: limit, ousted: ousted}
}

// Accept returns the next connection. It returns an error only if the listener is closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil && !l.mayConnect(c.RemoteAddr()):
			_ = c.Close()
		case err == nil:
			if c := l.add(c.(*net.TCPConn)); c != nil {
				return c, nil
			}
		case errors.Is(err, net.ErrClosed):
			return nil, err
		default:
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// add remembers a new connection, or closes it if the server is stopping.
func (l *listener) add(t *net.TCPConn) *conn {
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

// oust closes the connection that has waited longest, if any waits.
func (l *listener) oust() {
	for e := l.open.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*conn); !c.busy {
			l.remove(c)
			l.ousted.Add(1)
			_ = c.TCPConn.Close() // the goroutine that serves it notices
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

// stop ends the connections that have not sent anything, or are refused, and all later ones.
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

// update changes what the listener knows about a connection.
func (c *conn) update(change func()) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	change()
}

// serves records that a request of the connection was read in full.
func (c *conn) serves() {
	if !c.served {
		c.served = true
		c.update(func() { c.busy = true })
	}
}

// awaits records that the connection waits for its next request from now on.
func (c *conn) awaits() {
	c.served = false
	c.update(func() {
		c.busy = false
		if c.place != nil {
			c.l.open.MoveToBack(c.place)
		}
	})
}

// Read reads, and records that something was read.
func (c *conn) Read(b []byte) (int, error) {
	if c.served {
		c.awaits()
	}
	n, err := c.TCPConn.Read(b)
	if n > 0 && !c.heard {
		c.heard = true
		c.update(func() { c.silent = false })
	}
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	if c.lingers.Load() && c.mayLinger() {
		c.linger()
	}
	c.update(func() { c.l.remove(c) })
	return c.TCPConn.Close()
}

// mayLinger reports whether there is time to linger, and makes the end of the server end it.
func (c *conn) mayLinger() (may bool) {
	c.update(func() {
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

// ownConn returns the connection of the listener below those that wrap it, or nil if it is none.
func ownConn(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	own, _ := c.(*conn)
	return own
}

// closeAfter gives a client that may still be sending its answer before the connection is closed.
func closeAfter(c *fasthttp.RequestCtx) {
	c.SetConnectionClose()
	if own := ownConn(c.Conn()); own != nil {
		own.lingers.Store(true)
	}
}
