package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"graphited/render"
	"graphited/render/draw"
	"graphited/render/fn"
	"graphited/whisper"
)

// TestRenderErrors: what is wrong with a query is 400 and says where.
func TestRenderErrors(t *testing.T) {
	s := serve(t, nil)
	f := func(query string, want ...string) {
		t.Helper()
		a := ask(t, s, "GET", "/render?format=json&"+query, "", "X-Grafana-Org-ID", "1<")
		if a.status != 400 || !strings.HasPrefix(a.body, "Invalid parameters (") || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
		for _, w := range want {
			if !strings.Contains(a.body, w) {
				t.Errorf("%s: %s, want %s", query, a.body, w)
			}
		}
	}
	f("target=nosuch(top)&target=(a%26b", "nosuch", `; targets: "nosuch(top), (a&amp;b"`, `; source: "grafana-org-id: 1&lt;"`)
	f("target=)", "; position: ")
	f("target=movingAverage(top,%27x%27)", `func: "movingAverage`)
	f("target=scale(top)")
	f("target=top&from=now&until=now", "Invalid empty time range")
	f("target=top&from=-5bogus", "-5bogus")
	f("target=top&jsonp=a-b", "jsonp")
	f("target=top&maxDataPoints=0", "maxDataPoints")
}

// TestRenderWarning: text after a target that is ignored is told in a header.
func TestRenderWarning(t *testing.T) {
	s := serve(t, nil)
	a := ask(t, s, "GET", "/render?format=json&target=top%20x%C3%BC%0d%0aX-Evil:+1", "")
	if w := a.header.Get("X-Graphited-Warning"); a.status != 200 || w == "" || strings.ContainsAny(w, "\r\n") || a.header.Get("X-Evil") != "" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if a := ask(t, s, "GET", "/render?format=json&target=top", ""); a.header.Get("X-Graphited-Warning") != "" {
		t.Errorf("warned of nothing: %v", a.header)
	}
}

// TestRenderProblems: a target that cannot be evaluated costs the others nothing, in any
// format, and a header tells what is missing.
func TestRenderProblems(t *testing.T) {
	s := serve(t, func(o *setup) { o.CacheSize, o.Draw = 1<<20, nil })
	bad := "&target=nosuch(top%3B)&target=scale(top,'x')&target=groupByNode(top,0,'%C3%BC')&target=%20"
	for _, format := range []string{"json", "csv", "raw", "pickle", "msgpack", "dygraph", "rickshaw", "protobuf", "png", "svg", "pdf"} {
		for range 2 { // not from what is kept, either
			a := ask(t, s, "GET", "/render?format="+format+"&target=top"+bad, "")
			text := a.header.Get("X-Graphited-Errors")
			if a.status != 200 || len(a.body) == 0 || !strings.Contains(a.header.Get("Cache-Control"), "no-store") ||
				!strings.HasPrefix(text, `1 0 target unknown function nosuch; 2 0 target scale(): parameter "factor" is 'x', expected a number; 3 0 target groupByNode(): unsupported aggregation function "?"`) {
				t.Errorf("%s: %d %q %v, %d bytes", format, a.status, text, a.header, len(a.body))
			}
		}
	}
	if a := ask(t, s, "GET", "/render?format=json&target=%20"+bad, ""); a.status != 400 || a.header.Get("X-Graphited-Errors") != "" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if a := ask(t, s, "GET", "/render?format=json&target=top", ""); a.header.Get("X-Graphited-Errors") != "" {
		t.Errorf("%v", a.header)
	}
	if a := ask(t, s, "GET", "/render?format=svg&graphType=pie&target=a:1&target=scale(", ""); a.status != 200 || !strings.HasPrefix(a.header.Get("X-Graphited-Errors"), "0 6 target expected") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	for _, as := range []string{"json&maxDataPoints=10", "png&width=200", "svg&width=200"} {
		one := ask(t, s, "GET", "/render?target=top&target=consolidateBy(top,'x')&format="+as, "")
		if one.status != 200 || !strings.HasPrefix(one.header.Get("X-Graphited-Errors"), `1 0 part series "consolidateBy(top,\"x\")" has the unknown consolidation function "x"`) {
			t.Errorf("%s: %d %v", as, one.status, one.header)
		}
		if all := ask(t, s, "GET", "/render?target=consolidateBy(top,'x')&format="+as, ""); all.status != 400 {
			t.Errorf("%s: %d %v", as, all.status, all.header)
		}
	}
	many := ask(t, s, "GET", "/render?format=json&target=top"+strings.Repeat("&target=nosuch("+strings.Repeat("x", 500)+"(", 50), "")
	if text := many.header.Get("X-Graphited-Errors"); many.status != 200 || len(text) > 1100 || !strings.Contains(text, " more") {
		t.Errorf("%d: %d bytes: %q", many.status, len(text), text)
	}
}

