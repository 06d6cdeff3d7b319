package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rs/zerolog"

	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper"
)

func TestPreferred(t *testing.T) {
	f := func(accept, want string) {
		t.Helper()
		if got := preferred(accept); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	f("", "")
	f("identity", "")
	f("gzip", "gzip")
	f("GZIP ; Q=0.5", "gzip")
	f("gzip, deflate, br, zstd", "zstd")
	f("zstd;q=0.5, gzip", "gzip")
	f("zstd;q=0.5, gzip;q=0.4", "zstd")
	f("gzip;q=0", "")
	f("gzip;q=0.000", "")
	f("zstd;q=0, gzip;q=0.1", "gzip")
	f("*", "gzip")
	f("*;q=0", "")
	f("gzip;q=0, *", "")
	f("gzip;q=nonsense", "")
	f("gzip;q=7", "")
	f("br, deflate", "")
}

// TestCompression: the same answer comes back, whichever way it was packed.
func TestCompression(t *testing.T) {
	s := serve(t, nil)
	const path = "/functions"
	plain := ask(t, s, "GET", path, "", "Accept-Encoding", "identity")
	for _, coding := range []string{"gzip", "zstd"} {
		a := ask(t, s, "GET", path, "", "Accept-Encoding", coding)
		var got []byte
		var err error
		if coding == "gzip" {
			var z *gzip.Reader
			if z, err = gzip.NewReader(strings.NewReader(a.body)); err == nil {
				got, err = io.ReadAll(z)
			}
		} else {
			var z *zstd.Decoder
			if z, err = zstd.NewReader(nil); err == nil {
				got, err = z.DecodeAll([]byte(a.body), nil)
				z.Close()
			}
		}
		if err != nil || string(got) != plain.body || len(a.body) > len(plain.body)/2 {
			t.Errorf("%s: %d bytes of %d, %v", coding, len(a.body), len(plain.body), err)
		}
		if a.header.Get("Content-Encoding") != coding || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", coding, a.header)
		}
	}
	if a := ask(t, s, "GET", "/version", "", "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" {
		t.Error("a few bytes were compressed")
	}
}

func TestRequestID(t *testing.T) {
	log := &bytes.Buffer{}
	var mu sync.Mutex
	s := serve(t, func(o *setup) {
		o.AccessLog, o.Log = true, zerolog.New(lockedWriter{&mu, log})
	})
	own := regexp.MustCompile(`^[0-9a-f]{16}$`)
	f := func(given, want string) {
		t.Helper()
		a := ask(t, s, "GET", "/version", "", "X-Request-Id", given)
		got := a.header.Get("X-Request-Id")
		if want != "" && got != want || want == "" && !own.MatchString(got) {
			t.Errorf("%q: %q", given, got)
		}
	}
	f("", "")
	f("abc-123_4.5:6/7+8=", "abc-123_4.5:6/7+8=")
	f("a b", "")
	f("<script>", "")
	f("\u00fc", "")
	f(strings.Repeat("a", 129), "")
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(log.String(), `"level":"info"`) || !strings.Contains(log.String(), `"id":"abc-123_4.5:6/7+8="`) {
		t.Errorf("logged %s", log)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func TestUnknownPath(t *testing.T) {
	s := serve(t, func(o *setup) { o.URLPrefix = "/g" })
	for path, want := range map[string]string{"/g/find": "did you mean /g/metrics/find?", "/g/x/render": "did you mean /g/render?", "/g/%3Cb%3E": "/prometheus, all below /g", "/render": "all below /g"} {
		if a := ask(t, s, "GET", path, ""); a.status != 404 || !strings.Contains(a.body, want) || strings.Contains(a.body, "<b>") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestLatencies(t *testing.T) {
	s := serve(t, func(o *setup) { o.Prometheus = func(dst []byte) []byte { return dst } })
	ask(t, s, "GET", "/render?target=top&format=json", "")
	ask(t, s, "GET", "/render?target=(", "")
	body := ask(t, s, "GET", "/prometheus", "").body
	for _, want := range []string{
		`graphited_http_request_seconds_bucket{endpoint="render",le="+Inf"} 2`, `graphited_http_request_seconds_count{endpoint="render"} 2`,
		`graphited_http_requests_total{endpoint="render",class="2xx"} 1`, `graphited_http_requests_total{endpoint="render",class="4xx"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, `endpoint="find"`) {
		t.Error("there is an endpoint that was not asked")
	}
}

// counted is a store that counts and can hold up its reads.
type counted struct {
	*fixture
	reads *atomic.Int64
	hold  chan struct{} // a message lets one read go on; nil: none waits
}

func (c counted) Fetch(ctx context.Context, name string, from, until, now int64) (whisper.Series, error) {
	c.reads.Add(1)
	if c.hold != nil {
		select {
		case <-c.hold:
		case <-ctx.Done():
			return whisper.Series{}, ctx.Err()
		}
	}
	return c.fixture.Fetch(ctx, name, from, until, now)
}

func serveCounted(t *testing.T, hold chan struct{}, change func(*setup)) (*Server, *atomic.Int64) {
	t.Helper()
	store := counted{loadFixture(t), new(atomic.Int64), hold}
	return serve(t, func(o *setup) {
		engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: store})
		if err != nil {
			t.Fatal(err)
		}
		o.Engine = engine
		if change != nil {
			change(o)
		}
	}), store.reads
}

// TestShared: of many equal requests one is computed at a time, and none gets an
// answer that was begun before it came.
func TestShared(t *testing.T) {
	hold := make(chan struct{})
	s, reads := serveCounted(t, hold, nil)
	const path, n = "/render?target=top&format=json", 20
	got := make(chan string, n)
	one := func(salt int) {
		resp, err := http.Get(fmt.Sprintf("http://%s%s&_salt=%d", s.Addr(), path, salt))
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		got <- resp.Status + " " + resp.Header.Get("Content-Type") + " " + resp.Header.Get("Cache-Control") + " " + string(b)
	}
	go one(0)
	until(t, "the first is computed", func() bool { return reads.Load() == 1 })
	for i := range n - 1 {
		go one(i + 1)
	}
	until(t, "all others wait", func() bool { _, waiting := s.query.Shared.Load(); return waiting == n-2 })
	hold <- struct{}{}
	hold <- struct{}{}
	first := <-got
	if !strings.HasPrefix(first, "200 OK application/json max-age=60 [") {
		t.Errorf("got %s", first)
	}
	for range n - 1 {
		if a := <-got; a != first {
			t.Errorf("got %s, want %s", a, first)
		}
	}
	if r := reads.Load(); r != 2 || s.query.Shared.Joined.Load() != n-2 {
		t.Errorf("computed %d times, shared by %d", r, s.query.Shared.Joined.Load())
	}
	if n, _ := s.query.Shared.Load(); n != 0 {
		t.Error("something is left of them")
	}
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("%s: not within a minute", what)
}

func TestRenderCache(t *testing.T) {
	var now atomic.Int64
	s, reads := serveCounted(t, nil, func(o *setup) {
		at := o.Now().Unix()
		now.Store(at)
		o.CacheSize, o.Now = 1<<20, func() time.Time { return time.Unix(now.Load(), 0) }
	})
	f := func(path string, want int64) {
		t.Helper()
		before := reads.Load()
		a := ask(t, s, "GET", "/render?format=json&"+path, "")
		if got := reads.Load() - before; a.status != 200 || got != want || !strings.HasPrefix(a.body, `[{"target": "top"`) || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d, %d reads, want %d; %s", path, a.status, got, want, a.body)
		}
	}
	f("target=top", 1)
	f("target=top", 0)
	f("target=top&_ts=1", 0)
	f("target=top&noCache=0", 1)
	f("target=top&noCache=0", 1)
	f("target=top&cacheTimeout=0", 1)
	f("target=top&cacheTimeout=0", 1)
	f("target=top&cacheTimeout=5", 1)
	f("cacheTimeout=5&target=top", 0)
	now.Add(5)
	f("target=top&cacheTimeout=5", 1)
	f("target=top", 0)
	now.Add(56)
	f("target=top", 1)
	if a := ask(t, s, "GET", "/render?format=json&target=(", ""); a.status != 400 {
		t.Errorf("an error: %d", a.status)
	}
}

// TestBackup is for the machine itself: no proxy, no other site's page, and only by POST.
func TestBackup(t *testing.T) {
	s := serve(t, func(o *setup) {
		o.WriteTimeout = time.Hour
		o.Backup = func(_ context.Context, w io.Writer, more func(func(string, int64) (io.Writer, error)) error) error {
			if _, err := io.WriteString(w, strings.Repeat("backup", 1<<16)); err != nil {
				return err
			}
			return more(func(string, int64) (io.Writer, error) { return w, nil })
		}
	})
	if a := ask(t, s, "POST", "/api/backup", "", "Accept-Encoding", "gzip"); a.status != 200 || len(a.body) < 6<<16 || a.header.Get("Content-Encoding") != "" {
		t.Errorf("status %d, %d bytes, %v", a.status, len(a.body), a.header)
	}
	if a := ask(t, s, "GET", "/api/backup", ""); a.status != 405 {
		t.Errorf("by GET: %d", a.status)
	}
	for _, header := range [][2]string{{"X-Forwarded-For", "192.0.2.1"}, {"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		if a := ask(t, s, "POST", "/api/backup", "", header[0], header[1]); a.status != 403 {
			t.Errorf("%s: %d", header, a.status)
		}
	}
	if a := ask(t, serve(t, nil), "POST", "/api/backup", ""); a.status != 501 {
		t.Errorf("nothing to back up: %d", a.status)
	}
}
