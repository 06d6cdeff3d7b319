package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
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

func TestAddTakesNoEmptyNodes(t *testing.T) {
	tree := New()
	for _, n := range []string{"", ".", "a.", ".a", "a..b"} {
		if tree.Add(n) || tree.Has(n) || tree.Delete(n) || tree.Len() != 0 {
			t.Errorf("%q was taken", n)
		}
	}
}

// TestFindStops leaves each find after each of its answers, with names in the snapshot, in what is
// being merged and in what is new.
func TestFindStops(t *testing.T) {
	tree := New()
	names := strings.Fields("a a.b a-b a-b.c a.b.c b.a b.b c d.a-b d.a d.a.x d.ab")
	for i, n := range names {
		tree.Add(n)
		if i == 5 {
			tree.Compact()
		}
		if i == 8 {
			tree.freezeLocked(1)
		}
	}
	for _, pattern := range []string{"*", "a", "a.b", "**", "*.*", "{a,b,d}.*", "d.{a,ab,a-b}", "d.a*", "nothing"} {
		all := find(tree, pattern)
		for n := range all {
			var got []string
			for path, leaf := range tree.Find(pattern) {
				if !leaf {
					path += "."
				}
				if got = append(got, path); len(got) > n {
					break
				}
			}
			if !slices.Equal(got, all[:n+1]) {
				t.Errorf("the first of Find(%q) are %q, want %q", pattern, got, all[:n+1])
			}
		}
	}
	for name := range tree.Names() {
		if name != "a" {
			t.Errorf("the first name is %q", name)
		}
		break
	}
}

// TestChangeWhileFinding adds and deletes in the loop over a find, which must neither block nor
// disturb it.
func TestChangeWhileFinding(t *testing.T) {
	tree := New()
	for i := range 3000 {
		tree.Add(fmt.Sprintf("a.%d", i))
	}
	tree.Compact()
	n := 0
	for name, leaf := range tree.Find("a.*") {
		if !leaf || !tree.Delete(name) || !tree.Add(name+".b") {
			t.Fatalf("%q is a leaf: %v", name, leaf)
		}
		n++
	}
	if n != 3000 || tree.Len() != 3000 || count(tree.Find("a.*.b")) != 3000 {
		t.Errorf("found %d of 3000, then %d of %d", n, count(tree.Find("a.*.b")), tree.Len())
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
}

// TestClose adds so many names that merges run, and checks that none does after Close.
func TestClose(t *testing.T) {
	defer goleak.VerifyNone(t)
	tree := New()
	for i := range 20 * minMerge {
		tree.Add(fmt.Sprintf("a.%d", i))
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	merged := func() (n int) {
		for _, p := range tree.parts {
			n += p.leaves
		}
		return n
	}
	before := merged()
	if before < minMerge {
		t.Errorf("%d names were merged", before)
	}
	for i := range 4 * minMerge {
		tree.Add(fmt.Sprintf("b.%d", i))
	}
	tree.Compact()
	if merged() != before || tree.Len() != 24*minMerge || count(tree.Find("*.*")) != tree.Len() {
		t.Errorf("after Close there are %d names, %d found", tree.Len(), count(tree.Find("*.*")))
	}
}

// TestDeletedWordsGo checks that a merge drops the text of words that no name has any more.
func TestDeletedWordsGo(t *testing.T) {
	tree := New()
	for i := range 2000 {
		tree.Add(fmt.Sprintf("a.word-%d.b", i))
	}
	tree.Compact()
	for i := range 1999 {
		tree.Delete(fmt.Sprintf("a.word-%d.b", i))
	}
	tree.Compact()
	if got := tree.parts[0].words.text; got != "abword-1999" || len(tree.parts[0].word) != 4 {
		t.Errorf("left are the words %.60q and %d nodes", got, len(tree.parts[0].word))
	}
}
