package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func searched(t *testing.T, tree *Tree, tags *Tags, text string, limit int) string {
	t.Helper()
	found, err := Search(tree, tags, text, limit)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range found {
		if !f.Leaf {
			f.Path += "/"
		}
		paths = append(paths, f.Path)
	}
	return strings.Join(paths, " ")
}

func TestSearch(t *testing.T) {
	tree := treeOf([]string{
		"servers.web1.cpu.user", "servers.web1.cpu.idle", "servers.web10.cpu.user", "servers.web2.mem.free", "servers.oldweb1.load",
		"app.Web.CPU.user", "app.web.Cpu", "cpu", "_tagged.abc.def.web1cpu",
	})
	tags := NewTags(tree)
	for _, name := range []string{"disk.used;host=web1;dc=eu", "disk.used;host=web10;dc=us", "cpu.web1;dc=eu"} {
		canonical, err := ParseTagged(name)
		if err != nil {
			t.Fatal(err)
		}
		tags.Add(canonical)
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" . ; ", ""},
		{"nothing", ""},
		{"web1", "servers.web1/ cpu.web1;dc=eu disk.used;dc=eu;host=web1 servers.web10/ disk.used;dc=us;host=web10 servers.oldweb1/ " +
			"servers.web1.cpu/ servers.web1.cpu.idle servers.web1.cpu.user servers.web10.cpu/ servers.web10.cpu.user servers.oldweb1.load"},
		{"WEB1 user", "servers.web1.cpu.user servers.web10.cpu.user"},
		{"user web1", "servers.web1.cpu.user servers.web10.cpu.user"},
		{"cpu", "cpu app.Web.CPU/ app.web.Cpu cpu.web1;dc=eu servers.web1.cpu/ servers.web10.cpu/ app.Web.CPU.user servers.web1.cpu.idle servers.web1.cpu.user servers.web10.cpu.user"},
		{"web.c", "app.Web.CPU/ app.web.Cpu app.Web.CPU.user"},
		{"b1.cpu", "servers.web1.cpu/ servers.web1.cpu.idle servers.web1.cpu.user"},
		{"servers.web1.cpu.user", "servers.web1.cpu.user"},
		{"web1.", "servers.web1.cpu/ servers.oldweb1.load servers.web1.cpu.idle servers.web1.cpu.user"},
		{".web2", "servers.web2/ servers.web2.mem/ servers.web2.mem.free"},
		{"dc=eu web1", "cpu.web1;dc=eu disk.used;dc=eu;host=web1"},
		{"disk.used;host=web10;dc=us", "disk.used;dc=us;host=web10"},
		{"old load", "servers.oldweb1.load"},
		{"e.s", ""},
	} {
		got := searched(t, tree, tags, c.text, 100)
		if got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
		if most := searched(t, tree, tags, c.text, 2); most != strings.Join(atMost(strings.Fields(got), 2), " ") {
			t.Errorf("%q: the first two are %s", c.text, most)
		}
	}
	if _, err := Search(tree, tags, strings.Repeat("a.", 22), 5); err == nil {
		t.Error("too many words were taken")
	}
}

// naiveState tells, by looking at the path alone, how good each term is in it; 0 is not at all.
func naiveState(path string, terms []string) (full bool, score int) {
	full = true
	text := "." + strings.ToLower(path) + "."
	for _, term := range terms {
		switch {
		case strings.Contains(text, "."+term+"."):
			score += 3
		case strings.Contains(text, "."+term):
			score += 2
		case strings.Contains(strings.Trim(text, "."), term):
			score++
		default:
			full = false
		}
	}
	return full, score
}

