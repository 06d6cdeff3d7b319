package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"iter"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"graphited/carbon/facts"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp keeps its clock for Date headers, and its workers end on their own.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock"), // it ends a while after the last match
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*TCPDialer).tcpAddrsClean"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// finder is a Finder made of functions.
type finder struct {
	*fixture
	find func(ctx context.Context, yield func(string, bool) bool)
}

func (f finder) Find(ctx context.Context, _ string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) { f.find(ctx, yield) }
}

// withFind makes Find of a server what find does.
func withFind(t testing.TB, find func(ctx context.Context, yield func(string, bool) bool)) func(*setup) {
	return func(o *setup) { o.Finder = finder{loadFixture(t), find} }
}

func TestMethods(t *testing.T) {
	s := serve(t, nil)
	f := func(method, path string, want int) {
		t.Helper()
		if a := ask(t, s, method, path, ""); a.status != want || want == 405 && (a.header.Get("Allow") == "" || a.body != "") {
			t.Errorf("%s %s: %d %q %v, want %d", method, path, a.status, a.body, a.header, want)
		}
	}
	for _, path := range []string{"/render", "/metrics/find", "/metrics/expand", "/metrics/index.json", "/version", "/functions", "/tags", "/events", "/health", "/"} {
		for _, m := range []string{"PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"} {
			f(m, path, 405)
		}
	}
	f("POST", "/version", 405)
	f("POST", "/health", 405)
	f("POST", "/functions/scale", 405)
	f("GET", "/tags/delSeries", 405)
	f("HEAD", "/version", 200)
	f("HEAD", "/metrics/find?query=*", 200)
	f("HEAD", "/nosuch", 404)
	f("GET", "/", 200)
	f("GET", "/lb_check", 200)
	f("GET", "/health/", 200)
	f("GET", "/events/x", 404)
	f("GET", "/events/-1", 404)
	f("GET", "/functions/nosuch/", 404)
	f("PUT", "/nosuch", 404)
}

func TestURLPrefix(t *testing.T) {
	s := serve(t, func(o *setup) { o.URLPrefix = "/graphite/" })
	f := func(path string, want int) {
		t.Helper()
		if a := ask(t, s, "GET", path, ""); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	f("/graphite/version", 200)
	f("/graphite/version/", 200)
	f("/graphite", 200)
	f("/graphite/", 200)
	f("/graphite/tags/", 200)
	f("/graphitex/version", 404)
	f("/version", 404)
	f("/", 404)
}

// TestPanic: one bad request is one bad answer.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, func(o *setup) {
		withFind(t, func(context.Context, func(string, bool) bool) { panic("secret") })(o)
		o.Log = zerolog.New(&log)
	})
	a := ask(t, s, "GET", "/metrics/find?query=a", "")
	id, ok := strings.CutPrefix(a.body, "internal error ")
	if a.status != 500 || !ok || strings.Contains(a.body, "secret") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if l := log.String(); !strings.Contains(l, id) || !strings.Contains(l, "secret") || !strings.Contains(l, "server_test.go") {
		t.Errorf("logged %s, want id %s and the stack", l, id)
	}
	if a := ask(t, s, "GET", "/version", ""); a.status != 200 {
		t.Errorf("afterwards: %d", a.status)
	}
}

func TestTimeout(t *testing.T) {
	s := serve(t, func(o *setup) {
		withFind(t, func(ctx context.Context, _ func(string, bool) bool) { <-ctx.Done() })(o)
		o.QueryTimeout = time.Millisecond
	})
	a := ask(t, s, "GET", "/metrics/find?query=a", "")
	if a.status != 503 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "took longer than 1ms") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
}

