package api

import (
	"context"
	"strings"
	"testing"

	"graphited/render/encode"
)

func TestCompleterPattern(t *testing.T) {
	f := func(query string, variants bool, want string) {
		t.Helper()
		q := findQuery{query: query, format: "completer", automaticVariants: variants}
		if got := q.pattern(); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	f("a", false, "a*")
	f("a.", false, "a.*")
	f("a.*", false, "a.*")
	f("a..b", false, "a*.b*")
	f("..", false, "*.*")
	f("a,b.c", false, "a,b.c*")
	f("a,b.c", true, "{a,b}.c*")
	f("a,b.{c,d}.e,f", true, "{a,b}.{c,d}.{e,f*}")
	if got := (&findQuery{query: "a..b", format: "treejson"}).pattern(); got != "a..b" {
		t.Errorf("treejson: %q", got)
	}
}

// TestNodes is about the patterns that name a folder.
func TestNodes(t *testing.T) {
	s := serve(t, nil)
	q := &request{s: s, ctx: context.Background()}
	f := func(pattern string, leavesOnly bool, want string) {
		t.Helper()
		nodes, err := q.nodes(pattern, leavesOnly)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range nodes {
			kind := "/"
			if n.leaf {
				kind = ""
			}
			got = append(got, n.path+kind)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: got %q, want %q", pattern, g, want)
		}
	}
	f("servers.*", false, "servers.web01/ servers.web02/ servers.web02")
	f("servers.*", true, "servers.web02")
	f("servers...web02", true, "servers.web02")
	f("..servers.web0*.", false, "servers.web01./ servers.web02./")
	f("servers.web02.", true, "")
	f("top.", false, "")
	f("", false, "/")
	f("...", false, "/")
	f("", true, "")
}

func TestWriteTree(t *testing.T) {
	f := func(query string, wildcards bool, nodes []node, want string) {
		t.Helper()
		var w encode.Writer
		(&findQuery{query: query, wildcards: wildcards}).writeTree(&w, nodes)
		if got := string(w.Buf); got != want {
			t.Errorf("%q\n got %s\nwant %s", query, got, want)
		}
	}
	const branch, leaf = `"allowChildren": 1, "expandable": 1, "leaf": 0}`, `"allowChildren": 0, "expandable": 0, "leaf": 1}`
	f("*", false, nil, "[]")
	f("*", true, []node{{path: "a", leaf: true}}, `[{"text": "a", "id": "a", `+leaf+`]`)
	f("x.*", true, []node{{path: "x.a", leaf: true}, {path: "x.b", leaf: true}}, `[{"text": "*", "id": "x.*", `+leaf+`, {"text": "a", "id": "x.a", `+leaf+`, {"text": "b", "id": "x.b", `+leaf+`]`)
	// Branches come first, a name comes once.
	f("x.y", false, []node{{path: "p.a", leaf: true}, {path: "p.b", leaf: false}, {path: "q.a", leaf: false}, {path: "q.a", leaf: true}, {path: "q.b", leaf: true}},
		`[{"text": "b", "id": "x.b", `+branch+`, {"text": "a", "id": "x.a", `+branch+`]`)
	f("a+b", false, []node{{path: "a+%41", leaf: true}}, `[{"text": "a A", "id": "a+%41", `+leaf+`]`)
}

func TestWriteNodeList(t *testing.T) {
	nodes := []node{{path: "a.b.c", leaf: true}, {path: "a.x", leaf: false}, {path: "z", leaf: true}}
	f := func(position int, want string) {
		t.Helper()
		var w encode.Writer
		(&findQuery{position: position}).writeNodeList(&w, nodes)
		if got := string(w.Buf); got != `{"nodes": `+want+`}` {
			t.Errorf("%d: %s", position, got)
		}
	}
	f(-1, `["c", "x", "z"]`)
	f(0, `["a", "z"]`)
	f(1, `["b", "x"]`)
	f(2, `["c"]`)
	f(3, `[]`)
	f(-3, `["a"]`)
	f(-4, `[]`)
}

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
