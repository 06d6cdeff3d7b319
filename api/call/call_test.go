package call

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/render"
)

// TestClassify: which error is whose fault.
func TestClassify(t *testing.T) {
	site := &Site{QueryTimeout: time.Second, Log: zerolog.Nop()}
	f := func(err error, status int, msg string) {
		t.Helper()
		q := &Request{RequestCtx: &fasthttp.RequestCtx{}, Site: site}
		if got, m := q.classify(err); got != status || !strings.HasPrefix(m, msg) {
			t.Errorf("%v: %d %q, want %d %q", err, got, m, status, msg)
		}
	}
	f(BadRequest("x"), 400, "x")
	f(fmt.Errorf("wrapped: %w", NotFound("x")), 404, "x")
	f(&render.Error{Kind: render.BadRequest, Msg: "m", Func: "f"}, 400, "m")
	f(&render.Error{Kind: render.TooLarge, Msg: "m"}, 400, "m")
	f(&render.Error{Kind: render.Unavailable, Msg: "m"}, 503, "m")
	f(&render.Error{Kind: render.Unavailable, Msg: "m", Err: context.DeadlineExceeded}, 503, "the query took longer than 1s")
	f(fmt.Errorf("wrapped: %w", context.DeadlineExceeded), 503, "the query took longer than 1s")
	f(context.Canceled, 503, "the server is stopping")
	f(io.ErrUnexpectedEOF, 500, "internal error ")
	f(errors.New("secret"), 500, "internal error ")
}

// TestGate: so many at a time, so many wait, the rest are told so.
func TestGate(t *testing.T) {
	g := NewGate(2, 1)
	ctx, cancel := context.WithCancel(context.Background())
	for range 2 {
		if err := g.Enter(ctx); err != nil {
			t.Fatal(err)
		}
	}
	entered := make(chan error)
	go func() { entered <- g.Enter(ctx) }()
	for g.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	var f *Failure
	if err := g.Enter(ctx); !errors.As(err, &f) || f.Status != 429 {
		t.Errorf("the fourth: %v", err)
	}
	g.Leave()
	if err := <-entered; err != nil {
		t.Errorf("the third: %v", err)
	}
	cancel()
	if err := g.Enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if n := g.waiting.Load(); n != 0 {
		t.Errorf("%d wait", n)
	}
}

func TestZones(t *testing.T) {
	z, err := NewZones("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := func(name, want string) {
		t.Helper()
		if got := z.Get(name).String(); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	f("", "Europe/Berlin")
	f("UTC", "UTC")
	f("utc", "UTC")
	f("America/New_York", "America/New_York")
	f("america/new_york", "America/New_York")
	f("Local", "Europe/Berlin")
	f("local", "Europe/Berlin")
	f("No/Where", "Europe/Berlin")
	f("../../../etc/passwd", "Europe/Berlin")
	f("/etc/localtime", "Europe/Berlin")
	f(strings.Repeat("x", 10_000), "Europe/Berlin")
}

// TestSharedBody: many who share a large answer hold it once, and what one is sent
// packed is packed once.
func TestSharedBody(t *testing.T) {
	r := &Reply{Body: make([]byte, 2*largeBody)}
	packed := 0
	pack := func(string, []byte) []byte { packed++; return make([]byte, 10) }
	for range 3 {
		if got := r.Pack("gzip", pack); len(got) != 10 {
			t.Errorf("packed into %d bytes", len(got))
		}
	}
	r.Pack("zstd", pack)
	if packed != 2 {
		t.Errorf("packed %d times, want once for each coding", packed)
	}
	var q Request
	q.RequestCtx = new(fasthttp.RequestCtx)
	if err := r.Give(&q); err != nil || &q.Response.Body()[0] != &r.Body[0] {
		t.Errorf("the body was copied, %v", err)
	}
	q.Finish(make([]byte, 2*largeBody), "text/plain")
	if own := ReplyOf(&q, nil); &own.Body[0] != &q.Response.Body()[0] {
		t.Error("a large body was copied")
	}
	q.Finish([]byte("small"), "text/plain")
	if own := ReplyOf(&q, nil); &own.Body[0] == &q.Response.Body()[0] {
		t.Error("a body of the pool is shared")
	}
}

// TestValidCallback: only the name of a function is allowed.
func TestValidCallback(t *testing.T) {
	f := func(name string, want bool) {
		t.Helper()
		if got := validCallback(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	f("cb", true)
	f("$", true)
	f("_a.b.c9", true)
	f("jQuery1234_5678", true)
	f("angular.callbacks._0", true)
	f(strings.Repeat("a", 64), true)
	f(strings.Repeat("a", 65), false)
	f("", false)
	f("9a", false)
	f(".a", false)
	f("a b", false)
	f("a;b", false)
	f("alert(1)//", false)
	f("a[0]", false)
	f("\u00fc", false)
	f("a\n", false)
}
