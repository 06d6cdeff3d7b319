package api

import (
	"errors"
	"net"
	"sync"
	"time"
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
}

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
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		_ = t.Close()
		return nil
	}
	c := &conn{TCPConn: t, l: l}
	l.silent[c] = struct{}{}
	return c
}

// stop ends the connections that have not said a word, now and from now on.
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
	return c.TCPConn.Close()
}
