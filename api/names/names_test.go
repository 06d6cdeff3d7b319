package names

import (
	"context"
	"iter"
	"strings"
	"testing"

	"graphited/carbon/index"
)

// finder is a Finder of a tree.
type finder struct {
	Finder
	*index.Tree
}

func (f finder) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	return f.Tree.Find(pattern)
}

func (f finder) Names() iter.Seq[string] { return f.Tree.Names() }

// TestNodes is about the patterns that name a folder.
func TestNodes(t *testing.T) {
	tree := index.New()
	for _, name := range []string{"servers.web01.cpu", "servers.web02.cpu", "servers.web02", "top"} {
		tree.Add(name)
	}
	n := &Names{Finder: finder{Tree: tree}}
	f := func(pattern string, leavesOnly bool, want string) {
		t.Helper()
		nodes, err := n.Here(t.Context(), pattern, leavesOnly)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range nodes {
			kind := "/"
			if x.Leaf {
				kind = ""
			}
			got = append(got, x.Path+kind)
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
