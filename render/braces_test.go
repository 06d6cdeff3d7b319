package render

import (
	"slices"
	"testing"
)

func TestDottedBraces(t *testing.T) {
	f := func(pattern string, want ...string) {
		t.Helper()
		var got []string
		dottedBraces(pattern, func(p string) bool { got = append(got, p); return true })
		if !slices.Equal(got, want) {
			t.Errorf("%s stands for %q, want %q", pattern, got, want)
		}
	}
	f("a.*.{b,c}.d", "a.*.{b,c}.d")
	f("a.{b.c,d,e}.f", "a.b.c.f", "a.{d,e}.f")
	f("a.{b.c,d}.{e,f}", "a.b.c.{e,f}", "a.d.{e,f}")
	f("{a.b,c.d}{x,y.z}", "a.by.z", "a.bx", "c.dy.z", "c.dx")
	f("a.{b.c", "a.{b.c")
	f("a}.{b.c}", "a}.b.c")
	dottedBraces("{a.b,c.d}", func(p string) bool {
		if p != "a.b" {
			t.Errorf("%s comes after the end", p)
		}
		return false
	})
}
