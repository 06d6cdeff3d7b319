package index

import (
	"slices"
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	f := func(pattern, word string, kind globKind, want bool) {
		t.Helper()
		g, ok := newGlob(pattern)
		if !ok {
			t.Fatalf("newGlob(%q) takes it for a pattern that nothing matches", pattern)
		}
		if got := g.match(word); got != want || g.kind != kind {
			t.Errorf("%q matches %q: %v, kind %d; want %v, kind %d", pattern, word, got, g.kind, want, kind)
		}
		if want && !strings.HasPrefix(word, g.prefix) {
			t.Errorf("%q has the prefix %q, which %q has not", pattern, g.prefix, word)
		}
	}
	f("a", "a", globWord, true)
	f("{a}", "a", globWords, true)
	f("{a,b{c,d}}e", "bde", globWords, true)
	f("{a,b{c,d}}e", "be", globWords, false)
	f("*", "", globAny, true)
	f("{*}", "x", globAny, true)
	f("**", "x", globDeep, true)
	f("{*,}{*,b}", "x", globDeep, true)
	f("***", "x", globStars, true)
	f("a*c", "ac", globStars, true)
	f("a*c", "abcbc", globStars, true)
	f("ab*ba", "aba", globStars, false)
	f("*a*b*", "xaxbx", globStars, true)
	f("*a*b*", "xbxax", globStars, false)
	f("*ab*ba*", "xaba", globStars, false)
	f("?", "é", globAutomaton, true)
	f("?", "\xe9", globAutomaton, true)
	f("??", "é", globAutomaton, false)
	f("*[!é]b", "éb", globAutomaton, false)
	f("[a-c]", "b", globAutomaton, true)
	f("[!a-c]", "b", globAutomaton, false)
	f("[c-a]", "b", globAutomaton, false)
	f("[!c-a]", "b", globAutomaton, true)
	f("[]]", "]", globAutomaton, true)
	f("[!]]", "]", globAutomaton, false)
	f("[a-]", "-", globAutomaton, true)
	f("[!-]", "-", globAutomaton, false)
	f("[^a]", "^", globAutomaton, true)
	f("[", "[", globWords, true)
	f("[!", "[!", globWords, true)
	f("[]", "[]", globWords, true)
	f("{a*,*b}c", "xbc", globAutomaton, true)
	f("{a*,*b}c", "xac", globAutomaton, false)
	f("a{[x,[y}z]", "az", globAutomaton, true)
	f("a{[x,[y}z]", "ay", globAutomaton, true)
	f("a{[x,[y}z]", "a]", globAutomaton, false)
	f("{é,?}*b", "éab", globAutomaton, true)
}

func TestGlobFindsNothing(t *testing.T) {
	for _, p := range []string{"", "{}", "{,}", "{}{}", strings.Repeat("{", 300) + "a" + strings.Repeat("}", 300)} {
		if _, ok := newGlob(p); ok {
			t.Errorf("newGlob(%q) takes it for a pattern that something matches", p)
		}
	}
}

// TestPatternsStaySmall runs patterns that a plain way of matching would take years for, or all
// memory.
func TestPatternsStaySmall(t *testing.T) {
	long := strings.Repeat("a", 100)
	tree := New()
	tree.Add(long)
	tree.Add(strings.Repeat("a.", 50) + "a")
	tree.Compact()
	tree.Add(long + "b")
	f := func(pattern string, want int) {
		t.Helper()
		if got := count(tree.Find(pattern)); got != want {
			t.Errorf("Find(%.40q...) found %d paths, want %d", pattern, got, want)
		}
	}
	f(strings.Repeat("{a,b}", 100), 1)
	f(strings.Repeat("{a*,*b}", 100), 2)
	f(strings.Repeat("{a,b}", 12)+strings.Repeat("a", 1<<20), 0)
	f(strings.Repeat("{a}", 100_000), 0)
	f(strings.Repeat("{a,", 100_000), 0)
	f(strings.Repeat("[{a}", 100_000), 0)
	f(strings.Repeat("[", 100_000), 0)
	f(strings.Repeat("{", 100_000)+strings.Repeat("}", 100_000), 0)
	f(strings.Repeat("*a", 100), 1)
	f(strings.Repeat("*a", 101), 0)
	f(strings.Repeat("*?", 100), 2)
	f("*"+strings.Repeat("[ab]", 100), 2)
	f("*b"+strings.Repeat("?", 100), 0)
	f(strings.Repeat("{,a}", 200), 2)
	f(strings.Repeat("**.", 1000)+"*", 50+1+2)
	f(strings.Repeat("**.a.", 20)+"a", 31)
	f("{"+strings.Repeat("aaaa,", 20_000)+long+"}*", 2)
}

func TestWordOrder(t *testing.T) {
	words := strings.Fields("a a+ a- a-b a.b a/ ab b é")
	words[4] = "a0"
	for _, a := range words {
		for _, b := range words {
			if got, want := compareWords(a, b), strings.Compare(a+".", b+"."); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("compareWords(%q, %q) = %d, want %d", a, b, got, want)
			}
			if got, want := beforeBranch(a, b), a < b+"."; got != want {
				t.Errorf("beforeBranch(%q, %q) = %v", a, b, got)
			}
		}
	}
	slices.SortFunc(words, compareWords)
	table := newWordTable(words)
	table.hash()
	if !table.uneven || newWordTable([]string{"a", "ab", "b"}).uneven {
		t.Error("uneven lies")
	}
	for _, prefix := range []string{"", "a", "a-", "a-b", "ab", "ac", "b", "c", "\xff"} {
		var got []string
		for i, to := table.withPrefix(prefix); i < to; i++ {
			got = append(got, table.at(i))
		}
		want := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, prefix) })
		if !slices.Equal(got, want) {
			t.Errorf("withPrefix(%q) = %q, want %q", prefix, got, want)
		}
	}
}
