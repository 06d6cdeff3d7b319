package draw

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"testing"

	"graphited/render"
	"graphited/whisper"
)

// TestPageMetadata checks that metadata=full has what a page needs to point at values: own values
// in a stack, a summary, both axes, and only valid JSON.
func TestPageMetadata(t *testing.T) {
	three := []*render.Series{
		{Name: "a", Series: whisper.Series{From: 0, Until: 40, Step: 10, Values: []float64{1, 2, math.NaN(), 3}}},
		{Name: "b", Series: whisper.Series{From: 0, Until: 40, Step: 10, Values: []float64{10, 20, 30, 40}}},
		{Name: "c", Series: whisper.Series{From: 0, Until: 40, Step: 10, Values: []float64{100, math.Inf(1), 1, 1}}},
	}
	type series struct {
		Name              string
		Color             string
		Data              []*float64
		Min, Average, Max *float64
		Last              *float64
		Options           struct{ Stacked, SecondYAxis bool }
	}
	type metadata struct {
		Series    []series
		Y, YRight *struct{ Least, Most, Base float64 }
	}
	d := newDrawer(t, Options{})
	f := func(params map[string]string) (m metadata) {
		t.Helper()
		params["metadata"] = "full"
		b := mustDraw(t, d, Graph{Format: "svg", Series: three, Until: 40, Param: func(name string) (string, bool) {
			v, ok := params[name]
			return v, ok
		}})
		text := regexp.MustCompile(`(?s)metadata = (.*)\n  \]\]>`).FindSubmatch(b)
		if text == nil {
			t.Fatalf("no metadata in %s", b)
		}
		strict := bytes.ReplaceAll(text[1], []byte("1e999"), []byte("1e99")) // Go's decoder rejects 1e999, JavaScript's does not
		if err := json.Unmarshal(strict, &m); err != nil {
			t.Fatalf("%v in %s", err, text[1])
		}
		return m
	}
	m := f(map[string]string{"areaMode": "stacked", "hideSeries": "c"})
	if len(m.Series) != 2 || m.Y == nil || m.YRight != nil {
		t.Fatalf("got %+v", m)
	}
	b := m.Series[1]
	if b.Name != "b" || !b.Options.Stacked || *b.Data[1] != 20 || *b.Min != 10 || *b.Max != 40 || *b.Average != 25 || *b.Last != 40 {
		t.Errorf("b in a stack is %+v", b)
	}
	if a := m.Series[0]; a.Data[2] != nil || *a.Average != 2 || m.Y.Most < 43 {
		t.Errorf("a is %+v, the axis ends at %v", a, m.Y.Most)
	}
	if alone := f(map[string]string{"hideSeries": "a\nc"}); len(alone.Series) != 1 || alone.Series[0].Color != b.Color {
		t.Errorf("b alone is %+v, its colour beside others was %s", alone.Series, b.Color)
	}
	if again := f(map[string]string{}); len(again.Series) != 3 {
		t.Errorf("a series hidden in one graph is hidden in the next one: %+v", again.Series)
	}
	if all := f(map[string]string{"hideSeries": "a\nb\nc"}); len(all.Series) != 3 || *all.Series[2].Data[1] != 1e99 {
		t.Errorf("with all hidden: %+v", all.Series)
	}
}
