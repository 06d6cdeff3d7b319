package api

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// leaver is a client that can leave in more than one way.
type leaver struct {
	net.Conn
	tcp *net.TCPConn
	in  *bufio.Reader
}

// send connects and sends a GET of path in a version of HTTP.
func send(t *testing.T, s *Server, path, version string) *leaver {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	l := &leaver{Conn: c, tcp: c.(*net.TCPConn)}
	if s.d.TLS != nil {
		l.Conn = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	l.in = bufio.NewReader(l.Conn)
	l.get(t, path, version)
	return l
}

func (l *leaver) get(t *testing.T, path, version string) {
	t.Helper()
	if _, err := fmt.Fprintf(l, "GET %s HTTP/%s\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", path, version); err != nil {
		t.Fatal(err)
	}
}

// status reads an answer.
func (l *leaver) status(t *testing.T) int {
	t.Helper()
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func (l *leaver) reset() {
	_ = l.tcp.SetLinger(0)
	_ = l.tcp.Close()
}

// TestLeft: a query ends when its client has left, however it did, and takes no
// place from others; so does one that waits for its turn.
func TestLeft(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	defer certified.Close()
	for _, secure := range []*tls.Config{nil, certified.TLS} {
		s, reads := serveCounted(t, make(chan struct{}), func(o *setup) { o.MaxQueries, o.TLS, o.QueryTimeout = 2, secure, time.Hour })
		var clients []*leaver
		for i := range 6 {
			clients = append(clients, send(t, s, fmt.Sprintf("/render?target=top&format=json&from=-%dmin", i+10), "1.1"))
		}
		until(t, "two run and four wait", func() bool { return reads.Load() == 2 && waitingRenders(s) == 4 })
		for i, c := range clients {
			switch {
			case i%2 == 0:
				c.Close()
			default:
				c.reset()
			}
		}
		until(t, "all have ended", func() bool {
			return s.site.Counts.ClientGone.Load() == 6 && waitingRenders(s) == 0 && runningRenders(s) == 0
		})
		if n := s.site.Counts.HalfClosed.Load(); n != 0 {
			t.Errorf("%d counted as half closed", n)
		}
		until(t, "all are counted", func() bool { return s.metrics.endpoints["render"].classes[4].Load() == 6 })
	}
}

// TestHalfClosed: who has only closed its own side of the connection is answered.
func TestHalfClosed(t *testing.T) {
	hold := make(chan struct{})
	s, reads := serveCounted(t, hold, func(o *setup) { o.MaxQueries, o.QueryTimeout = 1, time.Hour })
	const path = "/render?target=top&format=json&from=-"
	c := send(t, s, path+"10min", "1.1")
	until(t, "it runs", func() bool { return reads.Load() == 1 })
	if err := c.tcp.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := c.status(t); got != 100 {
		t.Errorf("asked with status %d", got)
	}
	time.Sleep(lookEvery) // it is looked at again
	hold <- struct{}{}
	if got := c.status(t); got != 200 {
		t.Errorf("HTTP/1.1: %d", got)
	}
	// HTTP/1.0 cannot be asked. It keeps its place until another waits for that.
	c = send(t, s, path+"11min", "1.0")
	until(t, "it runs", func() bool { return reads.Load() == 2 })
	_ = c.tcp.CloseWrite()
	time.Sleep(2 * lookEvery)
	hold <- struct{}{}
	if got := c.status(t); got != 200 {
		t.Errorf("HTTP/1.0: %d", got)
	}
	c = send(t, s, path+"12min", "1.0")
	until(t, "it runs", func() bool { return reads.Load() == 3 })
	_ = c.tcp.CloseWrite()
	other := send(t, s, path+"13min", "1.1")
	if got := c.status(t); got != 499 {
		t.Errorf("HTTP/1.0, while another waits: %d", got)
	}
	hold <- struct{}{}
	if got := other.status(t); got != 200 || s.site.Counts.HalfClosed.Load() != 1 || s.site.Counts.ClientGone.Load() != 0 {
		t.Errorf("the other: %d; %d half closed, %d gone", got, s.site.Counts.HalfClosed.Load(), s.site.Counts.ClientGone.Load())
	}
}

// TestPipelined: requests that wait in the socket are no sign of having left, nor do
// they hide it.
func TestPipelined(t *testing.T) {
	hold := make(chan struct{})
	s, reads := serveCounted(t, hold, func(o *setup) { o.QueryTimeout = time.Hour })
	const path = "/render?target=top&format=json"
	c := send(t, s, path, "1.1")
	until(t, "it runs", func() bool { return reads.Load() == 1 })
	c.get(t, path, "1.1")
	c.get(t, path, "1.1")
	time.Sleep(2 * lookEvery)
	hold <- struct{}{}
	hold <- struct{}{}
	for range 2 {
		if got := c.status(t); got != 200 {
			t.Errorf("answered %d", got)
		}
	}
	until(t, "the third runs", func() bool { return reads.Load() == 3 })
	c.get(t, path, "1.1")
	c.Close()
	until(t, "it has ended", func() bool { return s.site.Counts.ClientGone.Load() == 1 && runningRenders(s) == 0 })
}

func runningRenders(s *Server) int { n, _ := s.query.Renders.Load(); return n }

func waitingRenders(s *Server) int { _, n := s.query.Renders.Load(); return n }

// lookEvery is the time between two looks at a client, see package call.
const lookEvery = 250 * time.Millisecond

// TestLeftShared: what somebody else waits for is computed to the end, and no longer
// than that.
func TestLeftShared(t *testing.T) {
	hold := make(chan struct{})
	s, reads := serveCounted(t, hold, func(o *setup) { o.QueryTimeout = time.Hour })
	const path = "/render?target=top&format=json"
	others := func(n int) func() bool {
		return func() bool {
			computing, waiting := s.query.Shared.Load()
			return waiting == n && (computing == 2 || reads.Load() == 2)
		}
	}
	first := send(t, s, path, "1.1")
	until(t, "the first runs", func() bool { return reads.Load() == 1 })
	computes := send(t, s, path, "1.1")
	until(t, "the second waits", others(0))
	shares, shares2 := send(t, s, path, "1.1"), send(t, s, path, "1.1")
	until(t, "two share it", others(2))
	hold <- struct{}{}
	if got := first.status(t); got != 200 {
		t.Errorf("the first: %d", got)
	}
	until(t, "the second runs", func() bool { return reads.Load() == 2 })
	computes.Close()
	shares.Close()
	until(t, "one is known to have left", func() bool { return s.site.Counts.ClientGone.Load() == 1 && others(1)() })
	time.Sleep(2 * lookEvery)
	if runningRenders(s) != 1 {
		t.Error("what somebody waits for was ended")
	}
	shares2.Close()
	until(t, "all have ended", func() bool { return s.site.Counts.ClientGone.Load() == 3 && runningRenders(s) == 0 })
}
