package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"graphited/carbon/index"
)

// TestMaxFound: as many names as METRICS_FIND_FAILURE_THRESHOLD are given, and one more is too many.
func TestMaxFound(t *testing.T) {
	two := request2("servers.*", "top")
	for _, c := range []struct {
		method, path, body string
		found              int
	}{
		{"GET", "/metrics/find?query=servers.*", "", 3},
		{"GET", "/metrics/expand?query=servers.*", "", 3},
		{"GET", "/metrics/find?query=servers.*&format=protobuf", "", 3},
		{"POST", "/metrics/find?format=carbonapi_v3_pb", two, 4}, // of two patterns together
	} {
		for most, want := range map[int]int{0: 200, c.found: 200, c.found - 1: 400} {
			s := serve(t, func(o *setup) { o.MaxFound = most })
			if a := ask(t, s, c.method, c.path, c.body, "Content-Type", "application/octet-stream"); a.status != want {
				t.Errorf("%s, at most %d: %d %.200s, want %d", c.path, most, a.status, a.body, want)
			}
		}
	}
}

// TestMaxFoundOfAll: the limit is one of what this server and the others know together.
func TestMaxFoundOfAll(t *testing.T) {
	other := serve(t, nil)
	s := joined(t, holding(60, map[string][]float64{"own": {1}}), nil, addr(other))
	f := expect(t, s)
	all := len(strings.Split(ask(t, s, "GET", "/metrics/find?query=*&format=completer", "").body, `"path"`)) - 1
	if all < 3 {
		t.Fatalf("%d names are found", all)
	}
	for most, want := range map[int]int{all: 200, all - 1: 400} {
		s.query.Names.MaxFound = most
		f("GET", "/metrics/find?query=*", "", want, "")
	}
}

// request2 is a MultiGlobRequest for patterns.
func request2(patterns ...string) string {
	var b strings.Builder
	for _, p := range patterns {
		b.WriteString("\x0a" + string(rune(len(p))) + p)
	}
	return b.String()
}

