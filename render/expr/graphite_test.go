package expr

import (
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// recording yields the fields of each line of a file in testdata, or of the one
// that the environment variable names instead.
func recording(t *testing.T, name, env string) iter.Seq[[]string] {
	path := os.Getenv(env)
	if path == "" {
		path = filepath.Join("..", "..", "testdata", "expr", name)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(data)) {
			if !yield(strings.Split(strings.TrimSuffix(line, "\n"), "\t")) {
				return
			}
		}
	}
}

// TestGraphiteWeb compares with what graphite-web's grammar made of the targets
// in testdata; record.py there tells how and in which form.
func TestGraphiteWeb(t *testing.T) {
	count := map[string]int{}
	numbers := []string{"f(.5)", "f(5.)", "f(a,k=.5)"} // that are no numbers there
	for fields := range recording(t, "graphite-web.txt", "EXPR_CORPUS") {
		var target, wantRest string
		fromJSON(t, fields[0], &target)
		if slices.Contains(numbers, target) || target == "a.{b.c}" { // docs/differences.md: braces may have dots
			continue
		}
		n, rest, err := Parse(target)
		if len(fields) == 2 {
			count[fields[1]]++
			if err == nil {
				t.Errorf("Parse(%q) = %s, rest %q; graphite-web: %s", target, dump(n), rest, fields[1])
			}
			continue
		}
		count["tree"]++
		fromJSON(t, fields[2], &wantRest)
		if err != nil || dump(n) != fields[1] || rest != wantRest {
			t.Errorf("Parse(%q) = %s, rest %q, %v; graphite-web: %s, rest %q", target, dump(n), rest, err, fields[1], wantRest)
		}
	}
	if count["tree"] < 600 || count["error"] < 100 || count["refused"] < 200 {
		t.Errorf("compared only %v", count)
	}
}

// TestGraphiteWebTemplates compares with what graphite-web's evaluator made of
// templates; record_templates.py tells how.
func TestGraphiteWebTemplates(t *testing.T) {
	count := 0
	for fields := range recording(t, "templates.txt", "TEMPLATE_CORPUS") {
		var target string
		var vars map[string]string
		fromJSON(t, fields[0], &target)
		fromJSON(t, fields[1], &vars)
		n, _, err := Parse(target)
		if err == nil {
			n, err = Expand(n, vars)
		}
		got := "error"
		if err == nil {
			got = dumper{tagged: true}.dump(n)
		}
		if got != fields[2] {
			t.Errorf("Expand(%s, %s) = %s (%v), graphite-web: %s", target, fields[1], got, err, fields[2])
		}
		count++
	}
	if count < 200 {
		t.Errorf("compared only %d templates", count)
	}
}

func fromJSON(t *testing.T, s string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), v); err != nil {
		t.Fatalf("cannot read %s: %v", s, err)
	}
}

// dump writes a tree in the form of the recordings, nil as "".
func dump(n *Node) string { return dumper{}.dump(n) }

type dumper struct {
	tagged bool // seriesByTag is a path, as it is to graphite-web's evaluator
}

func (d dumper) dump(n *Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == Path:
		return "p" + quoteJSON(n.Name)
	case n.Kind == String:
		return "s" + quoteJSON(n.Name)
	case n.Kind == Bool:
		return strconv.FormatBool(n.Bool)
	case n.Kind == Number:
		return text(n)
	case n.Kind == Call && n.Name == "seriesByTag" && d.tagged:
		return "p" + quoteJSON(n.Text)
	case n.Kind == Call:
		var args []string
		for _, a := range n.Args {
			args = append(args, d.dump(a))
		}
		for _, a := range n.Named {
			args = append(args, a.Name+"="+d.dump(a.Value))
		}
		return n.Name + "(" + strings.Join(args, ", ") + ")"
	}
	return n.Kind.String()
}

// quoteJSON quotes as Python's json.dumps with ensure_ascii=False.
func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}
