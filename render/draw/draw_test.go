package draw

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"graphited/render"
	"graphited/testdata/allocs"
	"graphited/whisper"
)

// drawWith draws a graph of one series with parameters given as "name=value".
func drawWith(d *Drawer, format string, params ...string) ([]byte, error) {
	g := benchGraph(format, 1, 50)
	g.Param = func(name string) (string, bool) {
		for _, p := range params {
			if n, v, _ := strings.Cut(p, "="); n == name {
				return v, true
			}
		}
		return "", false
	}
	return d.Append(context.Background(), nil, g)
}

func TestBadParams(t *testing.T) {
	d := newDrawer(t, Options{})
	f := func(name, value, rest string) {
		t.Helper()
		b, err := drawWith(d, "svg", append(strings.Fields(rest), name+"="+value)...)
		var bad *ParamError
		if !errors.As(err, &bad) || bad.Name != name || bad.Value != value || len(b) != 0 {
			t.Errorf("%s=%s: %v", name, value, err)
		}
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: error %v does not name the parameter", name, value, err)
		}
	}
	f("width", "abc", "")
	f("width", "0", "")
	f("width", "99999", "")
	f("width", "16000", "height=16000")
	f("height", "-5", "")
	f("margin", "x", "")
	f("bgcolor", "nocolor!", "")
	f("fgcolor", "12345", "")
	f("colorList", "red,notacolor", "")
	f("majorGridLineColor", "zzzzzz", "")
	f("fontSize", "0", "")
	f("lineMode", "curvy", "")
	f("areaMode", "some", "")
	f("pieMode", "sum", "")
	f("yAxisSide", "top", "")
	f("lineWidth", "thick", "")
	f("lineWidth", "-1", "")
	f("connectedLimit", "many", "")
	f("yMin", "low", "")
	f("yMin", "nan", "")
	f("yMax", "high", "")
	f("max", "high", "")
	f("yMax", "3", "yMin=5")
	f("yLimit", "3", "yMin=5")
	f("yStep", "0", "")
	f("yStep", "-3", "")
	f("yDivisors", "4,x", "")
	f("yDivisors", "0", "")
	f("logBase", "1", "")
	f("logBase", "ten", "")
	f("logBase", "10", "yMin=-1")
	f("logBase", "1.000001", "")
	f("minorY", "1e9", "")
	f("pixelRatio", "0", "")
	f("leftColor", "x", "")
	f("rightWidth", "x", "")
}

// TestGoodParams checks values that Graphite replaces by a default or parses in a peculiar way.
func TestGoodParams(t *testing.T) {
	d := newDrawer(t, Options{})
	plain, err := drawWith(d, "svg")
	if err != nil {
		t.Fatal(err)
	}
	f := func(param string, same bool) {
		t.Helper()
		b, err := drawWith(d, "svg", param)
		if err != nil {
			t.Error(err)
		} else if bytes.Equal(b, plain) != same {
			t.Errorf("%s: same picture is %v", param, !same)
		}
	}
	f("width=", true)
	f("width=default", true)
	f("width=330.9", true)
	f("margin=-3", true)
	f("template=no-such", true)
	f("yUnitSystem=furlongs", true)
	f("logBase=0.5", true)
	f("logBase=false", true)
	f("areaAlpha=0", true)
	f("areaAlpha=much", true) // there is no area
	f("hideGrid=0", true)
	f("hideGrid=false", true)
	f("hideGrid=no", false) // any text is true
	f("hideGrid=1", false)
	f("thickness=3", false)
	f("min=0", false)
	f("max=max", false)
	f("bgcolor=%23ff0000", false)
	f("fontName=Mono", false)
	f("lineMode=STAIRCASE", false)
	f("title=a+b%2520c", false)
}

