package index

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// model is what a Tree must do, done plainly.
type model map[string]bool

var innerBraces = regexp.MustCompile(`\{([^{}]*)\}`)

// expand returns the texts that a node with braces stands for.
func expand(s string) []string {
	at := innerBraces.FindStringSubmatchIndex(s)
	if at == nil {
		return []string{s}
	}
	var all []string
	for alt := range strings.SplitSeq(s[at[2]:at[3]], ",") {
		all = append(all, expand(s[:at[0]]+alt+s[at[1]:])...)
	}
	return all
}

// matchText matches a word with a text without braces, by trying everything.
func matchText(p, w []rune) bool {
	if len(p) == 0 {
		return len(w) == 0
	}
	if p[0] == '*' {
		return matchText(p[1:], w) || len(w) > 0 && matchText(p, w[1:])
	}
	if len(w) == 0 {
		return false
	}
	if p[0] == '[' {
		i := 1
		not := i < len(p) && p[i] == '!'
		if not {
			i++
		}
		if end := i + 1 + slices.Index(p[min(i+1, len(p)):], ']'); end > i {
			in := false
			for set := p[i:end]; len(set) > 0; {
				if len(set) > 2 && set[1] == '-' {
					in = in || set[0] <= w[0] && w[0] <= set[2]
					set = set[3:]
					continue
				}
				in = in || set[0] == w[0]
				set = set[1:]
			}
			return in != not && matchText(p[end+1:], w[1:])
		}
	}
	return (p[0] == '?' || p[0] == w[0]) && matchText(p[1:], w[1:])
}

// characters are Python's: a byte that is not UTF-8 is one of its own.
func characters(s string) (all []rune) {
	for i, r := range s {
		if r == utf8.RuneError && s[i] != 0xEF {
			r = 0xDC00 + rune(s[i])
		}
		all = append(all, r)
	}
	return all
}

func matchNode(p, w string) bool {
	return slices.ContainsFunc(expand(p), func(p string) bool { return matchText(characters(p), characters(w)) })
}

func matchPath(p, path []string) bool {
	switch {
	case len(p) == 0:
		return len(path) == 0
	case slices.Contains(expand(p[0]), "**"):
		rest := p[1:]
		if len(rest) == 0 {
			rest = []string{"*"}
		}
		return matchPath(rest, path) || len(path) > 0 && matchPath(p, path[1:])
	}
	return len(path) > 0 && matchNode(p[0], path[0]) && matchPath(p[1:], path[1:])
}

