package draw

import (
	"bytes"
	"math"
	"testing"
	"time"

	"graphited/render"
	"graphited/whisper"
)

// withZone returns g with the location that Append would set.
func withZone(g Graph) *Graph {
	g.Location = time.UTC
	return &g
}

func TestPieValue(t *testing.T) {
	nan := math.NaN()
	f := func(mode string, want float64, values ...float64) {
		t.Helper()
		if got := pieValue(&render.Series{Series: whisper.Series{Values: values}}, mode); got != want {
			t.Errorf("%s of %v: %v, want %v", mode, values, got, want)
		}
	}
	f("average", 2, 1, nan, 3)
	f("maximum", 3, 1, nan, 3)
	f("minimum", 1, 1, nan, 3)
	f("average", 0, nan, nan)
	f("maximum", 0)
}

func TestSliceLabel(t *testing.T) {
	f := func(labels string, value, share float64, modern bool, want string) {
		t.Helper()
		s := &pieSettings{labels: labels, least: 5}
		s.template = &template{modern: modern}
		got, ok := s.label(&slice{value: value, share: share})
		if got != want || ok != (want != "") {
			t.Errorf("%v %v: %q, want %q", value, share, got, want)
		}
	}
	f("percent", 1, 0.1234, false, "%12.34")
	f("percent", 1, 0.1234, true, "12.3%")
	f("percent", 1, 0.0499, false, "")
	f("number", 7.125, 0, false, "7.12")
	f("number", 7, 0, false, "7")
	f("number", 1234.9, 0, false, "1234")
	f("number", 4.9, 0, false, "")
}

// TestPie draws slices and series in one pie, with odd values that get no space.
func TestPie(t *testing.T) {
	d := newDrawer(t, Options{})
	g := Graph{Format: "svg", Pie: true, Slices: []Slice{{"a & b", 3}, {"minus", -5}, {"nan", math.NaN()}, {"inf", math.Inf(1)}},
		Series: []*render.Series{{Series: whisper.Series{Values: []float64{1, 1}}, Name: "series"}}}
	b := mustDraw(t, d, g)
	wellFormed(t, b)
	if n := bytes.Count(b, []byte("</title></path>")); n != 2 {
		t.Errorf("%d slices, want 2:\n%s", n, b)
	}
	for _, want := range []string{">%75.00</text>", ">%25.00</text>", "<title>a &amp; b</title>", ">minus</text>"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	for _, g := range []Graph{{Pie: true, Slices: []Slice{{"zero", 0}}}, {Pie: true}} {
		g.Format = "svg"
		if b := mustDraw(t, d, g); !bytes.Contains(b, []byte(">No Data<")) {
			t.Errorf("%s", b)
		}
	}
}

func TestBadPie(t *testing.T) {
	d := newDrawer(t, Options{})
	for name, value := range map[string]string{"valueLabels": "some", "pieMode": "sum", "valueLabelsMin": "x", "valueLabelsColor": "x"} {
		g := Graph{Pie: true, Slices: []Slice{{"a", 1}}, Param: paramsOf(map[string]string{name: value}).get}
		_, err := d.Append(t.Context(), nil, g)
		if bad, ok := err.(*ParamError); !ok || bad.Name != name {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}
