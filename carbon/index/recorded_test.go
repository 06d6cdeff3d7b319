package index

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFindAsGraphite compares with what graphite-web's finder answered
// (testdata/index/record_find.py).
func TestFindAsGraphite(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "index", "find.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tree := New()
	patterns := 0
	var pattern string
	var want []string
	check := func() {
		if pattern == "" {
			return
		}
		patterns++
		slices.Sort(want) // the record has Python's order of characters
		got := find(tree, pattern)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("Find(%q)\n got %q\nwant %q", pattern, got, want)
		}
	}
	for line := range strings.Lines(string(text)) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "name":
			tree.Add(rest)
		case "find":
			check()
			pattern, want = rest, nil
		case "branch":
			want = append(want, rest+".")
		case "leaf":
			want = append(want, rest)
		}
	}
	check()
	if patterns < 500 {
		t.Errorf("only %d patterns", patterns)
	}
}
