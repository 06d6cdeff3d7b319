package pyregex

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"graphited/config/configtest"
)

// What configtest.Patterns match is compared with Python's re in TestOracleRecorded and TestOracleLive. Here
// is what Python cannot tell.

func TestPatternEngine(t *testing.T) {
	f := func(expr, slow string, literals int) {
		t.Helper()
		p, err := Compile(expr)
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
			if p, err := Compile(expr); err != nil || p.MatchesAll() != want {
				t.Errorf("%q: %v", expr, err)
			}
		}
	}
	f(true, "", ".*", "^.*$", "^.*", ".*$", "^", "$", "(.*)", "a|", "(a|.*)", "a?", "^a?")
	f(false, ".", ".+", "a", "^$", "^a?$", `\w*`, "(?!a)", ".*a")
}

func TestPatternGivesUp(t *testing.T) {
	p, err := Compile(`^(?!x)(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Match(strings.Repeat("a", 64) + "b") {
		t.Error("matched")
	}
	if !p.Match("aaa") {
		t.Error("no match after a match was given up")
	}
}

func TestCompilePatternErrors(t *testing.T) {
	f := func(expr, want string) {
		t.Helper()
		_, err := Compile(expr)
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

func TestPatternBeyondASCII(t *testing.T) {
	f := func(expr, text string, want bool) {
		t.Helper()
		p, err := Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		if p.slow == nil || p.Slow() != "" {
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

// FuzzPattern looks for an expression that makes the translation panic, or whose plain texts match
// something else than its regular expression.
func FuzzPattern(f *testing.F) {
	for i, expr := range configtest.Patterns {
		f.Add(expr, configtest.PatternTexts[i%len(configtest.PatternTexts)])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 60 || len(text) > 60 || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") {
			return
		}
		p, err := Compile(expr)
		if err != nil {
			return
		}
		got := p.Match(text)
		if p.fast == nil || p.literals == nil {
			return
		}
		if want := p.fast.MatchString(text); got != want && !strings.ContainsAny(expr, "\r\n") {
			t.Errorf("%q %q: plain texts %+v give %v", expr, text, p.literals, got)
		}
		if p.MatchesAll() && !got {
			t.Errorf("%q does not match %q", expr, text)
		}
	})
}

func BenchmarkPattern(b *testing.B) {
	const metric = "servers.web-01.network.eth0.rx_bytes.count"
	for _, expr := range []string{`^servers\.`, `\.(count|sum)$`, `^servers\.web-\d+\.`, `^servers\.(?!db)`} {
		b.Run(strings.ReplaceAll(expr, "/", ""), func(b *testing.B) {
			p, err := Compile(expr)
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