// TestMaxParameters: as many parameters as HTTP_MAX_PARAMETERS are read, wherever they stand.
func TestMaxParameters(t *testing.T) {
	const most = 3
	s := serve(t, func(o *setup) {
		o.MaxParameters = most
		o.Metadata = metadataDouble{"a k": "v"}
	})
	f := expect(t, s)
	for n, want := range map[int]int{most: 200, most + 1: 400} {
		params := "query=top" + strings.Repeat("&x=1", n-1)
		f("GET", "/metrics/find?"+params, "", want, "")
		f("POST", "/metrics/find", params, want, "")
		f("POST", "/metrics/find?x=1", strings.Replace(params, "&x=1", "", 1), want, "")
		var b strings.Builder
		w := multipart.NewWriter(&b)
		for i := range n {
			if err := w.WriteField([]string{"query", "x"}[min(i, 1)], "top"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if a := ask(t, s, "POST", "/metrics/find", b.String(), "Content-Type", w.FormDataContentType()); a.status != want {
			t.Errorf("a form of %d parts: %d %s", n, a.status, a.body)
		}
		ops := strings.Repeat(`,{"metric":"a","key":"k","value":"v"}`, n)[1:]
		if a := ask(t, s, "POST", "/metrics/set-metadata", "["+ops+"]", "Content-Type", "application/json"); a.status != want {
			t.Errorf("%d operations: %d %s", n, a.status, a.body)
		}
		if a := ask(t, s, "POST", "/metrics/find?format=carbonapi_v3_pb", request2(slices.Repeat([]string{"top"}, n)...), "Content-Type", "application/octet-stream"); a.status != want {
			t.Errorf("%d patterns in a message: %d %s", n, a.status, a.body)
		}
		fetches := slices.Repeat([]fetched{{"top", 1, 2, "top"}}, n)
		wantFetch := map[bool]int{true: 404, false: 400}[want == 200] // there are no points
		if a := ask(t, s, "POST", "/render?format=carbonapi_v3_pb", request3(fetches...), "Content-Type", "application/octet-stream"); a.status != wantFetch && !(want == 200 && a.status == 200) {
			t.Errorf("%d series in a message: %d %s", n, a.status, a.body)
		}
	}
}

// TestAnswerSizes: an answer of as many points, or bytes, as the limit is given.
func TestAnswerSizes(t *testing.T) {
	now := loadFixture(t).Now
	from, until := now-300, now
	url := fmt.Sprintf("/render?format=json&target=top&from=%d&until=%d", from, until)
	a := ask(t, serve(t, func(o *setup) { o.MaxAnswer = 1 }), "GET", url, "")
	needs := regexp.MustCompile(`as long as one of (\d+) points`).FindStringSubmatch(a.body)
	if needs == nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	points, _ := strconv.Atoi(needs[1])
	for most, want := range map[int]int{0: 200, points: 200, points - 1: 400} {
		s := serve(t, func(o *setup) { o.MaxAnswer = most })
		if a := ask(t, s, "GET", url, ""); a.status != want {
			t.Errorf("%d points, at most %d: %d %s", points, most, a.status, a.body)
		}
	}
	message := request3(fetched{"top", from, until, "top"})
	size := len(ask(t, serve(t, nil), "POST", "/render?format=carbonapi_v3_pb", message, "Content-Type", "application/octet-stream").body)
	for most, want := range map[int]int{0: 200, size: 200, size - 1: 400} {
		s := serve(t, func(o *setup) { o.MaxMessage = most })
		if a := ask(t, s, "POST", "/render?format=carbonapi_v3_pb", message, "Content-Type", "application/octet-stream"); a.status != want {
			t.Errorf("%d bytes, at most %d: %d %s", size, most, a.status, a.body)
		}
	}
}

// The limits of package admin and query.
const (
	mostDeletedNames = 10_000
	searchLimit      = 50
	maxSearch        = 1000
)

// TestDeleteMany: an answer counts all that was deleted, and lists the first of them.
func TestDeleteMany(t *testing.T) {
	s := serve(t, func(o *setup) {
		withFind(t, func(_ context.Context, yield func(string, bool) bool) {
			for i := range mostDeletedNames + 1 {
				if !yield(fmt.Sprintf("m%d", i), true) {
					return
				}
			}
		})(o)
		o.WritableAPI, o.MaxQueries, o.MaxQueuedQueries = true, 1, 1
		o.Remove = func(_ context.Context, names []string) ([]string, error) { return names, nil }
	})
	for range 2 { // the second one needs the place of the first
		var got struct {
			Matched, Deleted int
			Metrics          []string
		}
		a := ask(t, s, "POST", "/metrics/delete", "query=*")
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Matched != mostDeletedNames+1 || got.Deleted != mostDeletedNames+1 || len(got.Metrics) != mostDeletedNames {
			t.Fatalf("%d: %d matched, %d deleted, %d listed, %v", a.status, got.Matched, got.Deleted, len(got.Metrics), err)
		}
	}
}

// searched is a finder that records the limit of a search.
type searched struct {
	*fixture
	limit *int
}

func (s searched) Search(_ string, limit int) ([]index.Found, error) {
	*s.limit = limit
	return nil, nil
}

func TestSearchLimit(t *testing.T) {
	var asked int
	s := serve(t, func(o *setup) {
		o.Finder = searched{loadFixture(t), &asked}
	})
	for limit, want := range map[string]int{"": searchLimit, "&limit=1000": maxSearch, "&limit=1001": maxSearch, "&limit=9223372036854775807": maxSearch, "&limit=7": 7} {
		if ask(t, s, "GET", "/metrics/search?query=a"+limit, ""); asked != want {
			t.Errorf("%q: %d are asked for, want %d", limit, asked, want)
		}
	}
}

// TestLengthsOfNames: the longest that is taken, and one more, of what stands in an answer.
func TestLengthsOfNames(t *testing.T) {
	s := serve(t, nil)
	for n, want := range map[int]int{64: 200, 65: 400} {
		if a := ask(t, s, "GET", "/metrics/find?query=top&jsonp="+strings.Repeat("f", n), ""); a.status != want {
			t.Errorf("a callback of %d bytes: %d", n, a.status)
		}
	}
	for n, kept := range map[int]bool{128: true, 129: false} {
		id := strings.Repeat("x", n)
		if a := ask(t, s, "GET", "/version", "", "X-Request-Id", id); (a.header.Get("X-Request-Id") == id) != kept {
			t.Errorf("the id of a request has %d bytes: it is answered with %q", n, a.header.Get("X-Request-Id"))
		}
	}
}

// TestBackupFromAfar: who is not on this machine gets no backup.
func TestBackupFromAfar(t *testing.T) {
	o := newSetup(t, loadFixture(t))
	called := false
	o.Backup = func(context.Context, io.Writer, func(func(string, int64) (io.Writer, error)) error) error {
		called = true
		return nil
	}
	var req fasthttp.Request
	var resp fasthttp.Response
	req.Header.SetMethod(http.MethodPost)
	req.SetRequestURI("/api/backup")
	if err := Answer(o.Options, o.deps(), &req, &resp); err != nil || resp.StatusCode() != 403 || called {
		t.Errorf("a request from no address of this machine: %d %s, %v, a backup was made: %v", resp.StatusCode(), resp.Body(), err, called)
	}
}
