package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// find returns what Find yields, a branch with a dot after it.
func find(t *Tree, pattern string) []string {
	var got []string
	for path, leaf := range t.Find(pattern) {
		if !leaf {
			path += "."
		}
		got = append(got, path)
	}
	return got
}

func TestFind(t *testing.T) {
	tree := New()
	for _, n := range strings.Fields("a a.b a.b.c a-b a-b.c web1.cpu web2.cpu web10.mem x[y.z") {
		if !tree.Add(n) || tree.Add(n) || !tree.Has(n) {
			t.Errorf("Add or Has of %q lies", n)
		}
	}
	f := func(pattern, want string) {
		t.Helper()
		if got := find(tree, pattern); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("Find(%q) = %v, want %v", pattern, got, want)
		}
	}
	f("a", "a. a")
	f("*", "a. a a-b. a-b web1. web10. web2. x[y.")
	f("a.*", "a.b. a.b")
	f("a.**", "a.b. a.b a.b.c")
	f("**.c", "a-b.c a.b.c")
	f("**", "a. a a-b. a-b a-b.c a.b. a.b a.b.c web1. web1.cpu web10. web10.mem web2. web2.cpu x[y. x[y.z")
	f("web[12].cpu", "web1.cpu web2.cpu")
	f("web?.*", "web1.cpu web2.cpu")
	f("web[!1]", "web2.")
	f("web[^1]", "web1.")
	f("{web{1,2},a}", "a. a web1. web2.")
	f("x[y.z", "x[y.z")
	f(`x\[y.*`, "x[y.z")
	f("a..b", "")
	f("", "")
	f(".", "")
	f("{a,}.b", "a.b. a.b")
	f("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "")
	if got := fmt.Sprint(slices.Collect(tree.Names())); got != "[a a-b a-b.c a.b a.b.c web1.cpu web10.mem web2.cpu x[y.z]" {
		t.Errorf("Names = %v", got)
	}
}
