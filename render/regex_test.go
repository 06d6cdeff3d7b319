package render

import (
	"strings"
	"testing"
	"time"
)

func TestRegexReplace(t *testing.T) {
	f := func(pattern, replacement, s, want string) {
		t.Helper()
		re, err := compileRegex(pattern)
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		got, err := re.Replace(s, replacement)
		if err != nil || got != want {
			t.Errorf("re.sub(%q, %q, %q) = %q, %v, want %q", pattern, replacement, s, got, err, want)
		}
	}
	// Recorded from Python 3.11.
	f(`web(\d+)`, `srv\1`, "a.web01.b", "a.srv01.b")
	f(`(.*)`, `<\1>`, "abc", "<abc><>")
	f(`x*`, `-`, "abxd", "-a-b--d-")
	f(`b*`, ``, "abc", "ac")
	f(`(a)|b`, `[\1]`, "abc", "[a][]c")
	f(`(?P<x>a)(?P<y>b)`, `\g<y>\g<x>\2\g<1>`, "ab", "baba")
	f(`(?P<x>a)(b)(?P<y>c)(?=d)`, `\1\2\3`, "abcd", "abcd")
	f(`(?P<q>a)(?P=q)`, `-`, "aab", "-b")
	f(`(a)(?!b)`, `X`, "abac", "abXc")
	f(`a{,2}b`, `X`, "aab", "X")
	f(`[{,2}]`, `X`, "a{2", "aXX")
	f(`[]a]`, `X`, "]ab", "XXb")
	f(`[^]a]`, `X`, "]ab", "]aX")
	f(`\(b\)`, `X`, "a(b)", "aX")
	f(`c\Z`, `X`, "cc", "cX")
	f(`e`, `\n\t\\`, "e", "\n\t\\")
	f(`e`, `\.`, "e", `\.`)
	f(`e`, `a\`, "e", `a\`)
	f(`(.)`, `\g<0>\g<0>`, "ab", "aabb")
	f(`é+`, `e`, "caféé", "cafe")
	f(`(?i)WEB`, `x`, "web", "x")
	f(`\bcpu\b`, `x`, "a.cpu.cpus", "a.x.cpus")
	f(`(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)`, `\10`, "abcdefghij", "j")
}

func TestRegexErrors(t *testing.T) {
	f := func(pattern, replacement string) {
		t.Helper()
		re, err := compileRegex(pattern)
		if err == nil {
			_, err = re.Replace("x", replacement)
		}
		if err == nil {
			t.Errorf("%q with %q is no error", pattern, replacement)
		}
	}
	f(`(`, ``)
	f(`[`, ``)
	f(`(?<=`, ``)
	f(`a`, `\1`)
	f(`(a)`, `\2`)
	f(`(a)`, `\g<n>`)
	f(`a`, `\q`)
	f(`a`, `\g<-1>`)
	f(`a`, `\g`)
}

func TestRegexMatch(t *testing.T) {
	f := func(pattern, s string, want bool) {
		t.Helper()
		re, err := compileRegex(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.Match(s); got != want || err != nil {
			t.Errorf("re.search(%q, %q) = %v, %v", pattern, s, got, err)
		}
	}
	f(`web0[12]`, "a.web02", true)
	f(`^web`, "a.web", false)
	f(`(?<!x)web`, "xweb", false)
	f(`(?<!x)web`, "a.web", true)
	f(`\w+é`, "cafeé", true)
	f(``, "x", true)
}

// TestRegexGivesUp uses an expression that backtracks for ages.
func TestRegexGivesUp(t *testing.T) {
	re, err := compileRegex(`^(a+)+(?=b)$`)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := re.Match(strings.Repeat("a", 60)); err == nil {
		t.Errorf("no error after %v", time.Since(start))
	}
	fast, err := compileRegex(`^(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := fast.Match(strings.Repeat("a", 60) + "b"); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func FuzzRegex(f *testing.F) {
	for _, p := range []string{`web(\d+)`, `(?P<a>x)(?P=a)`, `[]a{,2}]\Z`, `(?<=x)*`, `\1(`, `{,3}`} {
		f.Add(p, `\1\g<a>`, "web01")
	}
	f.Fuzz(func(t *testing.T, pattern, replacement, s string) {
		if len(pattern) > 30 || len(s) > 30 || strings.Count(pattern, "{") > 1 {
			return
		}
		re, err := compileRegex(pattern)
		if err != nil {
			return
		}
		_, _ = re.Match(s)
		out, err := re.Replace(s, "")
		if err == nil && len(out) > len(s)+3*len(s) {
			t.Errorf("replacing %q by nothing in %q gave %q", pattern, s, out)
		}
		_, _ = re.Replace(s, replacement)
	})
}

// TestRegexLong compiles and tries expressions of the greatest length: none may cost more than its
// length is worth.
func TestRegexLong(t *testing.T) {
	size := DefaultLimits().MaxRegex
	for _, part := range []string{"|ab", "(", "(a*)*", "(?=a)"} {
		body := strings.Repeat(part, size/len(part))
		for _, pattern := range []string{body, "^(" + body[:len(body)-4] + ")$"} {
			re, err := compileRegex(pattern)
			if err != nil {
				continue
			}
			_, _ = re.Match("servers.web01.cpu.user") // what takes too long is an error
		}
	}
}
