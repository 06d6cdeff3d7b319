package pyregex

import (
	"bytes"
	"encoding/json"
	"testing"

	"graphited/config/configtest"
)

// TestSubstitutionRecorded holds Substitution against what Python's re.sub answers.
func TestSubstitutionRecorded(t *testing.T) {
	n := 0
	for line := range bytes.Lines(configtest.ReadFile(t, "../../testdata/config"+"/substitution.jsonl")) {
		var c [4]*string
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		n++
		s, err := CompileSubstitution(*c[0], *c[1])
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

func TestSubstitutionEngine(t *testing.T) {
	f := func(expr, name string, slow bool) {
		t.Helper()
		s, err := CompileSubstitution(expr, "x")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.first != nil; got != slow {
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
		s, err := CompileSubstitution(expr, template)
		if err == nil && len(name) < 100 && len(expr) < 20 {
			s.Rewrite(name)
		}
	})
}

func BenchmarkRewrite(b *testing.B) {
	for name, rule := range map[string][2]string{"miss": {`^servers\.(\w+)\.`, `hosts.\1.`}, "fast": {`^stats\.(\w+)\.`, `\1.`}, "slow": {`^(?!servers)(\w+)\.`, `\1.`}} {
		b.Run(name, func(b *testing.B) {
			s, err := CompileSubstitution(rule[0], rule[1])
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
