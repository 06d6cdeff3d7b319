package api

import (
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
// It also outlives a lack of file descriptors; fasthttp takes any error of
// Accept for the end.
type listener struct {
	net.Listener
	admits func(from net.Addr) bool // whether it may connect

	mu       sync.Mutex
	silent   map[*conn]struct{}
	stopping bool
}

type conn struct {
	*net.TCPConn
	l     *listener
	heard bool // only the reader's goroutine touches it
	// lingers: what the client still sends is read before the connection is closed.
	lingers atomic.Bool
}

// A client that is refused before all of its request was read goes on sending, and a
// connection that is closed with something unread is reset: the answer would be lost
// on the way. So much, and for so long, is read and thrown away after the answer.
const (
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
)

func newListener(l net.Listener, admits func(net.Addr) bool) *listener {
	return &listener{Listener: l, admits: admits, silent: make(map[*conn]struct{})}
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
	c := &conn{TCPConn: t, l: l}
	if !l.remember(c) {
		_ = t.Close()
		return nil
	}
	return c
}

// remember notes a connection that need not be waited for when the server ends, and
// tells whether it has not ended yet.
func (l *listener) remember(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		return false
	}
	l.silent[c] = struct{}{}
	return true
}

// stop ends the connections that have not said a word, or are refused, now and from now on.
func (l *listener) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopping = true
	for c := range l.silent {
		_ = c.TCPConn.Close()
	}
	clear(l.silent)
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.silent, c)
}

// Read reads, and makes a note of the first word.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if n > 0 && !c.heard {
		c.heard = true
		c.l.forget(c)
	}
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	c.l.forget(c)
	if c.lingers.Load() && c.l.remember(c) {
		c.linger()
		c.l.forget(c)
	}
	return c.TCPConn.Close()
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
