package pyvalue

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// What expressions match is compared with Python's re in config's TestOracleRecorded and
// TestOracleLive. Here is what Python cannot tell.

func TestRegexpEngine(t *testing.T) {
	f := func(expr, slow string, literals int) {
		t.Helper()
		p, err := CompileRegexp(expr, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if p.Slow() != slow || len(p.literals) != literals || p.String() != expr {
			t.Errorf("%q: slow %q, literals %+v", expr, p.Slow(), p.literals)
		}
	}
	f(`^carbon\.`, "", 1)
	f(`.*`, "", 1)
	f(``, "", 1)
	f(`\.(lower|min)$`, "", 2)
	f(`\.lower$|\.min$`, "", 2)
	f(`^stats\.(timers|gauges)\.`, "", 2)
	f(`^[ab]?c$`, "", 3)
	f(`^.*\.cpu$`, "", 1)
	f(`^servers\..*`, "", 1)
	f(`(?i)carbon`, "", 0)
	f(`a.*b`, "", 0)
	f(`[a-z]`, "", 0)
	f(`a+`, "", 0)
	f(`a$b`, "", 0)
	f(`(?m)^a`, "", 0)
	f(`\d`, "", 0)
	f(`(a|b)(c|d)(e|f)(g|h)`, "", 0)
	f(`(?!a)`, "look-ahead", 0)
	f(`(?<=a)b(?!c)`, "look-behind", 0)
	f(`(a)\1`, "a back-reference", 0)
	f(`a++`, "a possessive quantifier", 0)
	f(`(?>a)`, "an atomic group", 0)
	f(`(a)?(?(1)b)`, "a condition", 0)
	f(`a{1001}`, "a size that Go's engine does not take", 0)
}

func TestMatchesAll(t *testing.T) {
	f := func(want bool, exprs ...string) {
		t.Helper()
		for _, expr := range exprs {
			if p, err := CompileRegexp(expr, time.Second); err != nil || p.MatchesAll() != want {
				t.Errorf("%q: %v", expr, err)
			}
		}
	}
	f(true, "", ".*", "^.*$", "^.*", ".*$", "^", "$", "(.*)", "a|", "(a|.*)", "a?", "^a?")
	f(false, ".", ".+", "a", "^$", "^a?$", `\w*`, "(?!a)", ".*a")
}

func TestRegexpGivesUp(t *testing.T) {
	p, err := CompileRegexp(`^(?!x)(a+)+$`, time.Second/10)
	if err != nil {
		t.Fatal(err)
	}
	if p.Match(strings.Repeat("a", 64) + "b") {
		t.Error("matched")
	}
	if !p.Match("aaa") {
		t.Error("no match after a match was given up")
	}
	if _, err := p.Search(strings.Repeat("a", 64) + "b"); err == nil {
		t.Error("no error from a match that was given up")
	}
	if p, err = CompileRegexp(`^(a+)+$`, time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Search(strings.Repeat("a", 60) + "b"); ok || err != nil {
		t.Errorf("Go's engine gives %v, %v", ok, err)
	}
}

func TestSearch(t *testing.T) {
	f := func(pattern, s string, want bool) {
		t.Helper()
		re, err := CompileRegexp(pattern, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.Search(s); got != want || err != nil {
			t.Errorf("re.search(%q, %q) = %v, %v", pattern, s, got, err)
		}
	}
	f(`web0[12]`, "a.web02", true)
	f(`^web`, "a.web", false)
	f(`(?<!x)web`, "xweb", false)
	f(`(?<!x)web`, "a.web", true)
	f(`\w+é`, "cafeé", true)
	f(``, "x", true)
	f(`a$`, "a\n", true) // Python's $ is before the last line break, too
	f(`^a.b$`, "a\nb", false)
	f(`^.*$`, "a\nb", false)
	f(`.*`, "a\nb", true)
}

func TestCompileRegexpErrors(t *testing.T) {
	f := func(expr, want string) {
		t.Helper()
		_, err := CompileRegexp(expr, time.Second)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", expr, err, want)
		}
	}
	f(`a(b`, "missing )")
	f(`ab)`, "unbalanced ) at position 2")
	f(`[a`, "missing ]")
	f(`ä\q`, `bad escape \q at position 1`)
	f(`*`, `nothing to repeat in front of "*"`)
	f(`a**`, `nothing to repeat`)
	f(`(a)\2`, "invalid group reference 2")
	f(`(?P=x)`, `unknown group "x"`)
	f(`a(?i)`, "global flags not at the start")
	f(`(?L)a`, "flag L")
	f(`[b-a]`, "")
	f("a\xff", "not valid UTF-8")
	f(`\`, `lone \`)
	f(`[\`, `lone \`)
	f(`(?<n>a)`, "unknown extension (?<n>")
}

func TestRegexpBeyondASCII(t *testing.T) {
	f := func(expr, text string, want bool) {
		t.Helper()
		p, err := CompileRegexp(expr, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if !p.unicode || p.Slow() != "" {
			t.Errorf("%q: both engines are needed", expr)
		}
		if p.Match(text) != want {
			t.Errorf("%q %q: want %v", expr, text, want)
		}
	}
	f(`^\w+$`, "größe", true)
	f(`^\w+$`, "grosse", true)
	f(`^\w+$`, "a b", false)
	f(`\bß`, "größe", false)
	f(`^\d$`, "٣", true)
}

// FuzzRegexp looks for an expression that makes the translation panic, or whose plain texts match
// something else than its regular expression.
func FuzzRegexp(f *testing.F) {
	for _, expr := range []string{`^carbon\.`, `\.(lower|min)$`, `^.*\.cpu$`, `(?P<n>a)(?P=n)`, `[]a{,2}]\Z`, `(?<=x)*`, `(?x) a # b`, `[^\W\d]`, `a{,3}?`} {
		f.Add(expr, "carbon.min.aa")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 60 || len(text) > 60 || !utf8.ValidString(text) {
			return
		}
		p, err := CompileRegexp(expr, time.Second)
		if err != nil {
			return
		}
		got := p.Match(text)
		if p.literals == nil || !p.isFast(text) {
			return
		}
		if want := p.fast.MatchString(text); got != want {
			t.Errorf("%q %q: plain texts %+v give %v", expr, text, p.literals, got)
		}
		if p.MatchesAll() && !got {
			t.Errorf("%q does not match %q", expr, text)
		}
	})
}

// TestRegexpLong compiles and tries expressions of the greatest length that a request may have:
// none may cost more than its length is worth.
func TestRegexpLong(t *testing.T) {
	const size = 10_000
	for _, part := range []string{"|ab", "(", "(a*)*", "(?=a)"} {
		body := strings.Repeat(part, size/len(part))
		for _, expr := range []string{body, "^(" + body[:len(body)-4] + ")$"} {
			if p, err := CompileRegexp(expr, time.Second/4); err == nil {
				p.Match("servers.web01.cpu.user") // what takes too long is given up
			}
		}
	}
}

func BenchmarkRegexp(b *testing.B) {
	const metric = "servers.web-01.network.eth0.rx_bytes.count"
	for _, expr := range []string{`^servers\.`, `\.(count|sum)$`, `^servers\.web-\d+\.`, `^servers\.(?!db)`} {
		b.Run(strings.ReplaceAll(expr, "/", ""), func(b *testing.B) {
			p, err := CompileRegexp(expr, time.Second)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if !p.Match(metric) {
					b.Fatal("no match")
				}
			}
		})
	}
	b.Run("regexp", func(b *testing.B) {
		re := regexp.MustCompile(`\.(count|sum)$`)
		for b.Loop() {
			re.MatchString(metric)
		}
	})
}

func TestPlainLiterals(t *testing.T) {
	f := func(expr string, want ...literal) {
		t.Helper()
		if got := plainLiterals(expr); !slices.Equal(got, want) {
			t.Errorf("%q: got %+v, want %+v", expr, got, want)
		}
	}
	f(`^a\.b$`, literal{"a.b", true, true})
	f(`^(a|b)c`, literal{"ac", true, false}, literal{"bc", true, false})
	f(`^a|b$`, literal{"a", true, false}, literal{"b", false, true})
	f(`.*x.*`, literal{"x", false, false})
	f(`^.*x`, literal{"x", false, false})
	f(`^x.*$`, literal{"x", true, false})
	f(`.*`, literal{})
	f(`^$`, literal{"", true, true})
	f(`(`)
	f(`x.y`)
}
