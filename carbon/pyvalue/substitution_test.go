package pyvalue

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSubstitutionRecorded holds Substitution against what Python's re.sub answers.
func TestSubstitutionRecorded(t *testing.T) {
	n := 0
	data, err := os.ReadFile("../../testdata/pyvalue/substitution.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var c [4]*string
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		n++
		s, err := CompileSubstitution(*c[0], *c[1], time.Second)
		switch {
		case (err != nil) != (c[3] == nil):
			t.Errorf("%s: %v", line, err)
		case err == nil && s.Rewrite(*c[2]) != *c[3]:
			t.Errorf("%s: got %q", line, s.Rewrite(*c[2]))
		}
	}
	if n < 900 {
		t.Errorf("only %d cases", n)
	}
}

func TestSubstitution(t *testing.T) {
	f := func(pattern, replacement, s, want string) {
		t.Helper()
		sub, err := CompileSubstitution(pattern, replacement, time.Second)
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		got, err := sub.Sub(s)
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
	f(`(.)`, `\g<0>\g<0>`, "ab", "aabb")
	f(`é+`, `e`, "caféé", "cafe")
	f(`(?i)WEB`, `x`, "web", "x")
	f(`\bcpu\b`, `x`, "a.cpu.cpus", "a.x.cpus")
	f(`(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)`, `\10`, "abcdefghij", "j")
}

func TestSubstitutionErrors(t *testing.T) {
	f := func(pattern, replacement string) {
		t.Helper()
		if _, err := CompileSubstitution(pattern, replacement, time.Second); err == nil {
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
	f(`a`, `a\`)
}

func TestSubstitutionEngine(t *testing.T) {
	f := func(expr, name string, slow bool) {
		t.Helper()
		s, err := CompileSubstitution(expr, "x", time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.rest != nil; got != slow {
			t.Errorf("%q: backtracking %v, want %v", expr, got, slow)
		}
		if s.String() != expr+" = x" {
			t.Errorf("%q is shown as %q", expr, s)
		}
		if s.Rewrite(name) == name {
			t.Errorf("%q does not change %q", expr, name)
		}
	}
	f(`^servers\.`, "servers.a", false)
	f(`(\w+)\.(\w+)$`, "a.b", false)
	f(`a|b+|[c]{2}`, "cc", false)
	f(`^`, "a", true)
	f(`a*`, "a", true)
	f(`(?!b)a`, "a", true)
}

func FuzzSubstitution(f *testing.F) {
	f.Add(`(\w)\.(?P<n>a)?`, `\1\g<n>`, "a.b.a")
	f.Add(`x*`, `-`, "abx")
	f.Fuzz(func(t *testing.T, expr, template, name string) {
		s, err := CompileSubstitution(expr, template, time.Second)
		if err == nil && len(name) < 100 && len(expr) < 20 {
			s.Rewrite(name)
		}
		if err != nil || len(expr) > 30 || len(name) > 30 || strings.Count(expr, "{") > 1 {
			return
		}
		if s, err = CompileSubstitution(expr, "", time.Second); err != nil {
			t.Fatal(err)
		}
		if out, err := s.Sub(name); err == nil && len(out) > 4*len(name) {
			t.Errorf("replacing %q by nothing in %q gives %q", expr, name, out)
		}
	})
}

func BenchmarkRewrite(b *testing.B) {
	for name, rule := range map[string][2]string{"miss": {`^servers\.(\w+)\.`, `hosts.\1.`}, "fast": {`^stats\.(\w+)\.`, `\1.`}, "slow": {`^(?!servers)(\w+)\.`, `\1.`}} {
		b.Run(name, func(b *testing.B) {
			s, err := CompileSubstitution(rule[0], rule[1], time.Second)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Rewrite("stats.timers.api.count")
			}
		})
	}
}
