package api

import (
	"strings"
	"testing"
)

// TestNoTags: without an index there are none, and none can be made.
func TestNoTags(t *testing.T) {
	s := serve(t, func(o *setup) { o.Tags = nil })
	f := func(method, path, body string, status int, want string) {
		t.Helper()
		if a := ask(t, s, method, path, body); a.status != status || a.body != want {
			t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
		}
	}
	f("GET", "/tags", "", 200, "[]")
	f("GET", "/tags/host", "", 200, "null")
	f("GET", "/tags/findSeries?expr=a=b", "", 200, "[]")
	f("GET", "/tags/autoComplete/tags", "", 200, "[]")
	f("GET", "/tags/autoComplete/values?tag=a", "", 200, "[]")
	f("POST", "/tags/delSeries", "path=a;b=c", 200, "true")
	f("POST", "/tags/tagSeries", "path=a;b=c", 400, `{"error": "tags are not kept here"}`)
	f("POST", "/tags/tagMultiSeries", "path=a;b=c", 400, `{"error": "tags are not kept here"}`)
}

func TestTags(t *testing.T) {
	s := serve(t, func(o *setup) { o.AutocompleteLimit = 2 })
	f := func(method, path, body string, status int, want string) {
		t.Helper()
		a := ask(t, s, method, path, body)
		if got := ids.ReplaceAllString(a.body, `"id": 0`); a.status != status || got != want {
			t.Errorf("%s %s: %d %s, want %d %s", method, path, a.status, got, status, want)
		}
	}
	f("POST", "/tags/tagMultiSeries?path=m;a=1", "path=m;b=2&path=m;c=3;a=x/y", 200, `["m;a=1", "m;b=2", "m;a=x/y;c=3"]`)
	f("POST", "/tags/tagMultiSeries", "path[]=m;d=4", 200, `["m;d=4"]`)
	// All of them or none.
	if a := ask(t, s, "POST", "/tags/tagMultiSeries", "path=n;e=5&path=;bad"); a.status != 400 || !strings.HasPrefix(a.body, `{"error": "`) {
		t.Errorf("a bad path: %d %s", a.status, a.body)
	}
	f("GET", "/tags/e", "", 200, "null")
	if a := ask(t, s, "POST", "/tags/tagSeries", "path=n;e"); a.status != 400 {
		t.Errorf("a bad path: %d %s", a.status, a.body)
	}
	if a := ask(t, s, "POST", "/tags/delSeries", "path=n;e"); a.status != 400 {
		t.Errorf("a bad path: %d %s", a.status, a.body)
	}
	f("GET", "/tags/autoComplete/tags", "", 200, `["a", "b"]`)
	f("GET", "/tags/autoComplete/tags?limit=9", "", 200, `["a", "b", "c", "d", "name"]`)
	f("GET", "/tags/autoComplete/tags?limit=0", "", 200, `[]`)
	f("POST", "/tags/autoComplete/tags", "limit=1&tagPrefix=n", 200, `["name"]`)
	f("GET", "/tags/autoComplete/tags?limit=x", "", 400, `{"error": "invalid literal for int() with base 10: 'x'"}`)
	f("GET", "/tags/autoComplete/values?tag=a", "", 200, `["1", "x/y"]`)
	f("POST", "/tags/autoComplete/values", "tag=a&valuePrefix=x", 200, `["x/y"]`)
	f("GET", "/tags/autoComplete/values?tag=a&limit=x", "", 400, `{"error": "invalid literal for int() with base 10: 'x'"}`)
	f("GET", "/tags/autoComplete/values", "", 400, `{"error": "no tag specified"}`)
	f("GET", "/tags/a?limit=1", "", 200, `{"id": 0, "tag": "a", "values": [{"id": 0, "value": "1", "count": 1}]}`)
	f("GET", "/tags/a?limit=x", "", 400, `{"error": "invalid literal for int() with base 10: 'x'"}`)
	f("GET", "/tags/a?filter=z", "", 200, `{"id": 0, "tag": "a", "values": []}`)
	f("GET", "/tags/tagSeries/", "", 200, "null") // a verb with a slash behind is the name of a tag
	for _, path := range []string{"/tags?filter=(", "/tags/a?filter=(", "/tags/findSeries?expr=a=~(", "/tags/findSeries?expr=a=", "/tags/autoComplete/tags?expr=bogus"} {
		if a := ask(t, s, "GET", path, ""); a.status != 400 || !strings.HasPrefix(a.body, `{"error": "`) || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	f("POST", "/tags/delSeries", "path=m;a=1&path=m;b=2&path=m;none=0", 200, "true")
	f("GET", "/tags/findSeries?expr=name=m", "", 200, `["m;a=x/y;c=3", "m;d=4"]`)
}
