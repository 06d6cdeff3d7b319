package call

import (
	"slices"
	"testing"

	"github.com/valyala/fasthttp"
)

func TestParams(t *testing.T) {
	var c fasthttp.RequestCtx
	c.Request.SetRequestURI("/render?target=a&x=1&target=b&empty=&flag&=v&&p%5B%5D=q&t%ffx=+%2B")
	c.Request.Header.SetMethod("POST")
	c.Request.Header.SetContentType("application/x-www-form-urlencoded")
	c.Request.SetBodyString("x=2&target=c")
	p, err := ReadParams(&c, 20, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.List("target"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("target: %q", got)
	}
	if got := p.List("p"); !slices.Equal(got, []string{"q"}) {
		t.Errorf("p: %q", got)
	}
	if got := p.List("none"); got != nil {
		t.Errorf("none: %q", got)
	}
	f := func(name, want string, has bool) {
		t.Helper()
		if got, ok := p.Find(name); got != want || ok != has || p.Has(name) != has || p.Get(name) != want {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	f("x", "2", true)
	f("empty", "", true)
	f("flag", "", true)
	f("none", "", false)
	f("", "v", true)
	f("t\uFFFDx", " +", true)
	if _, err := ReadParams(&c, 3, 1000); err == nil {
		t.Error("three parameters allowed, ten taken")
	}
}

func TestParseInt(t *testing.T) {
	f := func(s string, want int64, ok bool) {
		t.Helper()
		if got, err := ParseInt(s); got != want || (err == nil) != ok {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	f("0", 0, true)
	f(" +12\n", 12, true)
	f("-1_000", -1000, true)
	f("", 0, false)
	f("_1", 0, false)
	f("1__0", 0, false)
	f("1.5", 0, false)
	f("0x10", 0, false)
	f("99999999999999999999", 0, false)
}

func TestParseFloat(t *testing.T) {
	f := func(s string, want float64, ok bool) {
		t.Helper()
		if got, err := ParseFloat(s); err == nil && got != want || (err == nil) != ok {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	f("0.5", 0.5, true)
	f(" -1e3 ", -1000, true)
	f("x", 0, false)
	f("0x10", 0, false)
	f("", 0, false)
}
