package draw

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"graphited/render"
	"graphited/whisper"
)

const testdata = "../../testdata/draw"

// testCase is an entry of cases.json, which record.py reads, too.
type testCase struct {
	Name   string
	Pie    bool
	Series []testSeries
	Slices [][2]any
	Params map[string]string
}

type testSeries struct {
	Name           string
	Start, Step    int64
	Values         testValues
	Consolidate    string
	XFilesFactor   float64
	Color          string
	Alpha          *float64
	LineWidth      *float64
	Dashed         float64
	Stacked        bool
	Invisible      bool
	SecondYAxis    bool
	DrawAsInfinite bool
}

// testValues are a list of values, or a short description of a wave.
type testValues []float64

func (v *testValues) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		var list []*float64
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		for _, x := range list {
			if x == nil {
				*v = append(*v, math.NaN())
			} else {
				*v = append(*v, *x)
			}
		}
		return nil
	}
	var w struct {
		N                               int
		Base, Amp, Period, Noise, Phase float64
		Gaps                            [2]int
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	for i := range w.N {
		x := w.Base + w.Amp*math.Sin(2*math.Pi*(float64(i)+w.Phase)/w.Period) + w.Noise*float64(i*7919%1000)/1000
		if every, length := w.Gaps[0], w.Gaps[1]; every > 0 && i%every >= every-length {
			x = math.NaN()
		}
		*v = append(*v, x)
	}
	return nil
}

// graph returns the graph of the case.
func (c *testCase) graph(t testing.TB, format string) Graph {
	g := Graph{Format: format, Pie: c.Pie, Param: func(name string) (string, bool) {
		v, ok := c.Params[name]
		return v, ok
	}}
	if tz := c.Params["tz"]; tz != "" {
		var err error
		if g.Location, err = time.LoadLocation(tz); err != nil {
			t.Skipf("no time zone data: %v", err)
		}
	}
	for _, s := range c.Slices {
		g.Slices = append(g.Slices, Slice{s[0].(string), s[1].(float64)})
	}
	for _, s := range c.Series {
		g.Series = append(g.Series, &render.Series{
			Series: whisper.Series{From: s.Start, Until: s.Start + s.Step*int64(len(s.Values)), Step: s.Step, Values: s.Values},
			Name:   s.Name, Consolidate: s.Consolidate, XFilesFactor: s.XFilesFactor,
			Graph: &render.GraphOptions{
				Color: s.Color, Alpha: s.Alpha, LineWidth: s.LineWidth, Dashed: s.Dashed, Stacked: s.Stacked,
				Invisible: s.Invisible, SecondYAxis: s.SecondYAxis, DrawAsInfinite: s.DrawAsInfinite,
			},
		})
	}
	return g
}

// readCases reads cases.json.
func readCases(t testing.TB) []*testCase {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdata, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []*testCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// newDrawer makes a Drawer. What o leaves out has its default.
func newDrawer(t testing.TB, o Options) *Drawer {
	t.Helper()
	def := DefaultOptions()
	o.DateFormat, o.LegendMaxItems = cmp.Or(o.DateFormat, def.DateFormat), cmp.Or(o.LegendMaxItems, def.LegendMaxItems)
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mustDraw draws g and fails the test on an error.
func mustDraw(t testing.TB, d *Drawer, g Graph) []byte {
	t.Helper()
	b, err := d.Append(context.Background(), nil, g)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGallery draws every case into the folder GRAPH_GALLERY, with a page that shows them beside
// the pictures that record.py has put into its folder glyph.
func TestGallery(t *testing.T) {
	folder := os.Getenv("GRAPH_GALLERY")
	if folder == "" {
		t.Skip("GRAPH_GALLERY is not set")
	}
	d := newDrawer(t, Options{})
	page := []byte("<!DOCTYPE html><meta charset=utf-8><title>Graphs</title><table><tr><th>graphite-web<th>PNG<th>SVG<th>PDF\n")
	for _, c := range readCases(t) {
		page = fmt.Appendf(page, "<tr><td colspan=4>%[1]s<tr><td><img src='glyph/%[1]s.png'><td><img src='%[1]s.png'><td><img src='%[1]s.svg'><td><a href='%[1]s.pdf'>PDF</a>\n", c.Name)
		for _, format := range []string{"png", "svg", "pdf"} {
			b, err := d.Append(context.Background(), nil, c.graph(t, format))
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			if err := os.WriteFile(filepath.Join(folder, c.Name+"."+format), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "index.html"), page, 0o644); err != nil {
		t.Fatal(err)
	}
}
