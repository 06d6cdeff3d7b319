package expr

import (
	"errors"
	"math"
	"strings"
	"testing"

	"graphited/testdata/allocs"
)

func TestParseValues(t *testing.T) {
	f := func(arg string, want Node) {
		t.Helper()
		n, rest, err := Parse("f(" + arg + ")")
		if err != nil || rest != "" || len(n.Args) != 1 {
			t.Fatalf("Parse of argument %q: %v, rest %q, %v", arg, n, rest, err)
		}
		got := n.Args[0]
		if got.Kind != want.Kind || got.Name != want.Name || got.Int != want.Int || got.Float != want.Float || got.IsInt != want.IsInt || got.Bool != want.Bool {
			t.Errorf("argument %q is %+v, want %+v", arg, *got, want)
		}
	}
	f("a.b", Node{Kind: Path, Name: "a.b"})
	f("a.{b.c,d}.e", Node{Kind: Path, Name: "a.{b.c,d}.e"})
	f(`a\.b\(`, Node{Kind: Path, Name: "a.b("})
	f("a;dc=eu.west", Node{Kind: Path, Name: "a;dc=eu.west"})
	f("größe.日本", Node{Kind: Path, Name: "größe.日本"})
	f("5min", Node{Kind: Path, Name: "5min"})
	f("nan", Node{Kind: Path, Name: "nan"})
	f("-inf", Node{Kind: Path, Name: "-inf"})
	f("k=", Node{Kind: Path, Name: "k="})
	f("g()", Node{Kind: Call, Name: "g"})
	f("7", Node{Kind: Number, Int: 7, Float: 7, IsInt: true})
	f("-7", Node{Kind: Number, Int: -7, Float: -7, IsInt: true})
	f("9223372036854775807", Node{Kind: Number, Int: math.MaxInt64, Float: math.MaxInt64, IsInt: true})
	f("9223372036854775808", Node{Kind: Number, Float: 1 << 63})
	f("7.0", Node{Kind: Number, Float: 7})
	f("1e3", Node{Kind: Number, Float: 1000})
	f("-1.5E-3", Node{Kind: Number, Float: -0.0015})
	f("1e999", Node{Kind: Number, Float: math.Inf(1)})
	f("1e-999", Node{Kind: Number})
	f(".5", Node{Kind: Number, Float: 0.5})
	f("-.5", Node{Kind: Number, Float: -0.5})
	f("5.", Node{Kind: Number, Float: 5})
	f("-5.", Node{Kind: Number, Float: -5})
	f(".5e-3", Node{Kind: Number, Float: 0.0005})
	f("-.5E3", Node{Kind: Number, Float: -500})
	f("5.e3", Node{Kind: Path, Name: "5.e3"})
	f("5.e", Node{Kind: Path, Name: "5.e"})
	f(`"a 'b' \d\"c"`, Node{Kind: String, Name: `a 'b' \d\"c`})
	f(`'a "b"'`, Node{Kind: String, Name: `a "b"`})
	f(`""`, Node{Kind: String})
	f("'a\tb'", Node{Kind: String, Name: "a    b"}) // from column 4, behind the call's name
	f("true", Node{Kind: Bool, Bool: true})
	f("False", Node{Kind: Bool})
	f("NONE", Node{Kind: None})
	f("Inf", Node{Kind: Inf, Float: math.Inf(1)})
}

// TestParsePositions checks Pos and Text of all nodes: each is written as
// Pos:Text, depth first.
func TestParsePositions(t *testing.T) {
	f := func(target, want string) {
		t.Helper()
		n, _, err := Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var walk func(n *Node)
		walk = func(n *Node) {
			got = append(got, string(rune('0'+n.Pos))+":"+n.Text)
			if n.Kind != Call && !strings.HasPrefix(target[n.Pos:], n.Text) {
				t.Errorf("%q is not at %d of %q", n.Text, n.Pos, target)
			}
			for _, a := range n.Args {
				walk(a)
			}
			for _, a := range n.Named {
				got = append(got, string(rune('0'+a.Pos))+":"+a.Name+"=")
				walk(a.Value)
			}
		}
		walk(n)
		if s := strings.Join(got, " "); s != want {
			t.Errorf("nodes of %q: %s\nwant %s", target, s, want)
		}
	}
	f(" a.b ", "1:a.b")
	f(`a\.b`, `0:a\.b`)
	f("f(a,b)", "0:f(a,b) 2:a 4:b")
	f(" f ( a )x", "1:f ( a ) 5:a")
	f("f(a|g(1))", "0:f(a|g(1)) 4:g(1) 2:a 6:1")
	f("a|f()|g()", "6:g() 2:f() 0:a")
	f("f(a,k='x')", "0:f(a,k='x') 2:a 4:k= 6:'x'")
	f("f( -5 )", "0:f( -5 ) 3:-5")
	f(`sum(seriesByTag( "a=b" ))`, `0:sum(seriesByTag( "a=b" )) 4:seriesByTag( "a=b" ) A:"a=b"`)
}

