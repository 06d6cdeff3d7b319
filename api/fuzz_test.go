package api

import (
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"graphited/render"
)

// FuzzRequest sends whatever to every endpoint: no answer is an internal error,
// and what calls itself JSON is.
func FuzzRequest(f *testing.F) {
	fix := loadFixture(f)
	engine, err := render.NewEngine(render.EngineOptions{Store: fix, MaxPoints: 100_000})
	if err != nil {
		f.Fatal(err)
	}
	o := DefaultOptions()
	o.Interface, o.Port, o.Engine, o.Finder, o.Events = "127.0.0.1", 0, engine, fix, &eventList{}
	s, err := New(o)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	for _, path := range []string{
		"/render?target=servers.*&format=json&maxDataPoints=3", "/render?target=a&format=dygraph&from=-1h&now=1700000000",
		"/metrics/find?query={a,b}*&format=completer&automatic_variants=1", "/metrics/expand?query=..&groupByExpr=1",
		"/metrics/index.json?pretty=1", "/functions?grouped=1", "/functions/scale", "/events/get_data?tags=a&set=union", "/health",
	} {
		f.Add(path, "", "*/*")
	}
	f.Add("/tags/findSeries", "expr=a=b", "application/json")
	f.Add("/metrics?query=a", "query=*&format=nodelist&position=-1", "")
	f.Add("/events", `{"what": "x", "tags": ["a"]}`, "")
	f.Fuzz(func(t *testing.T, uri, body, accept string) {
		var c fasthttp.RequestCtx
		c.Init(&fasthttp.Request{}, &net.TCPAddr{}, nil)
		c.Request.SetRequestURI(uri)
		c.Request.Header.Set("Accept", accept)
		if body != "" {
			c.Request.Header.SetMethod("POST")
			c.Request.Header.SetContentType("application/x-www-form-urlencoded")
			c.Request.SetBodyString(body)
		}
		s.serve(&c)
		status := c.Response.StatusCode()
		if status >= 500 && status != 503 {
			t.Errorf("%d %s", status, c.Response.Body())
		}
		if ct := string(c.Response.Header.ContentType()); strings.HasPrefix(ct, "application/json") && !json.Valid(c.Response.Body()) {
			t.Errorf("not JSON: %s", c.Response.Body())
		}
	})
}
