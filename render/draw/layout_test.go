package draw

import (
	"bufio"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recorded is a line of layout.jsonl: the layout of a case in graphite-web.
type recorded struct {
	Name, Error string
	Area        [4]float64
	Texts       [][4]any
	Lines       [][5]float64
	Boxes       [][4]float64
	Axes        [][4]any
	Curves      [][3]any
	Pie         []float64
}

// recorder is a surface that records what is drawn.
type recorder struct {
	part  string
	texts []label
	lines []box
	width []float64
	boxes []box
}

func (r *recorder) begin(part string) { r.part = part }
func (r *recorder) clip(box)          {}
func (r *recorder) rect(b box, _ ink) {
	if r.part == "legend" {
		r.boxes = append(r.boxes, b)
	}
}

func (r *recorder) line(a, b point, p pen) {
	if r.part == "grid" {
		r.lines = append(r.lines, box{a.x, a.y, b.x, b.y})
		r.width = append(r.width, p.width)
	}
}
func (r *recorder) stroke([]point, pen, string)       {}
func (r *recorder) areas([]point, []area)             {}
func (r *recorder) wedge(wedge)                       {}
func (r *recorder) text(l label)                      { r.texts = append(r.texts, l) }
func (r *recorder) finish(dst []byte) ([]byte, error) { return dst, nil }

// deviations are the cases whose layout differs on purpose, and the reasons.
var deviations = map[string]string{
	"small":    "glyph.py draws upside down where the legend leaves no room; here the legend is left out",
	"time-10y": "glyph.py writes dates over one another, and over the years; here there are half as many",
	"tiny":     "glyph.py draws mirrored where the margins leave no room; here they are left out",
}

// TestLayout compares texts, grid, legend, axes and merging with graphite-web.
func TestLayout(t *testing.T) {
	cases := map[string]*testCase{}
	for _, c := range readCases(t) {
		cases[c.Name] = c
	}
	f, err := os.Open(filepath.Join(testdata, "layout.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := newDrawer(t, Options{})
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var want recorded
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.Name, func(t *testing.T) {
			if why := deviations[want.Name]; why != "" {
				t.Skip(why)
			}
			checkLayout(t, d, cases[want.Name], &want)
		})
	}
}

func checkLayout(t *testing.T, d *Drawer, c *testCase, want *recorded) {
	g := c.graph(t, "")
	if g.Location == nil {
		g.Location = time.UTC
	}
	r := &recorder{}
	cv := &canvas{surface: r, ctx: context.Background(), d: d, p: &params{get: g.Param}, w: new(work)}
	var line *lineGraph
	var err error
	if g.Pie {
		err = cv.drawPie(&g)
	} else {
		line, err = cv.drawLine(&g)
	}
	if (err != nil) != (want.Error != "") {
		t.Fatalf("error %v, graphite-web %q", err, want.Error)
	}
	if err != nil {
		return
	}
	near(t, "area", []float64{cv.area.x0, cv.area.y0, cv.area.x1, cv.area.y1}, want.Area[:], 0.01)
	i := 0
	for _, w := range want.Texts {
		text := w[0].(string)
		if strings.TrimSpace(text) == "" {
			continue
		}
		if i == len(r.texts) {
			t.Fatalf("text %q is missing", text)
		}
		got := r.texts[i]
		i++
		if got.text != strings.TrimRight(text, " ") {
			t.Errorf("text %q, want %q", got.text, text)
			continue
		}
		near(t, "place of "+text, []float64{got.at.x, got.at.y, got.font.size}, []float64{w[1].(float64), w[2].(float64), w[3].(float64)}, 0.1)
	}
	if i != len(r.texts) {
		t.Errorf("text %q is unexpected", r.texts[i].text)
	}
	checkGrid(t, r, want)
	if line != nil {
		checkScales(t, line, want)
	}
}

func checkGrid(t *testing.T, r *recorder, want *recorded) {
	if len(r.lines) != len(want.Lines) {
		t.Errorf("%d grid lines, want %d", len(r.lines), len(want.Lines))
		return
	}
	for i, w := range want.Lines {
		b := r.lines[i]
		near(t, "grid line", []float64{b.x0, b.y0, b.x1, b.y1, r.width[i]}, w[:], 0.05)
	}
	if len(r.boxes) != len(want.Boxes) {
		t.Errorf("%d legend boxes, want %d", len(r.boxes), len(want.Boxes))
		return
	}
	for i, w := range want.Boxes {
		b := r.boxes[i]
		near(t, "legend box", []float64{b.x0, b.y0, b.width(), b.height()}, w[:], 0.1)
	}
}

func checkScales(t *testing.T, l *lineGraph, want *recorded) {
	for i, w := range want.Axes {
		s := &l.scales[i]
		got, wants := []float64{s.bottom, s.top}, []float64{w[0].(float64), w[1].(float64)}
		if step, ok := w[2].(float64); ok {
			got, wants = append(got, s.asked), append(wants, step)
		}
		got = append(got, s.values...)
		for _, v := range w[3].([]any) {
			wants = append(wants, v.(float64))
		}
		for i := range wants { // recorded with seven digits
			got[min(i, len(got)-1)] /= max(1e-300, math.Abs(wants[i]))
			wants[i] /= max(1e-300, math.Abs(wants[i]))
		}
		near(t, "axis", got, wants, 1e-5)
	}
	if len(l.curves) != len(want.Curves) {
		t.Fatalf("%d curves, want %d", len(l.curves), len(want.Curves))
	}
	for i, w := range want.Curves {
		c := &l.curves[i]
		if c.outline {
			continue
		}
		if c.name != w[0].(string) {
			t.Errorf("curve %q, want %q", c.name, w[0])
		}
		near(t, "merging of "+c.name, []float64{float64(c.perPoint), c.xStep}, []float64{w[1].(float64), w[2].(float64)}, 0.002)
	}
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}