func TestParseErrors(t *testing.T) {
	f := func(target string, pos int, want string) {
		t.Helper()
		_, _, err := Parse(target)
		var e *Error
		if !errors.As(err, &e) || e.TooLarge {
			t.Fatalf("Parse(%q): %v, want a syntax error", target, err)
		}
		if e.Pos != pos || e.Msg != want {
			t.Errorf("Parse(%q) fails at %d: %s\nwant %d: %s", target, e.Pos, e.Msg, pos, want)
		}
	}
	f("", 0, "the target is empty")
	f(" \t\n", 9, "the target is empty")
	f(".a", 0, `expected a metric path or a function call, found ".a"`)
	f(")", 0, `expected a metric path or a function call, found ")"`)
	f(`"a"`, 0, `expected a metric path or a function call, found "\"a\""`)
	f("a\xff", 1, "the target is not valid UTF-8")
	f("a\ufffd\xff", 4, "the target is not valid UTF-8")
	f("f(a\u00a0b)", 3, `expected "," or ")" in the arguments of f, found "\u00a0b)"`)
	f("f(a\u0085b)", 3, `expected "," or ")" in the arguments of f, found "\u0085b)"`)
	f("f(a\x00b)", 3, `expected "," or ")" in the arguments of f, found "\x00b)"`)
	f("sum(a.*", 7, `expected "," or ")" in the arguments of sum, found the end`)
	f("sum(avg(a, b)", 13, `expected "," or ")" in the arguments of sum, found the end`)
	f("sum(", 4, `expected an argument, found the end`)
	f("scale(a, .)", 9, `expected an argument, found ".)"`)
	f("scale(a, 5..)", 10, `expected "," or ")" in the arguments of scale, found "..)"`)
	f("scale(a, .5.)", 9, `expected an argument, found ".5.)"`)
	f("scale(a, -.)", 10, `expected "," or ")" in the arguments of scale, found ".)"`)
	f("scale(a, 1 000)", 11, `expected "," or ")" in the arguments of scale, found "000)"`)
	f("scale(a, 2,)", 11, `expected an argument, found ")"`)
	f("f(a b, ccccccccccccccccccccccccc)", 4, `expected "," or ")" in the arguments of f, found "b, ccccccccccccccccc"...`)
	f("f(a) | g(b c)", 11, `expected "," or ")" in the arguments of g, found "c)"`)
	f("f(a {ééééééééééééééééééééééééééé", 4, `expected "," or ")" in the arguments of f, found "{ééééééééé"...`)
	f("f(a|b)", 3, "expected a function call after the pipe")
	f("f(none.x)", 6, `expected "," or ")" in the arguments of f, found ".x)"`)
	f(`f(a, "b)`, 5, "the string is not closed")
	f(`f(a, "b\")`, 5, "the string is not closed")
	f("f(a, 'b\n')", 5, "the string is not closed")
	f(`f(a, "\xyz")`, 5, "the string is not closed")
	f("f(k=1)", 2, "a keyword argument can only follow a positional argument")
	f("a|f(k=1)", 4, "a keyword argument can only follow a positional argument")
	f("f(a, k=1, 2)", 10, "expected a keyword argument: a positional one cannot follow it")
	f("f(a.{b,{c,d}})", 3, `expected "," or ")" in the arguments of f, found ".{b,{c,d}})"`)
	f("a|template('x')", 2, "template(...) cannot be the direct argument of a template, nor follow a pipe")
	f("template(template(a))", 9, "template(...) cannot be the direct argument of a template, nor follow a pipe")
	f("template()", 9, `expected a metric path or a function call, found ")"`)
	f("template(a, b)", 12, `expected a number or a string as a variable of the template, found "b)"`)
	f("template(a, x=true)", 14, `expected a number or a string as a variable of the template, found "true)"`)
	f("template(a, 'b', x='c')", 17, "the variables of a template are either all named or all without a name")
	f("template(a|f())", 10, "expected a function call after the pipe")
}

