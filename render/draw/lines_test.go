package draw

import (
	"context"
	"math"
	"testing"

	"graphited/render"
)

// traced returns the path of values, in steps of ten pixels from x=0, on an axis with one pixel per
// unit and zero at y=100.
func traced(mode string, change func(*lineGraph, *curve), values ...float64) []point {
	l := &lineGraph{canvas: &canvas{area: box{0, 0, 1000, 100}}, s: &lineSettings{lineMode: mode, connectedLimit: math.Inf(1)}}
	l.scales = &[2]scale{{least: 0, most: 100}, {least: 0, most: 50}}
	c := &curve{values: values, drawn: values, perPoint: 1, step: 60, xStep: 10}
	if change != nil {
		change(l, c)
	}
	return l.trace(nil, c)
}

func TestTrace(t *testing.T) {
	nan := math.NaN()
	f := func(what string, got []point, want ...float64) {
		t.Helper()
		ok := len(got) == len(want)/2
		for i := 0; ok && i < len(got); i++ {
			w := point{want[2*i], want[2*i+1]}
			ok = got[i] == w || got[i].isGap() && w.isGap()
		}
		if !ok {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	f("slope", traced("slope", nil, 10, 20, 30), 0, 90, 10, 80, 20, 70, nan, nan)
	f("one step on before a gap", traced("slope", nil, 10, 20, nan, nan, 30, 40),
		0, 90, 10, 80, 20, 80, nan, nan, 40, 70, 50, 60, nan, nan)
	f("gap in front", traced("slope", nil, nan, 20, 30), 10, 80, 20, 70, nan, nan)
	f("staircase", traced("staircase", nil, 10, 20, nan, 30),
		0, 90, 10, 90, 10, 80, 20, 80, 20, 80, nan, nan, 30, 70, 40, 70, nan, nan)
	f("connected", traced("connected", nil, 10, nan, nan, 20), 0, 90, 10, 90, 30, 80, nan, nan)
	limit := func(l *lineGraph, _ *curve) { l.s.connectedLimit = 1 }
	f("connected with a limit", traced("connected", limit, 10, nan, 20, nan, nan, 30, 30),
		0, 90, 10, 90, 20, 80, 30, 80, nan, nan, 50, 70, 60, 70, nan, nan)
	zero := func(l *lineGraph, _ *curve) { l.s.nullAsZero = true }
	f("null as zero", traced("slope", zero, 10, nan, 20), 0, 90, 10, 100, 20, 80, nan, nan)
	infinite := func(_ *lineGraph, c *curve) { c.infinite = true }
	f("infinite", traced("slope", infinite, nan, 5, 0, 0), 10, 100, 10, 0, nan, nan, 20, 100, 30, 100, nan, nan)
	stacked := func(_ *lineGraph, c *curve) { c.stacked = true }
	f("stacked", traced("slope", stacked, 10, 20, nan, 30, 40),
		0, 90, 10, 80, 20, 80, 20, 100, 0, 100, nan, nan, 30, 70, 40, 60, 40, 100, 30, 100, nan, nan)
	right := func(_ *lineGraph, c *curve) { c.right = true }
	f("second axis", traced("slope", right, 10, 20), 0, 80, 10, 60, nan, nan)
	f("above the picture", traced("slope", nil, 1000, math.Inf(1)), 0, 0, 10, 0, nan, nan)
	late := func(_ *lineGraph, c *curve) { c.start = 120 }
	f("late", traced("slope", late, 10, 20), 20, 90, 30, 80, nan, nan)
	f("nothing", traced("slope", nil, nan, nan))
	f("a single point", traced("slope", nil, 10))
}

func TestStack(t *testing.T) {
	nan := math.NaN()
	l := &lineGraph{canvas: &canvas{w: &work{}}, s: &lineSettings{areaMode: "stacked"}}
	l.curves = []curve{
		{values: []float64{1, 2, nan}, perPoint: 1},
		{values: []float64{9, 9}, perPoint: 1, infinite: true},
		{values: []float64{10, nan, 30, 40}, perPoint: 1},
	}
	first := l.curves[0].values
	l.stack()
	want := [][]float64{{1, 2, nan}, {9, 9}, {11, nan, 30, 40}}
	for i, c := range l.curves {
		for k, v := range c.drawn {
			if v != want[i][k] && (v == v || want[i][k] == want[i][k]) {
				t.Errorf("curve %d: %v, want %v", i, c.drawn, want[i])
				break
			}
		}
		if c.stacked == c.infinite {
			t.Errorf("curve %d is stacked: %v", i, c.stacked)
		}
	}
	if &first[0] == &l.curves[0].values[0] {
		t.Error("the series itself was changed")
	}
}

func TestLimits(t *testing.T) {
	nan := math.NaN()
	all := func(*curve) bool { return true }
	f := func(nullAsZero, stacked bool, low, high float64, values ...[]float64) {
		t.Helper()
		var curves []curve
		for _, v := range values {
			curves = append(curves, curve{values: v, drawn: v})
		}
		l, h, ok := limits(curves, all, nullAsZero, stacked)
		if l != low || h != high || ok != (low != 0 || high != 1) {
			t.Errorf("%v: %v to %v (%v), want %v to %v", values, l, h, ok, low, high)
		}
	}
	f(false, false, 1, 5, []float64{1, 2, nan}, []float64{5, math.Inf(1)})
	f(true, false, 0, 5, []float64{1, 2, nan}, []float64{5})
	f(true, false, 1, 5, []float64{1, 2}, []float64{5})
	f(true, false, -3, 0, []float64{-3, nan, -1})
	f(false, true, 1, 7, []float64{1, 2, 50}, []float64{5, 5})
	f(false, false, 0, 1, []float64{nan, math.Inf(-1)})
	f(false, false, 0, 1)
}

func TestInk(t *testing.T) {
	half := 0.5
	zero := 0.0
	f := func(what string, o render.GraphOptions, want ink) {
		t.Helper()
		c := newCurve(&render.Series{Graph: &o})
		c.ink, _ = parseColor(c.color)
		if got := (&lineGraph{}).inkOf(&c); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	f("plain", render.GraphOptions{Color: "darkred"}, ink{255, 0, 0, 255})
	f("alpha", render.GraphOptions{Color: "darkred", Alpha: &half}, ink{255, 0, 0, 128})
	f("alpha 0 is none", render.GraphOptions{Color: "darkred", Alpha: &zero}, ink{255, 0, 0, 255})
	f("alpha of the color", render.GraphOptions{Color: "ff000020", Alpha: &half}, ink{255, 0, 0, 32})
	f("a name of eight letters", render.GraphOptions{Color: "darkblue", Alpha: &half}, ink{0, 0, 255, 128})
	f("invisible", render.GraphOptions{Color: "ff0000ff", Invisible: true}, ink{255, 0, 0, 0})
}

// TestRanges draws common ranges of time and checks that labels do not collide.
func TestRanges(t *testing.T) {
	d := newDrawer(t, Options{})
	for length := int64(600); length < 3e9; length = length * 3 / 2 {
		for _, width := range []string{"330", "800", "2000"} {
			g := benchGraph("png", 1, 101)
			s := g.Series[0]
			s.Step = length / 100
			s.Until = s.From + 101*s.Step
			g.Param = with(g.Param, "width", width)
			r := &recorder{}
			c := &canvas{surface: r, ctx: context.Background(), d: d, p: &params{get: g.Param}, w: new(work)}
			g.Location = nil
			l, err := c.drawLine(withZone(g))
			if err != nil {
				t.Fatal(err)
			}
			var last *label
			n := 0
			for i := range r.texts {
				x := &r.texts[i]
				if x.at.y < l.area.y1+5 || x.at.y > l.area.y1+25 {
					continue
				}
				n++
				if last != nil && x.at.x < last.at.x+last.font.width(last.text) {
					t.Errorf("%d seconds in %s pixels: %q and %q collide", length, width, last.text, x.text)
				}
				last = x
			}
			if n == 0 && length < 1e7 || n > 50 {
				t.Errorf("%d seconds in %s pixels: %d labels", length, width, n)
			}
		}
	}
}
