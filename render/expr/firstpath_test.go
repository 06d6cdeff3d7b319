package expr

import (
	"strings"
	"testing"
)

func TestFirstPath(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got, ok := FirstPath(name); got != want || ok != (want != "") {
			t.Errorf("FirstPath(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
	f("a.b", "a.b")
	f("sumSeries(scale(a.b,2),c.d)", "a.b")
	f("a.b|f()|g(c)", "a.b")
	f("f(a b)", "f")
	f("web (30% free)", "web")
	f("web servers (avg: 1.5)", "web")
	f("a.b.c (avg: 1.5)", "a.b.c")
	f(`f(a\.b)`, "a.b")
	f("f()", "")
	f("f(5)", "")
	f(`seriesByTag("a=b")`, "")
	f("template(a)", "")
	f("(a)", "")
	f("", "")
	f("sumSeries("+strings.Repeat("a.b.c,", 10_000)+"d)", "a.b.c")
	f(strings.Repeat("f(", 9_999)+"a"+strings.Repeat(")", 9_999), "a")
	f(strings.Repeat("f(", 10_000)+"a"+strings.Repeat(")", 10_000), "f")
}
