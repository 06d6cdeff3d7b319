package api

import (
	"context"
	"strings"
	"testing"

	"graphited/render"
)

// TestNoLimits: 0 is no limit, of whatever.
func TestNoLimits(t *testing.T) {
	s := serve(t, func(o *setup) {
		o.MaxFound, o.QueryTimeout, o.MaxQueries, o.MaxQueuedQueries, o.MaxAnswer, o.MaxParameters, o.MaxBody, o.MaxConnections = 0, 0, 0, 0, 0, 0, 0, 0
		o.ReadTimeout, o.WriteTimeout, o.IdleTimeout = 0, 0, 0
		o.Ingest = func(_ context.Context, _ string, body []byte) (int, error) { return len(body), nil }
	})
	f := expect(t, s)
	f("POST", "/api/ingest", strings.Repeat("a.b 1 -1\n", 1<<20), 204, "")
	if a := ask(t, s, "POST", "/render", "format=json&target=none"+strings.Repeat("&x=1", 10_000)); a.status != 200 {
		t.Errorf("10,000 parameters: %d", a.status)
	}
	f("GET", "/metrics/expand?query=none&groupByExpr=0", "", 200, `{"results": []}`)
}

// TestOptionsAreChecked: New refuses what Check finds.
func TestOptionsAreChecked(t *testing.T) {
	f := func(key string, change func(o *setup)) {
		t.Helper()
		o := setup{Options: DefaultOptions()}
		change(&o)
		found := ""
		for k := range o.Check {
			found += k
		}
		if found != key {
			t.Errorf("found %q, want %q", found, key)
		}
		o.Engine, o.Finder = new(render.Engine), loadFixture(t)
		if _, err := prepare(o.Options, o.deps()); key != "" && (err == nil || !strings.Contains(err.Error(), "cannot use "+key)) {
			t.Errorf("%s: New says %v", key, err)
		}
	}
	f("", func(o *setup) {})
	f("TIME_ZONE", func(o *setup) { o.TimeZone = "Mars" })
	f("URL_PREFIX", func(o *setup) { o.URLPrefix = "a b" })
	f("CORS_ORIGINS", func(o *setup) { o.CORSOrigins = []string{"*", "grafana"} })
	f("CLUSTER_SERVERS", func(o *setup) { o.Servers = []string{"a", "b:99999"} })
	f("REMOTE_STORE_FORWARD_HEADERS", func(o *setup) { o.ForwardHeaders = []string{"a b"} })
	for _, prefix := range []string{"/graphite", "graphite/", "/a/b-c/d_e/f.g/~h", "/", ""} {
		f("", func(o *setup) { o.URLPrefix = prefix })
	}
	for _, origin := range []string{"https://grafana.example", "http://localhost:3000", "http://192.0.2.1", "http://[::1]:3000", "*", "chrome-extension://abcdef"} {
		f("", func(o *setup) { o.CORSOrigins = []string{origin} })
	}
	for _, server := range []string{"a", "a:80", "http://a.b.example.", "https://u:p@a_b:8443/x?format=msgpack", "[::1]:8080", `["a"`, `'b']`, "192.0.2.1", "a/b%20c"} {
		f("", func(o *setup) { o.Servers = []string{server} })
	}
}
