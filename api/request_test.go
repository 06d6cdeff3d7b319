package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// TestPipelining: requests on one connection are answered in turn, each with its
// own parameters and its own body.
func TestPipelining(t *testing.T) {
	s := serve(t, nil)
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	for i := range 20 {
		if i%2 == 0 {
			fmt.Fprintf(c, "GET /metrics/expand?query=servers.web0%d HTTP/1.1\r\nHost: x\r\n\r\n", i%4)
		} else {
			fmt.Fprintf(c, "POST /metrics/expand HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nquery=top")
		}
	}
	in := bufio.NewReader(c)
	for i := range 20 {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		want := `{"results": ["top"]}`
		switch i % 4 {
		case 0:
			want = `{"results": []}`
		case 2:
			want = `{"results": ["servers.web02"]}`
		}
		if string(b) != want {
			t.Errorf("answer %d: %s, want %s", i, b, want)
		}
	}
}

// TestSilentConnections: those that never speak end with the server, those that
// do are not counted among them.
func TestSilentConnections(t *testing.T) {
	s := serve(t, nil)
	silent := func() (n int) {
		s.ln.mu.Lock()
		defer s.ln.mu.Unlock()
		for e := s.ln.open.Front(); e != nil; e = e.Next() {
			if e.Value.(*conn).silent {
				n++
			}
		}
		return n
	}
	wait := func(want int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); silent() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d silent connections, want %d", silent(), want)
			}
		}
	}
	var conns []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	wait(3)
	_, _ = io.WriteString(conns[0], "G")
	wait(2)
	conns[1].Close()
	wait(1)
	s.ln.stop()
	_ = conns[2].SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := conns[2].Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the silent one: %v", err)
	}
	late, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	_ = late.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := late.Read(make([]byte, 1)); err == nil {
		t.Error("one more is served after stop")
	}
	wait(0)
}

// TestTooManyConnections: when all have a request under way the next is refused, not
// queued for ever.
func TestTooManyConnections(t *testing.T) {
	s, reads := serveCounted(t, make(chan struct{}), func(o *setup) {
		o.MaxConnections, o.MaxQueries, o.QueryTimeout, o.StopTimeout = 1, 1000, time.Hour, time.Millisecond
	})
	const most = 1 + ending
	for i := range most {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /render?target=top&format=json&from=-%dmin HTTP/1.1\r\nHost: x\r\n\r\n", i+10)
		until(t, "it runs", func() bool { return reads.Load() >= min(int64(i+1), 4) && s.ln.busy() == i+1 })
	}
	for _, status := range raw(t, s, "GET /version HTTP/1.1\r\nHost: x\r\n\r\n") {
		if !strings.HasPrefix(status, "503") {
			t.Errorf("one more: %s", status)
		}
	}
}

// BenchmarkRender is one request for 100 series of 10 points, network aside.
func BenchmarkRender(b *testing.B) {
	benchmarkRequest(b, "/render?format=json&target=servers.*.cpu.*&from=-10min&now=1700000000")
}

func BenchmarkFind(b *testing.B) { benchmarkRequest(b, "/metrics/find?query=servers.*") }

func benchmarkRequest(b *testing.B, uri string) {
	s := serve(b, nil)
	var c fasthttp.RequestCtx
	c.Init(&fasthttp.Request{}, &net.TCPAddr{}, nil)
	b.ReportAllocs()
	for range b.N {
		c.Request.Reset()
		c.Response.Reset()
		c.Request.SetRequestURI(uri)
		s.serve(&c)
	}
	if status := c.Response.StatusCode(); status != 200 {
		b.Fatalf("%d %s", status, c.Response.Body())
	}
	b.SetBytes(int64(len(c.Response.Body())))
}
