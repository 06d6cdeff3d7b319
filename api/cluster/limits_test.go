package cluster

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/render"
	"graphited/whisper"
)

// TestAccept: a request that has been here, or has come a long way, is a loop.
func TestAccept(t *testing.T) {
	c := of(t, nil, http.NotFound)
	_, own := c.Node()
	others := func(n int) string { return strings.TrimSuffix(strings.Repeat("other, ", n), ", ") }
	for via, want := range map[string]bool{
		"": true, own: false, "other," + own: false, "other, " + own + " ,another": false, own + "x": true,
		others(maxVia - 1): true, others(maxVia): false,
	} {
		_, ok := c.Accept(t.Context(), func(name string) string {
			if name == viaHeader {
				return via
			}
			return ""
		})
		if ok != want {
			t.Errorf("a request by way of %q is accepted: %v", via, ok)
		}
	}
}

// TestLongestURL: what is longer than other programs take in a URL is sent as a form.
func TestLongestURL(t *testing.T) {
	s := newServer(address{host: "h:1"}, DefaultSettings(), nil, zerolog.Nop())
	for n, method := range map[int]string{maxURL: fasthttp.MethodGet, maxURL + 1: fasthttp.MethodPost} {
		var args fasthttp.Args
		args.Set("x", strings.Repeat("y", n-len("http://h:1/render/")-len("x=")))
		var req fasthttp.Request
		s.write(&req, request{path: "/render/", args: &args})
		if got := string(req.Header.Method()); got != method {
			t.Errorf("an address and a query of %d bytes are sent by %s", n, got)
		}
	}
	const room = maxURL - 500
	rest := strings.Repeat("t", room/2-len("&target="))
	for extra, want := range map[string]int{"": 1, "t": 2} {
		if got := inBatches([]string{rest, rest + extra}); len(got) != want {
			t.Errorf("two targets of %d bytes are sent in %d requests, want %d", len(rest)+len(extra), len(got), want)
		}
	}
}

// TestLargestAnswer: an answer over CLUSTER_MAX_ANSWER is left out with a warning.
func TestLargestAnswer(t *testing.T) {
	c := of(t, func(o *Settings) { o.MaxAnswer = 4999 }, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 5000)) })
	_, out, err := c.Find(t.Context(), "*", 0, 0)
	if err != nil || !strings.Contains(strings.Join(out.Warnings, " "), "CLUSTER_MAX_ANSWER") {
		t.Errorf("warnings %q, %v", out.Warnings, err)
	}
	for n, fails := range map[int]bool{64 << 10: false, 64<<10 + 1: true} {
		e := entry{name: strings.Repeat("x", n), series: whisper.Series{Values: []float64{}}}
		if err := e.check(0, 60); (err != nil) != fails {
			t.Errorf("a name of %d bytes: %v", n, err)
		}
	}
}

// TestRequestsAtATime: a server gets no more requests at the same time than CLUSTER_MAX_REQUESTS,
// and each gives its place to the next.
func TestRequestsAtATime(t *testing.T) {
	var now, most atomic.Int64
	c := of(t, func(o *Settings) { o.MaxRequests = 1 }, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
	})
	var patterns []render.Pattern
	for i := range 4 {
		patterns = append(patterns, render.Pattern{Text: strings.Repeat("x", maxURL) + fmt.Sprint(i)})
	}
	if r, err := c.Fetch(t.Context(), patterns, 0, 60, 60); err != nil || len(r.Warnings) > 0 {
		t.Errorf("%q, %v", r.Warnings, err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _, _, _ = c.Find(t.Context(), "*", 0, 0) })
	}
	all.Wait()
	if n := most.Load(); n != 1 {
		t.Errorf("%d requests at the same time, want 1", n)
	}
}

// TestAssignedApart: a series that two patterns want is two, since each may be changed.
func TestAssignedApart(t *testing.T) {
	var to targets
	to.of = map[string][]int{"a": {0, 1}}
	got, err := to.assign([]entry{{name: "a", path: "a", series: whisper.Series{Values: []float64{1}}}}, []string{"a"})
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	got[0].Values[0] = 2
	if got[1].Values[0] != 1 {
		t.Error("two patterns share the values of a series")
	}
}

// TestEntriesThatAreWrong: what is said of them has no password.
func TestEntriesThatAreWrong(t *testing.T) {
	for _, entry := range []string{"user:hush@box:65536", "http://user:hush@box#x", "user:hush@box?format=xml"} {
		if _, err := parseServer(entry, false); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", url.QueryEscape(entry), err)
		}
	}
	for host, want := range map[string]bool{"h:65535": true, "h:65536": false, "h:1": true, "h:0": false} {
		if got := ValidHost(host); got != want {
			t.Errorf("%s is valid: %v", host, got)
		}
	}
}
