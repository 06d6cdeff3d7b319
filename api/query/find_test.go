package query

import (
	"testing"

	"graphited/api/names"
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

func TestWriteTree(t *testing.T) {
	f := func(query string, wildcards bool, nodes []names.Node, want string) {
		t.Helper()
		var w encode.Writer
		(&findQuery{query: query, wildcards: wildcards}).writeTree(&w, nodes)
		if got := string(w.Buf); got != want {
			t.Errorf("%q\n got %s\nwant %s", query, got, want)
		}
	}
	const branch, leaf = `"allowChildren": 1, "expandable": 1, "leaf": 0}`, `"allowChildren": 0, "expandable": 0, "leaf": 1}`
	f("*", false, nil, "[]")
	f("*", true, []names.Node{{Path: "a", Leaf: true}}, `[{"text": "a", "id": "a", `+leaf+`]`)
	f("x.*", true, []names.Node{{Path: "x.a", Leaf: true}, {Path: "x.b", Leaf: true}}, `[{"text": "*", "id": "x.*", `+leaf+`, {"text": "a", "id": "x.a", `+leaf+`, {"text": "b", "id": "x.b", `+leaf+`]`)
	// Branches come first, a name comes once.
	f("x.y", false, []names.Node{{Path: "p.a", Leaf: true}, {Path: "p.b", Leaf: false}, {Path: "q.a", Leaf: false}, {Path: "q.a", Leaf: true}, {Path: "q.b", Leaf: true}},
		`[{"text": "b", "id": "x.b", `+branch+`, {"text": "a", "id": "x.a", `+branch+`]`)
	f("a+b", false, []names.Node{{Path: "a+%41", Leaf: true}}, `[{"text": "a A", "id": "a+%41", `+leaf+`]`)
}

func TestWriteNodeList(t *testing.T) {
	nodes := []names.Node{{Path: "a.b.c", Leaf: true}, {Path: "a.x", Leaf: false}, {Path: "z", Leaf: true}}
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
