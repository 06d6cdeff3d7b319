package api

import (
	"context"
	"strings"
	"testing"
)

// TestFlags: a flag that is no number is refused by name.
func TestFlags(t *testing.T) {
	s := serve(t, nil)
	f := func(path string, status int, want string) {
		t.Helper()
		if a := ask(t, s, "GET", path, ""); a.status != status || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, flag := range []string{"leavesOnly", "local", "wildcards", "position", "automatic_variants"} {
		f("/metrics/find?query=a&"+flag+"=yes", 400, "Invalid int value 'yes' for param "+flag)
		f("/metrics/find?query=a&"+flag+"=-7", 200, "[")
	}
	for _, flag := range []string{"leavesOnly", "local", "groupByExpr"} {
		f("/metrics/expand?query=a&"+flag+"=yes", 400, "invalid literal")
	}
	f("/metrics/index.json?local=yes", 400, "invalid literal")
	f("/metrics/find?query=a&until=bogus", 400, "for param until")
	f("/metrics/find?query=a&now=-1h&tz=No/Where&from=-2h", 200, "[")
	f("/metrics/find?query=a&now=-1", 400, "for param now")
}

// TestNoInterval: a leaf of which nobody knows how far it reaches.
func TestNoInterval(t *testing.T) {
	s := serve(t, withFind(t, func(_ context.Context, yield func(string, bool) bool) { yield("ghost", true) }))
	f := func(format, want string) {
		t.Helper()
		if a := ask(t, s, "GET", "/metrics/find?query=ghost&format="+format, ""); a.status != 200 || a.body != want {
			t.Errorf("%s: %d %q", format, a.status, a.body)
		}
	}
	f("json", `[{"path": "ghost", "is_leaf": true, "intervals": []}]`)
	f("msgpack", "\x91\x83\xa4path\xa5ghost\xa7is_leaf\xc3\xa9intervals\x90")
}