func TestErrors(t *testing.T) {
	d := newDrawer(t, Options{})
	g := benchGraph("gif", 1, 10)
	if _, err := d.Append(context.Background(), nil, g); err == nil || !strings.Contains(err.Error(), `format "gif"`) {
		t.Error(err)
	}
	g = benchGraph("png", 1, 10)
	g.Series[0].Consolidate = "median"
	if _, err := d.Append(context.Background(), nil, g); err == nil || !strings.Contains(err.Error(), "median") {
		t.Error(err)
	}
	g = benchGraph("png", 1, 10)
	g.Series[0].Graph = &render.GraphOptions{Color: "chartreuse"}
	var bad *ParamError
	if _, err := d.Append(context.Background(), nil, g); !errors.As(err, &bad) || bad.Value != "chartreuse" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Append(ctx, nil, benchGraph("png", 5, 10)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestConcurrent draws the same graphs at the same time and expects the same bytes and unchanged
// series.
func TestConcurrent(t *testing.T) {
	d := newDrawer(t, Options{})
	cases := readCases(t)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 60 {
				c := cases[(i*7+w*3)%len(cases)]
				g := c.graph(t, []string{"png", "svg", "pdf"}[i%3])
				before := make([][]float64, len(g.Series))
				for k, s := range g.Series {
					before[k] = append([]float64(nil), s.Values...)
				}
				a, err1 := d.Append(context.Background(), nil, g)
				b, err2 := d.Append(context.Background(), nil, g)
				if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
					t.Errorf("%s: drawn twice, differs (%v, %v)", c.Name, err1, err2)
				}
				for k, s := range g.Series {
					for j, v := range s.Values {
						if v != before[k][j] && v == v {
							t.Errorf("%s: series changed", c.Name)
							return
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestSVG checks for what scripts and readers of an SVG need.
func TestSVG(t *testing.T) {
	d := newDrawer(t, Options{})
	evil := "]]></script><b>&\"'\x00\x08\xff\U0001f600\u2028"
	g := benchGraph("svg", 2, 2000)
	g.Series[0].Name = evil
	g.Param = func(name string) (string, bool) {
		v, ok := map[string]string{"title": "A <title>", "vtitle": "side", "fontName": `x" onload="alert(1)`}[name]
		return v, ok
	}
	b := mustDraw(t, d, g)
	wellFormed(t, b)
	for _, want := range []string{`<g class="graphite"`, `<g class="title">`, `<g class="vtitle">`, `<g class="legend">`,
		`<g class="axes">`, `<g class="grid">`, `<g class="lines"`, "<title>A &lt;title&gt;</title>", `role="img"`,
		"rotate(270", `stroke-width="1.2"`, ">A &lt;title&gt;</text>"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	m := regexp.MustCompile(`(?s)metadata = (.*)\n  \]\]>`).FindSubmatch(b)
	var meta struct {
		X      struct{ Start, End int64 }
		Area   map[string]float64
		Font   map[string]any
		Series []struct {
			Name           string
			ValuesPerPoint int
			Color          string
			Data           []float64
		}
		Y struct {
			Labels      []string
			LabelValues []float64
		}
	}
	if err := json.Unmarshal(m[1], &meta); err != nil {
		t.Fatal(err)
	}
	s := meta.Series[0]
	if want := strings.ReplaceAll(evil, "\xff", "\ufffd"); s.Name != want || s.Color != "blue" || s.ValuesPerPoint < 2 || len(s.Data) != (2000+s.ValuesPerPoint-1)/s.ValuesPerPoint {
		t.Errorf("series %+q %s %d %d", s.Name, s.Color, s.ValuesPerPoint, len(s.Data))
	}
	if meta.X.Start != 1500000000 || len(meta.Area) != 4 || len(meta.Y.Labels) != len(meta.Y.LabelValues) || len(meta.Y.Labels) < 3 {
		t.Errorf("%+v", meta)
	}
}

// sectionsOf reads the text of templates.
func sectionsOf(t *testing.T, text string) (list []TemplateSection) {
	t.Helper()
	sections, order, err := readConf(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range order {
		list = append(list, TemplateSection{name, sections[name]})
	}
	return list
}

func TestTemplates(t *testing.T) {
	text := "# ours\n[default]\nbackground = black\nlineColors = red,\n  00ff00\n[mine]\nfontSize: 14\nfontBold = True\n; end\n[Night Shift]\nbackground = 002b36\n"
	ts, problems := NewTemplates(sectionsOf(t, text))
	if problems != nil {
		t.Fatal(problems)
	}
	if x := ts.find("default"); x.background != "black" || len(x.colors) != 2 || x.colors[1] != "00ff00" || x.foreground != "black" {
		t.Errorf("default: %+v", x)
	}
	if x := ts.find("nobody's"); x != ts.find("default") {
		t.Errorf("unknown: %+v", x)
	}
	if x := ts.find("mine"); x.background != "black" || x.fontSize != 14 || !x.bold {
		t.Errorf("mine: %+v", x)
	}
	if x := ts.find("Night Shift"); x.background != "002b36" || x.colors[0] != "red" {
		t.Errorf("Night Shift: %+v", x)
	}
	if x := ts.find("noc"); x.background != "black" || x.colors[3] != "yellow" {
		t.Errorf("noc: %+v", x)
	}
	if b := parseOf(t, ts.find("modern").background); b.r != 255 {
		t.Error("modern is not white")
	}
	d := newDrawer(t, Options{Templates: func() *Templates { return ts }})
	g := func(template string) Graph {
		return Graph{Format: "svg", Param: func(name string) (string, bool) { return template, name == "template" }}
	}
	if b := mustDraw(t, d, g("Night Shift")); !bytes.Contains(b, []byte("#002b36")) {
		t.Errorf("drawn without its background: %.300s", b)
	}
	ts, _ = NewTemplates(nil)
	if b := mustDraw(t, d, g("Night Shift")); bytes.Contains(b, []byte("#002b36")) {
		t.Error("drawn with templates that are not in force any more")
	}
}

// TestTemplates_Bad: what cannot be used is told and left out, the rest of its section counts.
func TestTemplates_Bad(t *testing.T) {
	def, _ := NewTemplates(nil)
	f := func(key, value, msg string) {
		t.Helper()
		ts, problems := NewTemplates([]TemplateSection{{"a", map[string]string{"foreground": "gold", key: value}}})
		if len(problems) != 1 || problems[0].Section != "a" || problems[0].Key != key || !strings.Contains(problems[0].Msg, msg) {
			t.Errorf("%s = %s: %+v", key, value, problems)
		}
		want := *def.find("default")
		want.foreground = "gold"
		if got := *ts.find("a"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %s: %+v, want %+v", key, value, got, want)
		}
	}
	f("background", "nocolor", "expected a color's name")
	f("background", "black ; no comment", "expected a color's name")
	f("background", "fff", "expected a color's name")
	f("majorline", "", "expected a color's name")
	f("linecolors", "red,,blue", `"" is not a color`)
	f("linecolors", "red, nobody", `"nobody" is not a color`)
	f("fontsize", "big", "expected a size from 1 to 1000")
	f("fontsize", "0", "expected a size from 1 to 1000")
	f("fontbold", "yes", "expected true or false")
	f("fontitalic", "1", "expected true or false")
	f("colour", "red", "unknown setting")
}

func parseOf(t *testing.T, s string) ink {
	t.Helper()
	c, ok := parseColor(s)
	if !ok {
		t.Fatalf("%q is not a color", s)
	}
	return c
}

func TestColors(t *testing.T) {
	for text, want := range map[string]ink{
		"blue": {100, 100, 255, 255}, "Red": {200, 0, 50, 255}, " darkgrey ": {111, 111, 111, 255},
		"#0a0B0c": {10, 11, 12, 255}, "%230a0b0c": {10, 11, 12, 255}, "0a0b0c80": {10, 11, 12, 128}, "0a0b0c8": {10, 11, 12, 255},
	} {
		if got := parseOf(t, text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "#fff", "chartreuse", "0a0b0x", "0a0b0c8x", "#"} {
		if c, ok := parseColor(text); ok {
			t.Errorf("%q: %v", text, c)
		}
	}
}

func TestMerging(t *testing.T) {
	nan := math.NaN()
	v := []float64{1, 5, nan, 3, nan, nan, nan, nan, 7}
	f := func(how string, share float64, want ...float64) {
		t.Helper()
		c := curve{values: v, perPoint: 4, merge: how, share: share}
		c.merged(nil)
		for i := range want {
			if got := c.drawn[i]; len(c.drawn) != len(want) || got != want[i] && (got == got || want[i] == want[i]) {
				t.Errorf("%s: %v, want %v", how, c.drawn, want)
				return
			}
		}
	}
	f("", 0, 3, nan, 7)
	f("avg", 0, 3, nan, 7)
	f("sum", 0, 9, nan, 7)
	f("max", 0, 5, nan, 7)
	f("min", 0, 1, nan, 7)
	f("first", 0, 1, nan, 7)
	f("last", 0, 3, nan, 7)
	f("avg_zero", 0, 2.25, nan, 7)
	f("average", 0.5, 3, nan, nan)
	f("average", 0.9, nan, nan, nan)
}

func TestNoSeries(t *testing.T) {
	d := newDrawer(t, Options{})
	empty := &render.Series{Series: whisper.Series{From: 5, Until: 5, Step: 1}}
	for _, g := range []Graph{{Format: "svg"}, {Format: "svg", Pie: true}, {Format: "svg", Series: []*render.Series{empty}}} {
		b := mustDraw(t, d, g)
		wellFormed(t, b)
		if !bytes.Contains(b, []byte(">No Data</text>")) || !bytes.Contains(b, []byte("metadata = {}")) {
			t.Errorf("%s", b)
		}
	}
}

// TestAllocs limits the allocations of a typical graph.
func TestAllocs(t *testing.T) {
	d := newDrawer(t, Options{})
	for _, format := range []string{"png", "svg", "pdf"} {
		g := benchGraph(format, 5, 800)
		dst := mustDraw(t, d, g)
		n := allocs.Least(5, func() {
			var err error
			if dst, err = d.Append(context.Background(), dst[:0], g); err != nil {
				t.Fatal(err)
			}
		})
		if n > 100 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}