func (m model) find(pattern string) []string {
	p := strings.Split(strings.ReplaceAll(pattern, `\`, ""), ".")
	found := make(map[hit]bool)
	if slices.Contains(p, "") {
		return nil
	}
	for n := range m {
		nodes := strings.Split(n, ".")
		for i := range nodes {
			if matchPath(p, nodes[:i+1]) {
				found[hit{strings.Join(nodes[:i+1], "."), i == len(nodes)-1}] = true
			}
		}
	}
	var all []string
	for _, h := range slices.SortedFunc(maps.Keys(found), compareHits) {
		if !h.leaf {
			h.path += "."
		}
		all = append(all, h.path)
	}
	return all
}

var (
	wordGen    = rapid.StringMatching(`[ab]{1,2}|a-b?|a-b-[ab]|[ab]/a|b\+|é|a[\[\]{},*?]b?|\xff`)
	nameGen    = rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(wordGen, 1, 4).Draw(t, "words"), ".") })
	textGen    = rapid.SampledFrom([]string{"a", "b", "-", "é", "*", "*", "?", "[ab]", "[!a]", "[^a]", "[a-]", "[]a]", "[", "]", ",", "a-b", "[+-.]", "/", `\`})
	patternGen = rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.Custom(drawNode), 1, 4).Draw(t, "nodes"), ".")
	})
)

func drawNode(t *rapid.T) string {
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return "**"
	case 1, 2:
		return "*"
	case 3, 4:
		return wordGen.Draw(t, "word")
	}
	return drawText(t, 0)
}

func drawText(t *rapid.T, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "pieces") {
		if depth < 3 && rapid.IntRange(0, 4).Draw(t, "brace") == 0 {
			b.WriteByte('{')
			for i := range rapid.IntRange(0, 2).Draw(t, "alternatives") {
				if i > 0 {
					b.WriteByte(',')
				}
				b.WriteString(drawText(t, depth+1))
			}
			b.WriteByte('}')
			continue
		}
		b.WriteString(textGen.Draw(t, "text"))
	}
	return b.String()
}

// TestTreeModel compares a Tree with the model through additions, deletions and merges, among them
// merges during which names change.
func TestTreeModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, want := New(), model{}
		var merged *snapshot // of a merge that has not ended
		first := 0           // of the parts that are in it
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for _, n := range rapid.SliceOfN(nameGen, 1, 8).Draw(t, "names") {
					if got := tree.Add(n); got == want[n] {
						t.Fatalf("Add(%q) = %v", n, got)
					}
					want[n] = true
				}
			},
			"delete": func(t *rapid.T) {
				for _, n := range slices.Sorted(maps.Keys(want)) {
					if rapid.IntRange(0, 3).Draw(t, "delete "+n) == 0 {
						if !tree.Delete(n) || tree.Delete(n) {
							t.Fatalf("Delete(%q) lies", n)
						}
						delete(want, n)
					}
				}
			},
			"begin merge": func(t *rapid.T) {
				if merged == nil {
					first = rapid.IntRange(0, len(tree.parts)).Draw(t, "first part")
					merged = mergeAll(tree.freezeLocked(first))
				}
			},
			"end merge": func(*rapid.T) {
				if merged != nil {
					tree.install(first, merged)
					merged = nil
				}
			},
			"compact": func(*rapid.T) {
				if merged == nil {
					tree.Compact()
					if base := tree.parts[0]; tree.live.len() > 0 || len(tree.parts) > 1 || base.leaves != len(want) || base.deleted > 0 {
						t.Fatalf("Compact left %d names", tree.live.len())
					}
				}
			},
			"find": func(t *rapid.T) {
				for range 5 {
					p := patternGen.Draw(t, "pattern")
					if got, want := find(tree, p), want.find(p); !slices.Equal(got, want) {
						t.Fatalf("Find(%q)\n got %q\nwant %q", p, got, want)
					}
				}
			},
			"": func(t *rapid.T) {
				n := nameGen.Draw(t, "name")
				if tree.Has(n) != want[n] || tree.Len() != len(want) {
					t.Fatalf("Has(%q) = %v, Len %d of %d", n, tree.Has(n), tree.Len(), len(want))
				}
				if got, want := slices.Collect(tree.Names()), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
					t.Fatalf("Names\n got %q\nwant %q", got, want)
				}
			},
		})
	})
}

// TestTreeConcurrent adds and deletes while finds run and merges come and go.
func TestTreeConcurrent(t *testing.T) {
	tree := New()
	const writers, names = 4, 3000
	var wg, readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				last := hit{}
				for path, leaf := range tree.Find("w*.**") {
					at := hit{path, leaf}
					if compareHits(last, at) >= 0 {
						t.Errorf("%v after %v", at, last)
					}
					last = at
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for w := range writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for _, i := range r.Perm(names) {
				if n := fmt.Sprintf("w%d.x%d.y-%d", w, i%50, i); !tree.Add(n) {
					t.Errorf("%s is not new", n)
				}
			}
			for i := 0; i < names; i += 2 {
				if n := fmt.Sprintf("w%d.x%d.y-%d", w, i%50, i); !tree.Delete(n) {
					t.Errorf("%s is not there", n)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	readers.Wait()
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(tree.Find("*.*.*")); n != writers*names/2 || tree.Len() != n {
		t.Errorf("%d names found, Len %d", n, tree.Len())
	}
}

func count(seq iter.Seq2[string, bool]) (n int) {
	for range seq {
		n++
	}
	return n
}
