package api

import (
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"graphited/api/store"
	"graphited/carbon/facts"
	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper"
)

// FuzzRequest sends whatever to every endpoint: no answer is an internal error,
// and what calls itself JSON is.
func FuzzRequest(f *testing.F) {
	fix := loadFixture(f)
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: fix, Limits: render.Limits{MaxPoints: 100_000}})
	if err != nil {
		f.Fatal(err)
	}
	st, err := store.Open(filepath.Join(f.TempDir(), "web.db"), store.Options{MaxBytes: 16 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = st.Close() })
	o := newSetup(f, fix)
	o.Engine, o.Tags, o.Draw, o.Now, o.Events, o.Saved = engine, nil, nil, nil, st, st
	o.Spec = func(string) (whisper.Spec, bool) {
		return whisper.Spec{Method: whisper.Average, Archives: []whisper.Archive{{Step: 60, Points: 10}}}, true
	}
	o.File = func(string) (facts.File, bool) { return facts.File{Size: 1}, true }
	o.Metadata = metadataDouble{}
	s, err := New(o.Options, o.deps())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	for _, path := range []string{
		"/render?target=servers.*&format=json&maxDataPoints=3", "/render?target=a&format=dygraph&from=-1h&now=1700000000",
		"/metrics/find?query={a,b}*&format=completer&automatic_variants=1", "/metrics/expand?query=..&groupByExpr=1",
		"/metrics/index.json?pretty=1", "/functions?grouped=1", "/functions/scale", "/events/get_data?tags=a&set=union", "/health",
		"/dashboard/load/a", "/dashboard/load_template/t/x", "/dashboard/find?query=a", "/browser/mygraph?path=a", "/s/render?target=a", "/S/B",
		"/info?target=a", "/metrics/list", "/metrics/details?query=*", "/_internal/capabilities", "/metrics/get-metadata?metric=a&key=b", "/ready",
	} {
		f.Add(path, "", "*/*")
	}
	f.Add("/tags/findSeries", "expr=a=b", "application/json")
	f.Add("/metrics?query=a", "query=*&format=nodelist&position=-1", "")
	f.Add("/dashboard/save/a", `state={"a": [1.5]}`, "")
	f.Add("/dashboard/save_template/t/key", `state={"graphs": [["key", {"target": ["key"]}, "key"]]}`, "")
	f.Add("/composer/mygraph", "action=save&graphName=a.b&url=/render", "")
	f.Add("/metrics/set-metadata", `operations=[{"metric": "a"}]`, "")
	f.Add("/render?format=carbonapi_v3_pb", recordedMessage(f, "v3/MultiFetchRequest"), typeV3)
	f.Add("/metrics/find/", recordedMessage(f, "v3/MultiGlobRequest"), typeV3)
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
		if status >= 500 && status != 503 && status != 507 {
			t.Errorf("%d %s", status, c.Response.Body())
		}
		if ct := string(c.Response.Header.ContentType()); strings.HasPrefix(ct, "application/json") && !json.Valid(c.Response.Body()) {
			t.Errorf("not JSON: %s", c.Response.Body())
		}
	})
}
