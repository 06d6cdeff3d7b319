package api

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestLingers: who is refused halfway and goes on sending all it has is told why.
func TestLingers(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	defer certified.Close()
	const much = 10 << 20
	large := strings.Repeat("x", much)
	for _, secure := range []*tls.Config{nil, certified.TLS} {
		s := serve(t, func(o *setup) { o.TLS = secure })
		f := func(name string, want int, request string) {
			t.Helper()
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if secure != nil {
				c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			if _, err := io.WriteString(c, request); err != nil {
				t.Errorf("%s: cannot send: %v", name, err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Errorf("%s: no answer: %v", name, err)
				return
			}
			if _, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != want || !resp.Close {
				t.Errorf("%s: %s, %v, want %d", name, resp.Status, err, want)
			}
		}
		f("a long URL", 431, "GET /render?target="+large+" HTTP/1.1\r\nHost: x\r\n\r\n")
		f("a long header", 431, "GET /render HTTP/1.1\r\nHost: x\r\nX: "+large+"\r\n\r\n")
		f("many headers", 431, "GET /render HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("X: y\r\n", much/6)+"\r\n")
		f("a body with its length", 413, fmt.Sprintf("POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", much, large))
		f("a body in chunks", 413, fmt.Sprintf("POST /render HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", much, large))
		f("two lengths and much", 400, fmt.Sprintf("POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: %d\r\n\r\n%s", much, large))
		f("length and chunks", 400, fmt.Sprintf("POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s", large))
	}
}

// TestLingersNoLonger: neither one that never stops sending nor the end of the server
// is waited for.
func TestLingersNoLonger(t *testing.T) {
	s := serve(t, nil)
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	block := []byte(strings.Repeat("x", 1<<16))
	sent := 0
	for err == nil {
		var n int
		n, err = c.Write(block)
		sent += n
	}
	if ne, ok := err.(net.Error); ok && ne.Timeout() || sent > 4*lingerBytes {
		t.Errorf("%d bytes could be sent: %v", sent, err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := newListener(l, func(net.Addr) bool { return true }, 0, nil)
	defer l.Close()
	go func() {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			_, _ = io.ReadAll(c) // to the end of what is said, and no further
			own.stop()
			_, _ = io.ReadAll(c)
			c.Close()
		}
	}()
	accepted, err := own.Accept()
	if err != nil {
		t.Fatal(err)
	}
	accepted.(*conn).lingers.Store(true)
	if err := accepted.Close(); err == nil {
		t.Error("it was closed by its own, not by stop")
	}
}

// TestOusted: connections that wait make room for others, the longest wait first, and
// those with a request under way do not.
func TestOusted(t *testing.T) {
	hold := make(chan struct{})
	s, reads := serveCounted(t, hold, func(o *setup) { o.MaxConnections, o.QueryTimeout = 4, time.Hour })
	dial := func(send string) net.Conn {
		t.Helper()
		before := s.ln.opened()
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(c, send); err != nil {
			t.Fatal(err)
		}
		until(t, "it is accepted", func() bool { return s.ln.opened() > before || before == 4 })
		return c
	}
	answered := func(c net.Conn) bool {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != 200 {
			return false
		}
		until(t, "it waits for the next", func() bool { return s.ln.busy() <= 1 })
		return true
	}
	runs := dial("GET /render?target=top&format=json HTTP/1.1\r\nHost: x\r\n\r\n")
	until(t, "it runs", func() bool { return reads.Load() == 1 })
	slow := dial("GET /version HTT")
	kept := dial("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
	if !answered(kept) {
		t.Error("not answered")
	}
	silent := dial("")
	for i, c := range []net.Conn{slow, kept, silent} {
		if !answered(dial("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")) {
			t.Error("no room was made")
		}
		if n := s.metrics.ousted.Load(); n != int64(i+1) {
			t.Errorf("%d were closed, want %d", n, i+1)
		}
		if b, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("the %d. is not closed: %q, %v", i, b, err)
		}
	}
	hold <- struct{}{}
	if !answered(runs) {
		t.Error("the one with a request was closed")
	}
}

// opened returns how many connections there are.
func (l *listener) opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open.Len()
}

// busy returns how many of them have a request under way.
func (l *listener) busy() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.open.Front(); e != nil; e = e.Next() {
		if e.Value.(*conn).busy {
			n++
		}
	}
	return n
}
