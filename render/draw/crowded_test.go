package draw

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"graphited/render"
	"graphited/whisper"
)

// textsOf draws a line graph and returns a recorder with its texts.
func textsOf(t *testing.T, given map[string]string, series ...*render.Series) *recorder {
	t.Helper()
	r := &recorder{}
	d := newDrawer(t, Options{})
	get := func(name string) (string, bool) { v, ok := given[name]; return v, ok }
	cv := &canvas{surface: r, ctx: context.Background(), d: d, p: &params{get: get}, w: new(work)}
	if _, err := cv.drawLine(&Graph{Series: series, Location: time.UTC}); err != nil {
		t.Fatal(err)
	}
	return r
}

func flat(name string, v float64, right bool) *render.Series {
	values := whisper.Series{From: 0, Until: 600, Step: 60, Values: slices.Repeat([]float64{v}, 10)}
	return &render.Series{Name: name, Series: values, Graph: &render.GraphOptions{SecondYAxis: right}}
}

// TestCrowded checks that in small pictures nothing overlaps and titles are not cut.
func TestCrowded(t *testing.T) {
	const title = "a title that is much longer than the picture is wide, and then some"
	for _, c := range []struct {
		name   string
		params map[string]string
		lines  int // of the title
	}{
		{"short", map[string]string{"title": "short"}, 1},
		{"wrapped", map[string]string{"title": title}, 2},
		{"one word", map[string]string{"title": "a-title-that-is-much-longer-than-the-picture-is-wide-and-has-no-blank-at-all"}, 1},
		{"no room to wrap", map[string]string{"title": title + title, "width": "60", "height": "100"}, 1},
		{"two lines", map[string]string{"title": "one\ntwo"}, 2},
	} {
		c.params["hideAxes"], c.params["hideLegend"] = "true", "true"
		if r := textsOf(t, c.params, flat("a", 1, false)); len(r.texts) != c.lines {
			t.Errorf("%s: the title takes %d lines, want %d: %v", c.name, len(r.texts), c.lines, r.texts)
		}
	}
	for _, height := range []string{"250", "120", "90", "70", "60"} {
		r := textsOf(t, map[string]string{"height": height, "hideLegend": "true", "hideXAxis": "true"}, flat("a", 100, false), flat("b", 200, false))
		for i := 1; i < len(r.texts); i++ {
			if up := r.texts[i-1].at.y - r.texts[i].at.y; up < 7 {
				t.Errorf("height %s: label %q is %.1f pixels above %q", height, r.texts[i].text, up, r.texts[i-1].text)
			}
		}
	}
	r := textsOf(t, map[string]string{"width": "400", "hideAxes": "true", "vtitle": "left", "vtitleRight": "right"},
		flat("a.name.that.takes.its.room", 1, false), flat("another.name.that.takes.it", 1, true))
	names := r.texts[len(r.texts)-2:]
	if names[0].at.y == names[1].at.y {
		t.Errorf("two names share a line that is too short for both: %v", names)
	}
}

// TestGround checks that the area of values below zero on an axis that ends below zero hangs from
// above, as in glyph.py.
func TestGround(t *testing.T) {
	l := &lineGraph{canvas: &canvas{area: box{0, 10, 100, 110}}}
	for _, c := range []struct{ bottom, top, want float64 }{
		{-80, -20, 10 - 100.0/3}, {0, 100, 110}, {-50, 50, 60}, {100, 200, 210}, {-1, -1e-9, 10},
	} {
		if got := l.ground(&scale{least: c.bottom, most: c.top}); math.Abs(got-c.want) > 0.1 {
			t.Errorf("from %v to %v: areas end at %v, want %v", c.bottom, c.top, got, c.want)
		}
	}
}