func TestErrorText(t *testing.T) {
	_, _, err := Parse("f(a")
	if want := `cannot parse target at position 4: expected "," or ")" in the arguments of f, found the end`; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	for target, want := range map[string]string{"f(a": "", "f(a b)": "b)", "f(a {ééééééééééééé": "{ééééééééé", "a|template(b)": "template(b)"} {
		var e *Error
		if _, _, err := Parse(target); !errors.As(err, &e) || e.Text != want || !strings.HasPrefix(target[e.Pos:], e.Text) {
			t.Errorf("%q: %+v, want the text %q", target, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	f := func(l Limits, target string, pos int, want string) {
		t.Helper()
		_, _, err := NewReader(l, nil).Parse(target)
		if want == "" {
			if err != nil {
				t.Errorf("Parse: %v", err)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || !e.TooLarge || e.Pos != pos || e.Msg != want {
			t.Errorf("Parse: %v, want at %d: %s", err, pos, want)
		}
	}
	nested := func(n int) string { return strings.Repeat("f(", n-1) + "a" + strings.Repeat(")", n-1) }
	piped := func(n int) string { return "a" + strings.Repeat("|f()", n-1) }
	wide := func(n int) string { return "f(" + strings.Repeat("a,", n-2) + "a)" }

	f(Limits{}, strings.Repeat("a", 1<<20), 0, "")

	deep := "calls and pipes are nested more than 500 levels deep"
	f(Limits{}, nested(500), 0, "")
	f(Limits{}, nested(501), 1000, deep)
	f(Limits{}, nested(5000), 1000, deep)
	f(Limits{}, piped(500), 0, "")
	f(Limits{}, piped(501), 1998, deep)
	f(Limits{}, piped(4000), 1998, deep)
	f(Limits{Depth: 3}, "f(a|g())", 0, "")
	f(Limits{Depth: 2}, "f(a|g())", 0, "calls and pipes are nested more than 2 levels deep")
	f(Limits{Depth: 2}, "f(b,k=g())", 0, "")
	f(Limits{Depth: 2}, "f(b,k=a|g())", 0, "calls and pipes are nested more than 2 levels deep")
	f(Limits{Depth: 1 << 30, Nodes: 1 << 30}, nested(10_000), 0, "")
	f(Limits{Depth: 1 << 30, Nodes: 1 << 30}, nested(10_001), 20_000, "calls and pipes are nested more than 10000 levels deep")

	f(Limits{}, wide(2001), 0, "")
	f(Limits{Nodes: 2000}, wide(2000), 0, "")
	f(Limits{Nodes: 2000}, wide(2001), 4000, "more than 2000 calls, paths and values in the targets of a query")
	f(Limits{Nodes: 3}, "f(1,'a')", 0, "")
	f(Limits{Nodes: 2}, "f(1,'a')", 4, "more than 2 calls, paths and values in the targets of a query")
}

// TestReader checks that the limits count for all targets of a query together.
func TestReader(t *testing.T) {
	r := NewReader(Limits{Nodes: 5, Expanded: 40}, map[string]string{"x": "12345678"})
	if n, err := r.Read("template(a.$x)"); err != nil || n.Name != "a.12345678" {
		t.Fatal(n, err)
	}
	if _, err := r.Read("f(a)"); err != nil {
		t.Error(err)
	}
	var e *Error
	if _, err := r.Read("f(b)"); !errors.As(err, &e) || !e.TooLarge || e.Pos != 2 {
		t.Errorf("three targets of two nodes: %v", err)
	}
	r = NewReader(Limits{Expanded: 40}, map[string]string{"x": "12345678"})
	for range 3 {
		if _, err := r.Read("template(a.$x)"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Read("template(a.$x)"); !errors.As(err, &e) || !e.TooLarge {
		t.Errorf("four targets that become long: %v", err)
	}
}

// TestArguments checks that the arguments of calls, which share memory, do not
// mix, also in trees beyond the size that is expected at first.
func TestArguments(t *testing.T) {
	target := "f("
	for range 40 {
		target += "g(a,b|h(1,2)),i(),"
	}
	target += "j(c,k=d))"
	n, rest, err := Parse(target)
	if err != nil || rest != "" {
		t.Fatal(rest, err)
	}
	if got := canonical(n); got != strings.ReplaceAll(target, "b|h(1,2)", "h(b,1,2)") {
		t.Error(got)
	}
	for _, a := range n.Args {
		_ = append(a.Args, &Node{Kind: None})
	}
	if strings.Contains(canonical(n), "none") {
		t.Error("an append to the arguments of one call shows in another")
	}
}

func TestParseAllocations(t *testing.T) {
	f := func(target string, most float64) {
		t.Helper()
		if got := allocs.Least(100, func() { _, _, _ = Parse(target) }); got > most {
			t.Errorf("Parse(%q) makes %v allocations, want at most %v", target, got, most)
		}
	}
	f("servers.web.cpu.user", 1)
	f("aliasByNode(summarize(servers.*.cpu, '5min', 'sum'), 1, 2)|sumSeries()", 2)
}

// TestParseLongTargets would not end in time if parsing were quadratic.
func TestParseLongTargets(t *testing.T) {
	const size = 256 << 10
	lim := Limits{Depth: maxDepth, Nodes: size}
	for _, part := range []string{"(", "f(", "f(a,", "{a", "{a,", "a.", "a|", "a|f()|", `""`, `"`, `\`, `\.`, "k=", ",k=1", "a ", " ", "\n", "1e", "-", "1.", "true", "f(1,2),", "f()|g() ", "é", "$x"} {
		body := strings.Repeat(part, size/len(part))
		for _, target := range []string{body, "f(" + body, `f("` + body, "f(a" + body + ")", "template(a," + body + ")"} {
			n, rest, err := NewReader(lim, nil).Parse(target)
			if (n == nil) == (err == nil) {
				t.Errorf("Parse of many %q: %v, rest of %d bytes, %v", part, n, len(rest), err)
			}
		}
	}
}

func TestExpandTabs(t *testing.T) {
	for in, want := range map[string]string{
		"\ta\t": "        a       ", "\u00fc\tb": "\u00fc       b", "12345678\tb": "12345678        b", "abc\n\td": "abc\n        d", "none": "none",
	} {
		if got := expandTabs(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
