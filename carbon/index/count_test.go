package index

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCountModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, m := New(), map[string]bool{}
		defer tree.Close()
		for i, n := range rapid.SliceOf(rapid.StringMatching(`(_tagged|[abc]{1,2})(\.[ab]{1,2}){0,3}`)).Draw(t, "names") {
			m[n] = true
			if tree.Add(n); i%7 == 3 {
				tree.Compact()
			}
			if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
				tree.Delete(n)
				delete(m, n)
			}
		}
		counts := map[string]int{}
		branches := map[string]bool{}
		for n := range m {
			nodes := strings.Split(n, ".")
			for i := range nodes {
				path := strings.Join(nodes[:i+1], ".")
				counts[path]++
				branches[path] = branches[path] || i+1 < len(nodes)
			}
		}
		for _, path := range []string{"a", "b", "a.a", "a.b.a", "_tagged", "c.c", "zz"} {
			if got := tree.Count(path); got != counts[path] {
				t.Fatalf("%s has %d names, want %d", path, got, counts[path])
			}
		}
		branch := rapid.SampledFrom([]string{"", "a", "b.a"}).Draw(t, "branch")
		depth, limit := rapid.IntRange(1, 3).Draw(t, "depth"), rapid.IntRange(1, 6).Draw(t, "limit")
		var want []Branch
		for path, n := range counts {
			under := branch == "" || strings.HasPrefix(path, branch+".")
			levels := strings.Count(path, ".") - strings.Count(branch, ".")
			if branch == "" {
				levels++
			}
			if under && branches[path] && levels == depth && path != hiddenBranch && !strings.HasPrefix(path, hiddenBranch+".") {
				want = append(want, Branch{path, n})
			}
		}
		slices.SortFunc(want, func(a, b Branch) int { return cmp.Or(b.Names-a.Names, compareDotted(a.Path, b.Path)) })
		if got := tree.Largest(branch, depth, limit); !slices.Equal(got, atMost(want, limit)) {
			t.Fatalf("%d below %q: got %v, want %v", depth, branch, got, atMost(want, limit))
		}
	})
}

// compareDotted orders paths of one depth as the tree has them.
func compareDotted(a, b string) int { return strings.Compare(a+".", b+".") }

func TestBranchPattern(t *testing.T) {
	for _, c := range []struct{ pattern, name, want string }{
		{"servers.*", "servers.web1.cpu", "servers.web1"},
		{"servers.*", "servers.web1", ""},
		{"servers.*", "apps.web1.cpu", ""},
		{"servers.{web,db}?", "servers.db1.cpu.x", "servers.db1"},
		{"*", "a.b", "a"},
		{"a", "a.b", "a"},
		{"a.b", "a.b.c.d", "a.b"},
		{"a.b", "a", ""},
	} {
		p, ok := NewBranchPattern(c.pattern)
		if !ok {
			t.Fatalf("%s was refused", c.pattern)
		}
		if got, ok := p.Branch(c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("%s of %s: got %q, %v", c.pattern, c.name, got, ok)
		}
	}
	for _, bad := range []string{"", "a..b", "a.**", ".a"} {
		if _, ok := NewBranchPattern(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTagCounts(t *testing.T) {
	tags := NewTags(nil)
	for _, n := range []string{"a;h=1;d=x", "a;h=2;d=x", "b;h=1"} {
		tags.Add(n)
	}
	want := []TagSize{{"h", 2, 3}, {"name", 2, 3}, {"d", 1, 2}}
	if got := tags.Sizes(); !slices.Equal(got, want) {
		t.Errorf("sizes are %v, want %v", got, want)
	}
	if tags.Count("h", "1") != 2 || tags.Count("h", "3") != 0 || tags.Count("x", "1") != 0 || tags.Count("name", "b") != 1 {
		t.Error("wrong counts")
	}
	if TagOf("a;h=1;d=x", "d") != "x" || TagOf("a;h=1", "name") != "a" || TagOf("a;h=1", "z") != "" {
		t.Error("wrong values")
	}
}