func TestRenderImages(t *testing.T) {
	var asked draw.Graph
	fail := false
	s := serve(t, func(o *setup) {
		o.Draw = func(_ context.Context, dst []byte, g draw.Graph) ([]byte, error) {
			asked = g
			if fail {
				return dst, errors.New("no ink")
			}
			return append(dst, `<svg a="b">`...), nil
		}
	})
	f := func(query, format, contentType, body string) {
		t.Helper()
		a := ask(t, s, "GET", "/render?target=top&from=-10min&"+query, "")
		if a.status != 200 || a.header.Get("Content-Type") != contentType || a.body != body || asked.Format != format {
			t.Errorf("%s: %d %v %s, drawn as %s", query, a.status, a.header, a.body, asked.Format)
		}
	}
	f("", "png", "image/png", `<svg a="b">`)
	f("format=png", "png", "image/png", `<svg a="b">`)
	f("format=bogus", "png", "image/png", `<svg a="b">`)
	f("format=svg", "svg", "image/svg+xml", `<svg a="b">`)
	f("format=svg&jsonp=cb", "svg", "text/javascript", `cb("<svg a=\"b\">")`)
	f("jsonp=cb", "png", "image/png", `<svg a="b">`)
	f("format=pdf", "pdf", "application/x-pdf", `<svg a="b">`)
	f("format=json&graphType=pie&width=7", "png", "image/png", `<svg a="b">`)
	if w, ok := asked.Param("width"); !asked.Pie || w != "7" || !ok || len(asked.Series) != 1 || asked.Until-asked.From != 600 {
		t.Errorf("drawn: %+v", asked)
	}
	fail = true
	if a := ask(t, s, "GET", "/render?target=top", ""); a.status != 500 || strings.Contains(a.body, "ink") {
		t.Errorf("a failing Draw: %d %s", a.status, a.body)
	}
}

// TestRenderPie: slices that are given by value are not evaluated.
func TestRenderPie(t *testing.T) {
	var asked draw.Graph
	s := serve(t, func(o *setup) {
		o.Draw = func(_ context.Context, dst []byte, g draw.Graph) ([]byte, error) {
			asked = g
			return append(dst, 'x'), nil
		}
	})
	a := ask(t, s, "GET", "/render?graphType=pie&target=a:1.5&target=top&target=:-2&target=x:y", "")
	want := []draw.Slice{{Name: "a", Value: 1.5}, {Name: "", Value: -2}}
	if a.status != 200 || !slices.Equal(asked.Slices, want) || len(asked.Series) != 1 {
		t.Errorf("%d %s: %+v", a.status, a.body, asked)
	}
}

// TestRenderDrawn asks for real pictures.
func TestRenderDrawn(t *testing.T) {
	s := serve(t, func(o *setup) { o.Draw = nil })
	f := func(query, contentType, prefix string) {
		t.Helper()
		a := ask(t, s, "GET", "/render?target=servers.*.cpu.*&from=-10min&"+query, "")
		if a.status != 200 || a.header.Get("Content-Type") != contentType || !strings.HasPrefix(a.body, prefix) {
			t.Errorf("%s: %d %v %.100q", query, a.status, a.header, a.body)
		}
	}
	f("", "image/png", "\x89PNG")
	f("graphType=pie", "image/png", "\x89PNG")
	f("format=svg", "image/svg+xml", "<?xml")
	f("format=svg&jsonp=cb", "text/javascript", `cb("<?xml`)
	f("format=pdf", "application/x-pdf", "%PDF")
	if a := ask(t, s, "GET", "/render?target=top&width=1000000&height=1000000", ""); a.status != 400 || !strings.HasPrefix(a.body, "Invalid parameters (") {
		t.Errorf("a giant picture: %d %s", a.status, a.body)
	}
}

// stuck is a store whose reads wait until they are released, or for the end of their context.
type stuck struct {
	*fixture
	reading, released chan struct{}
}

func (s stuck) Fetch(ctx context.Context, _ string, _, _, _ int64) (whisper.Series, error) {
	s.reading <- struct{}{}
	select {
	case <-s.released:
		return whisper.Series{}, whisper.ErrNoData
	case <-ctx.Done():
		return whisper.Series{}, ctx.Err()
	}
}