func TestTooManyFound(t *testing.T) {
	s := serve(t, func(o *setup) {
		withFind(t, func(_ context.Context, yield func(string, bool) bool) {
			for yield("a", true) {
			}
		})(o)
		o.MaxFound = 10
	})
	for _, path := range []string{"/metrics/find?query=*", "/metrics/expand?query=*"} {
		if a := ask(t, s, "GET", path, ""); a.status != 400 || !strings.Contains(a.body, "more than 10") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// TestStop: Run lets a request end that is under way, and cancels one that takes
// too long.
func TestStop(t *testing.T) {
	for _, patience := range []time.Duration{time.Minute, time.Millisecond} {
		f := loadFixture(t)
		asked, release := make(chan struct{}), make(chan struct{})
		o := newSetup(t, f)
		o.StopTimeout = patience
		o.Finder = finder{f, func(ctx context.Context, _ func(string, bool) bool) {
			close(asked)
			select {
			case <-release:
			case <-ctx.Done():
			}
		}}
		s, err := New(o.Options, o.deps())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		// An idle connection must not keep the server.
		idle, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		answered := make(chan int, 1)
		go func() {
			resp, err := http.Get("http://" + s.Addr().String() + "/metrics/find?query=a")
			if err != nil {
				answered <- 0
				return
			}
			resp.Body.Close()
			answered <- resp.StatusCode
		}()
		<-asked
		cancel()
		want := 503
		if patience == time.Minute {
			close(release)
			want = 200
		}
		if got := <-answered; got != want {
			t.Errorf("with %v: the request under way got %d, want %d", patience, got, want)
		}
		if err := <-ended; err != nil {
			t.Errorf("with %v: %v", patience, err)
		}
		idle.Close()
		http.DefaultClient.CloseIdleConnections()
		if _, err := net.DialTimeout("tcp", s.Addr().String(), time.Second); err == nil {
			t.Error("still listening")
		}
	}
}

// TestStopAtOnce: Run ends also when its context ends before it has begun.
func TestStopAtOnce(t *testing.T) {
	f := loadFixture(t)
	for range 20 {
		o := newSetup(t, f)
		s, err := New(o.Options, o.deps())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestNewErrors(t *testing.T) {
	o := newSetup(t, loadFixture(t))
	if _, err := New(o.Options, Deps{}); err == nil {
		t.Error("made without an engine")
	}
	bad := o
	bad.TimeZone = "No/Where"
	if _, err := New(bad.Options, bad.deps()); err == nil || !strings.Contains(err.Error(), `"No/Where"`) {
		t.Errorf("unknown zone: %v", err)
	}
	s, err := New(o.Options, o.deps())
	if err != nil {
		t.Fatal(err)
	}
	o.Addr.Port = s.Addr().(*net.TCPAddr).Port
	if _, err := New(o.Options, o.deps()); err == nil || !strings.Contains(err.Error(), "cannot listen for HTTP") {
		t.Errorf("port in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestGzip(t *testing.T) {
	s := serve(t, nil)
	f := func(path, accept string, want bool) {
		t.Helper()
		a := ask(t, s, "GET", path, "", "Accept-Encoding", accept)
		got := a.header.Get("Content-Encoding") == "gzip"
		if got != want {
			t.Errorf("%s, %q: %v", path, accept, a.header)
		}
		if got {
			z, err := gzip.NewReader(strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if plain := ask(t, s, "GET", path, "", "Accept-Encoding", "identity"); err != nil || string(b) != plain.body {
				t.Errorf("%s: %v, %q is not %q", path, err, b, plain.body)
			}
			if a.header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary: %q", a.header.Get("Vary"))
			}
		}
	}
	f("/metrics/index.json", "gzip", true)
	f("/metrics/index.json", "deflate, GZIP;q=0.5, br", true)
	f("/metrics/index.json", "gzip;q=0", false)
	f("/metrics/index.json", "gzip; q=0.0", false)
	f("/metrics/index.json", "identity", false)
	f("/metrics/index.json", "x-gzip-not", false)
	f("/version", "gzip", false) // too short
}

func TestHealth(t *testing.T) {
	checks := []facts.Condition{{Name: "disk", OK: true}, {Name: "writer", OK: true, Detail: "idle"}}
	var mu sync.Mutex
	s := serve(t, func(o *setup) {
		o.Health = func() []facts.Condition {
			mu.Lock()
			defer mu.Unlock()
			return append([]facts.Condition(nil), checks...)
		}
	})
	f := func(path string, status int, body string) {
		t.Helper()
		if a := ask(t, s, "GET", path, ""); a.status != status || a.body != body {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	f("/health", 200, `{"ok": true, "checks": [{"name": "disk", "ok": true, "detail": ""}, {"name": "writer", "ok": true, "detail": "idle"}]}`)
	f("/lb_check", 200, "Ok\n")
	mu.Lock()
	checks = []facts.Condition{{Name: "disk", Detail: "full"}}
	mu.Unlock()
	f("/health", 503, `{"ok": false, "checks": [{"name": "disk", "ok": false, "detail": "full"}]}`)
	f("/lb_check", 503, "Not well\n")
}

// TestMultipart: a form may come as multipart/form-data.
func TestMultipart(t *testing.T) {
	s := serve(t, nil)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("query", "servers.*")
	_ = form.WriteField("leavesOnly", "1")
	form.Close()
	send := func(body string) answer {
		resp, err := http.Post("http://"+s.Addr().String()+"/metrics/expand?query=deep.*", form.FormDataContentType(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, _ := io.ReadAll(resp.Body)
		return answer{resp.StatusCode, resp.Header, string(got)}
	}
	if a := send(b.String()); a.body != `{"results": ["deep.a", "servers.web02"]}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := send(b.String()[:b.Len()/2]); a.status != 400 {
		t.Errorf("half a form: %d %s", a.status, a.body)
	}
}

// TestAccessLog: a request is a line at level debug, and none above.
func TestAccessLog(t *testing.T) {
	var log lockedBuffer
	s := serve(t, func(o *setup) { o.Log = zerolog.New(&log) })
	ask(t, s, "GET", "/version?x=1", "")
	quiet := serve(t, func(o *setup) { o.Log = zerolog.New(&log).Level(zerolog.InfoLevel) })
	ask(t, quiet, "GET", "/health", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || len(lines) != 1 {
		t.Fatalf("%v: %q", err, lines)
	}
	if line["level"] != "debug" || line["path"] != "/version" || line["status"] != 200.0 || line["method"] != "GET" {
		t.Errorf("%v", line)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }
