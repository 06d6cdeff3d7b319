package expr

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse checks what holds for every target: the text of the nodes is where
// they say it is, the tree keeps the limits, and its canonical form means the
// same.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("../../testdata/expr/graphite-web.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		quoted, _, _ := strings.Cut(line, "\t")
		var target string
		if err := json.Unmarshal([]byte(quoted), &target); err != nil {
			f.Fatal(err)
		}
		f.Add(target)
	}
	f.Add("\tf('a\tb',\t1)\t")
	f.Fuzz(func(t *testing.T, target string) {
		lim := Limits{Depth: 20, Nodes: 100, Expanded: 1000}
		n, rest, err := NewReader(lim, nil).Parse(target)
		if utf8.ValidString(target) {
			target = expandTabs(target) // what positions are told in
		}
		if err != nil {
			e, ok := err.(*Error)
			if !ok || n != nil || e.Pos < 0 || e.Pos > len(target) {
				t.Fatalf("Parse(%q) = %v, %v", target, n, err)
			}
			return
		}
		if !strings.Contains(target, rest) {
			t.Errorf("Parse(%q) leaves %q", target, rest)
		}
		nodes := 0
		if h := check(t, target, n, &nodes); h > lim.Depth || nodes > lim.Nodes {
			t.Errorf("Parse(%q): %d levels, %d nodes", target, h, nodes)
		}
		s := canonical(n)
		if strings.Contains(s, "-inf") {
			return // what is that large and negative cannot be written otherwise
		}
		m, rest, err := Parse(s)
		if err != nil || rest != "" || dump(m) != dump(n) || canonical(m) != s {
			t.Errorf("Parse(%q) = %s, written as %q it is %s, rest %q, %v", target, dump(n), s, dump(m), rest, err)
		}
		if x, err := NewReader(lim, map[string]string{"x": "$y", "y": "5", "1": "a"}).Expand(n); err == nil && !strings.Contains(target, "template") && x != n {
			t.Errorf("Expand(%q) = %s", target, dump(x))
		}
	})
}

// check returns the height of the tree.
func check(t *testing.T, target string, n *Node, nodes *int) (height int) {
	*nodes++
	if target[n.Pos:n.Pos+len(n.Text)] != n.Text || n.Text == "" {
		t.Errorf("a node of %q is at %d with text %q", target, n.Pos, n.Text)
	}
	for _, a := range n.Args {
		height = max(height, check(t, target, a, nodes))
	}
	for _, a := range n.Named {
		if !strings.HasPrefix(target[a.Pos:], a.Name) {
			t.Errorf("keyword %s of %q is not at %d", a.Name, target, a.Pos)
		}
		height = max(height, check(t, target, a.Value, nodes))
	}
	return height + 1
}