// TestRenderOverload: one query runs, one waits, the third is told to come again,
// and the deadline ends those that get no further.
func TestRenderOverload(t *testing.T) {
	store := stuck{loadFixture(t), make(chan struct{}, 9), make(chan struct{})}
	start := func(patience time.Duration) *Server {
		return serve(t, func(o *setup) {
			engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: store})
			if err != nil {
				t.Fatal(err)
			}
			o.Engine, o.MaxQueries, o.MaxQueuedQueries, o.QueryTimeout = engine, 1, 1, patience
		})
	}
	s := start(time.Hour)
	get := func(status chan<- int, more string) { // each another question: equal ones share an answer
		resp, err := http.Get("http://" + s.Addr().String() + "/render?target=top&format=json" + more)
		if err != nil {
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}
	status := make(chan int)
	go get(status, "&n=1")
	<-store.reading
	go get(status, "&n=2")
	until(t, "the second waits", func() bool { _, n := s.query.Renders.Load(); return n > 0 })
	a := ask(t, s, "GET", "/render?target=top&format=json", "")
	if a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "too many queries") {
		t.Errorf("the third: %d %v %s", a.status, a.header, a.body)
	}
	close(store.released)
	for range 2 {
		if got := <-status; got != 200 {
			t.Errorf("after the wait: %d", got)
		}
	}
	store.released = make(chan struct{})
	s = start(50 * time.Millisecond)
	go get(status, "&n=1")
	go get(status, "&n=2")
	for range 2 {
		if got := <-status; got != 503 {
			t.Errorf("after the deadline: %d", got)
		}
	}
}

func TestFunctions(t *testing.T) {
	s := serve(t, nil)
	var all map[string]map[string]any
	get := func(path string, to any) string {
		t.Helper()
		a := ask(t, s, "GET", path, "")
		if err := json.Unmarshal([]byte(strings.ReplaceAll(a.body, "1e9999", "0")), to); a.status != 200 || err != nil {
			t.Fatalf("%s: %d %v %s", path, a.status, err, a.body)
		}
		return a.body
	}
	body := get("/functions", &all)
	if len(all) < 100 || all["sumSeries"]["group"] != "Combine" || all["sum"]["name"] != "sum" {
		t.Errorf("%d functions, sumSeries %v", len(all), all["sumSeries"])
	}
	if strings.Contains(body, "Infinity") {
		t.Error("not JSON: Infinity")
	}
	var groups map[string]map[string]map[string]any
	get("/functions/?grouped=1", &groups)
	n := 0
	for name, g := range groups {
		for f, info := range g {
			if n++; info["group"] != name || info["name"] != f {
				t.Errorf("%s in %s: %v", f, name, info)
			}
		}
	}
	if n != len(all) {
		t.Errorf("%d grouped of %d", n, len(all))
	}
	var alias map[string]map[string]any
	get("/functions?group=Alias", &alias)
	if len(alias) == 0 || len(alias) != len(groups["Alias"]) {
		t.Errorf("group Alias: %d of %d", len(alias), len(groups["Alias"]))
	}
	var one map[string]any
	if body := get("/functions/scale?pretty=1", &one); !strings.HasPrefix(body, "{\n  \"description\": ") || one["function"] != "scale(seriesList, factor)" {
		t.Errorf("pretty: %s", body)
	}
	body = get("/functions/keepLastValue", &one)
	if !strings.Contains(body, `"default": 1e9999}`) || !strings.HasPrefix(body, `{"name": "keepLastValue", "function": "`) {
		t.Errorf("keepLastValue: %s", body)
	}
	get("/functions?type=pie", &all)
	if a := ask(t, s, "GET", "/functions/nosuch", ""); a.status != 404 || a.body != `{"error": "Function not found: nosuch"}` {
		t.Errorf("nosuch: %d %s", a.status, a.body)
	}
}

// TestProblemFields: a client that accepts them gets the fields of an error, whatever form others
// get.
func TestProblemFields(t *testing.T) {
	s := serve(t, nil)
	const accept = "application/problem+json, */*"
	for path, want := range map[string]string{
		"/render?format=json&target=top&from=x": `{"status": 400, "detail": "`,
		"/render?format=json&target=scale(top,": `{"status": 400, "detail": "expected`,
		"/render?format=png&target=%20nosuch()": `"target": 0, "position": 1`,
		"/tags?limit=x":                         `{"status": 400, "detail": "invalid literal`,
		"/nosuch":                               `{"status": 404, "detail": "there is nothing at this path`,
	} {
		a := ask(t, s, "GET", path, "", "Accept", accept)
		if a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, want) {
			t.Errorf("%s: %s %s, want %s", path, a.header.Get("Content-Type"), a.body, want)
		}
	}
	a := ask(t, s, "GET", "/render?format=json&target=top&target=nosuch(top)", "")
	if got := a.header.Get("X-Graphited-Problems"); a.status != 200 || !strings.HasPrefix(got, `[{"detail": "`) || !strings.Contains(got, `"target": 1, "position": 0`) {
		t.Errorf("%d, X-Graphited-Problems: %s", a.status, got)
	}
}
