package api

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPathsInDocs: docs/http.md has the path of each route, up to its first variable part.
func TestPathsInDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range regexp.MustCompile("`(/[^`]*)`").FindAllStringSubmatch(cells[1], -1) {
			documented[m[1]] = true
		}
	}
	s := serve(t, nil)
	if len(s.table.routes) < 50 {
		t.Errorf("only %d paths are routed", len(s.table.routes))
	}
	for _, r := range s.table.routes {
		if path, _, _ := strings.Cut(r.path, "/{"); path != "" && !documented[path] {
			t.Errorf("%s is not in docs/http.md", path)
		}
	}
}

// TestTable: which route answers a path, and with which variable parts.
func TestTable(t *testing.T) {
	s := serve(t, nil)
	f := func(path, want string) {
		t.Helper()
		routes, vars := s.table.find(path)
		got := "none"
		if routes != nil {
			got = routes[0].path
		}
		for _, v := range vars {
			got += " " + v.Name + "=" + v.Value
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	f("", "")
	f("/", "")
	f("//", "none")
	f("render", "none")
	f("/render/", "/render")
	f("/render//", "/render/{path...} path=/")
	f("/render/~u/a/b", "/render/{path...} path=~u/a/b")
	f("/metrics/index.json", "/metrics/index.json")
	f("/metrics/index.json/", "none")
	f("/metrics/nosuch", "none")
	f("/tags/", "/tags")
	f("/tags/tagSeries", "/tags/tagSeries")
	f("/tags/tagSeries/", "/tags/{tag...} tag=tagSeries/")
	f("/tags/a/b", "/tags/{tag...} tag=a/b")
	f("/events/12/", "/events/{id} id=12")
	f("/events/1/2", "none")
	f("/dashboard/find/", "/dashboard/find")
	f("/dashboard/save", "/dashboard/{name} name=save")
	f("/dashboard/save/a", "/dashboard/save/{name} name=a")
	f("/dashboard/save/a/", "/dashboard/{name}/{key} name=save key=a")
	f("/dashboard/save//", "none")
	f("/dashboard/load/a/b", "/dashboard/load/{name}/{value} name=a value=b")
	f("/dashboard/a/b/c", "none")
	f("/s", "/s/{path...} path=")
	f("/S/b/", "/S/{name...} name=b/")
	f("/x", "none")
}
