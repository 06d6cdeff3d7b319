package fn

import (
	"strings"
	"testing"

	"graphited/render/rendertest"
)

// TestLiteralNames: what cannot be read or finds nothing is the name that it is.
func TestLiteralNames(t *testing.T) {
	m := rendertest.New(t)
	for i, name := range []string{
		"disk free.x", "odd[1].b", "odd{n.b", "cpu(total).user", "sum(x)", "f(y)", "q'uote.x", "a,b", "in[2].x", "in2.x", "plain", "günter wärme.x", "{a,b}.c",
	} {
		m.Add(name, 60, 0, []float64{float64(i), float64(i)})
	}
	e := newTestEngine(t, m, nil)
	f := func(target string, want ...string) {
		t.Helper()
		r, err := e.Eval(t.Context(), query(target))
		var got []string
		for _, s := range r.Series {
			got = append(got, s.Name)
		}
		if strings.Join(got, " | ") != strings.Join(want, " | ") || (err != nil) != (want == nil) {
			t.Errorf("%s: got %q, %v, want %q", target, got, err, want)
		}
	}
	for _, name := range []string{"disk free.x", "odd[1].b", "odd{n.b", "cpu(total).user", "sum(x)", "f(y)", "q'uote.x", "a,b", "günter wärme.x", "{a,b}.c"} {
		f(name, name)
		f(" "+name+" ", name)
	}
	f(`odd\{n.b`, "odd{n.b")
	f(`sumSeries(odd\{n.b)`, `sumSeries(odd{n.b)`)
	f("sumSeries(odd[1].b)", "sumSeries(odd[1].b)")
	f(`scale(cpu\(total\).user,2)`, "scale(cpu(total).user,2)")
	f("scale(disk?free.x,2)", "scale(disk free.x,2)")
	f("scale('disk free.x',2)", "scale(disk free.x,2)")
	f("movingAverage('odd{n.b',1)", "movingAverage(odd{n.b,1)")
	f(`group("a,b",plain)`, "a,b", "plain")
	f("applyByNode(disk?free.x,1,'%')", "disk free.x")
	f("scale('in2.*',2)")
	f("scale('nothing',2)")
	// A pattern is a pattern, and a call a call, as long as they find something.
	f("in[2].x", "in2.x")
	f("sum(plain)", "sumSeries(plain)")
	f("group(plain)", "plain")
	f("plain)", "plain")
	f("nothing free.x", []string{}...)
}