// naiveSearch does Search plainly, for terms that do not end with a dot.
func naiveSearch(m model, terms []string) []string {
	type answer struct {
		Found
		below        bool
		score, depth int
	}
	var all []answer
	known := map[Found]bool{}
	for name := range m {
		nodes := strings.Split(name, ".")
		above, aboveScore := false, 0
		for i := range nodes {
			f := Found{Path: strings.Join(nodes[:i+1], "."), Leaf: i+1 == len(nodes)}
			full, score := naiveState(f.Path, terms)
			if full && !known[f] {
				known[f] = true
				all = append(all, answer{f, above && aboveScore == score, score, i})
			}
			above, aboveScore = full, score
		}
	}
	slices.SortFunc(all, func(a, b answer) int {
		if a.below != b.below {
			return map[bool]int{true: 1, false: -1}[a.below]
		}
		return cmp.Or(b.score-a.score, len(a.Path)-len(b.Path), a.depth-b.depth, compareHits(hit{a.Path, a.Leaf}, hit{b.Path, b.Leaf}))
	})
	var paths []string
	for _, a := range all {
		paths = append(paths, fmt.Sprint(a.Path, a.Leaf))
	}
	return paths
}

func TestSearchModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.StringMatching(`[abA-][abB]?[ab]?`)
		names := rapid.SliceOfN(rapid.SliceOfN(node, 1, 4), 1, 60)
		tree, m := New(), model{}
		defer tree.Close()
		for i, n := range names.Draw(t, "names") {
			name := strings.Join(n, ".")
			tree.Add(name)
			m[name] = true
			if i == 20 {
				tree.Compact()
			}
		}
		for name := range m {
			if len(m) > 1 && rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				tree.Delete(name)
				delete(m, name)
			}
		}
		terms := rapid.SliceOfN(rapid.StringMatching(`[ab]{1,2}(\.[ab]{1,2}){0,2}`), 1, 3).Draw(t, "terms")
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		found, err := Search(tree, nil, strings.Join(terms, " "), limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprint(f.Path, f.Leaf))
		}
		if want := atMost(naiveSearch(m, terms), limit); !slices.Equal(got, want) {
			t.Fatalf("%q:\n got %q\nwant %q", terms, got, want)
		}
	})
}

// TestSearchTagsModel holds the states of tagged series against the text of their names.
func TestSearchTagsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tags := NewTags(nil)
		name := rapid.StringMatching(`[ab]{1,2}(\.[ab]{1,2})?;[tu]=[abA]{1,3}`)
		m := map[string]bool{}
		for _, n := range rapid.SliceOfN(name, 1, 40).Draw(t, "names") {
			tags.Add(n)
			m[n] = true
		}
		terms := rapid.SliceOfN(rapid.StringMatching(`[ab]{1,2}|t=a?|u`), 1, 3).Draw(t, "terms")
		found, err := Search(nil, tags, strings.Join(terms, " "), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if !m[f.Path] {
				t.Fatalf("%q: %q is unknown, or came twice", terms, f.Path)
			}
			delete(m, f.Path)
			if full, _ := naiveState(f.Path, terms); !full {
				t.Fatalf("%q: %q does not have them", terms, f.Path)
			}
		}
		for n := range m {
			if full, _ := naiveState(n, terms); full {
				t.Fatalf("%q: %q is missing", terms, n)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	for _, set := range []struct {
		name  string
		names func() []string
		texts []string
	}{
		{"regular", regularNames, []string{"s", "web1", "web1234 cpu", "cpu.0.us", "1234 user", "zzz", "servers web cpu user 7"}},
		{"distinct", distinctNames, []string{"a", "be", "beef", "svc001 beef", "count", "t.a"}},
	} {
		t := treeOf(set.names())
		for _, text := range set.texts {
			b.Run(set.name+"/"+text, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Search(t, nil, text, 50); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	tags := NewTags(nil)
	for _, n := range taggedNames() {
		tags.Add(n)
	}
	for _, text := range []string{"m", "web1234", "metric07 dc1", "disk web12", "zzz"} {
		b.Run("tagged/"+text, func(b *testing.B) {
			for b.Loop() {
				if _, err := Search(nil, tags, text, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
