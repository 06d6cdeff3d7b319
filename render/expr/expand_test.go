package expr

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func parse(t *testing.T, target string) *Node {
	t.Helper()
	n, rest, err := Parse(target)
	if err != nil || rest != "" {
		t.Fatalf("Parse(%q): rest %q, %v", target, rest, err)
	}
	return n
}

func TestExpand(t *testing.T) {
	f := func(target string, vars map[string]string, want string) {
		t.Helper()
		n, err := Expand(parse(t, target), vars)
		if err != nil {
			t.Fatalf("Expand(%s): %v", target, err)
		}
		if got := canonical(n); got != want {
			t.Errorf("Expand(%s) = %s, want %s", target, got, want)
		}
	}
	type vars = map[string]string
	f(`template(hosts.$host.cpu, host="web")`, nil, "hosts.web.cpu")
	f(`template(hosts.$host.cpu, host="web")`, vars{"host": "db"}, "hosts.db.cpu")
	f(`template(hosts.$host.cpu)`, vars{"other": "db"}, "hosts.$host.cpu")
	f(`template(hosts.$1.$2, "web", 5)`, nil, "hosts.web.5")
	f(`template(hosts.$10, "web")`, nil, "hosts.web0")
	f(`template(a.$longer, long="x", longer="y")`, nil, "a.xer")
	f(`template(a.$longer)`, vars{"long": "x", "longer": "y"}, "a.y")
	f(`template(a.$x, x=1e3)`, nil, "a.1000.0")
	f(`template(f(a, $n, k=$b), n=3, b="mean")`, nil, `f(a,3,k="mean")`)
	f(`template(f(a, $n), n="3")`, nil, `f(a,3.0)`)
	f(`template(f(a.$x|g("$x")), x="b")`, nil, `f(g(a.b,"$x"))`)
	f(`template(f(seriesByTag("a=$x"), $x), x="b")`, nil, `f(seriesByTag("a=$x"),"b")`)
	f(`f(template(a.$x, x="b"), c.$x)|g(1)`, nil, "g(f(a.b,c.$x),1)")
	f(`template(f(template(a.$x.$y, x="b")), x="d", y="c")`, vars{"y": "e"}, "f(a.b.e)")
	f(`template($x, x=5)`, nil, "5")
}

func TestExpandShares(t *testing.T) {
	n := parse(t, `f(a.b, g($x), template(c.$x, x="d"))`)
	before := canonical(n)
	m, err := Expand(n, map[string]string{"y": "z"})
	if err != nil {
		t.Fatal(err)
	}
	if canonical(n) != before {
		t.Errorf("Expand changed its argument to %s", canonical(n))
	}
	if m == n || m.Args[0] != n.Args[0] || m.Args[1] != n.Args[1] || m.Args[2].Name != "c.d" {
		t.Errorf("Expand = %s, want all but the template shared", canonical(m))
	}
	if again, err := Expand(m, nil); err != nil || again != m {
		t.Errorf("Expand of a tree without templates = %v, %v, want the tree itself", again, err)
	}
	if p := m.Args[2]; p.Text != "c.$x" || p.Pos != 23 {
		t.Errorf("the path is at %d, text %q, want 23 and its source", p.Pos, p.Text)
	}
}

func TestExpandErrors(t *testing.T) {
	f := func(l Limits, target string, vars map[string]string, pos int, tooLarge bool, want string) {
		t.Helper()
		_, err := NewReader(l, vars).Expand(parse(t, target))
		var e *Error
		if !errors.As(err, &e) || e.Pos != pos || e.TooLarge != tooLarge || e.Msg != want {
			t.Errorf("Expand(%s): %v, want at %d: %s", target, err, pos, want)
		}
	}
	type vars = map[string]string
	f(Limits{}, `template(f(a, $x), x="1.2.3")`, nil, 14, false, `the value "1.2.3" of $x is not a number`)
	f(Limits{}, `template(f(a, k=$x), x="..")`, nil, 16, false, `the value ".." of $x is not a number`)
	long := "the paths become longer than 1000 bytes with the variables of the templates"
	small := Limits{Expanded: 1000}
	f(small, `template(a.$x)`, vars{"x": strings.Repeat("b", 999)}, 9, true, long)
	f(small, `template(f(a.$x,b.$x,c.$x))`, vars{"x": strings.Repeat("b", 400)}, 21, true, long)

	// Each variable doubles the next one.
	bomb := vars{}
	for c := 'a'; c < 'z'; c++ {
		bomb[string(c)] = "$" + string(c+1) + "$" + string(c+1)
	}
	f(small, "template(x.$a)", bomb, 9, true, long)

	// Many variables are looked for in many paths.
	many := vars{}
	for i := range 400 {
		many["v"+strconv.Itoa(i)] = ""
	}
	f(small, `template(f(a.$x,b.$x,c.$x))`, many, 21, true, long)
}
