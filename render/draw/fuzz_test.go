package draw

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"graphited/render"
	"graphited/whisper"
)

// paramNames are all parameters of lines and pies.
var paramNames = func() []string {
	var names []string
	for _, p := range Parameters() {
		names = append(names, p.Name)
	}
	return names
}()

// someValues are values that some parameter accepts, or that are likely to cause errors.
var someValues = strings.Fields(`0 1 -1 2 5 10 17 100 330 4096 99999999999 1.5 0.01 -0.001 .5 1e5 nan inf -inf true false
default e max left right none first all stacked slope staircase connected si binary sec msec average maximum red ff0000
#00ff0080 %23123456 nonsense 4,5,6 1,2 7 0,1 1000000 modern classic Mono number percent rotated horizontal %H:%M %Y%q%
a+b%20c%zz äöü 3.4.5 -5. 1e308 -1e308 0.0000000001`)

// oddValues are numbers that are hard to draw.
var oddValues = []float64{0, 1, -1, 0.5, 42, 1e-9, 5e-324, 1e18, -1e18, 1e300, math.MaxFloat64, -math.MaxFloat64,
	math.Inf(1), math.Inf(-1), math.NaN(), math.NaN(), math.NaN(), math.Copysign(0, -1)}

// randomGraph returns a graph with odd values and parameters.
func randomGraph(r *rand.Rand) (Graph, map[string]string) {
	p := map[string]string{}
	for range r.IntN(8) {
		p[paramNames[r.IntN(len(paramNames))]] = someValues[r.IntN(len(someValues))]
	}
	for _, name := range []string{"width", "height"} { // large ones are slow
		if v := p[name]; v == "4096" {
			p[name] = "400"
		}
	}
	delete(p, "pixelRatio")
	g := Graph{Pie: r.IntN(6) == 0, Location: time.UTC, Param: func(name string) (string, bool) {
		v, ok := p[name]
		return v, ok
	}}
	g.Format = []string{"png", "svg", "pdf"}[r.IntN(3)]
	number := func() float64 {
		if r.IntN(3) == 0 {
			return oddValues[r.IntN(len(oddValues))]
		}
		return r.NormFloat64() * 100
	}
	starts := []int64{0, 1500000000, 1500000000, 1500003600, -5, 1 << 40}
	for range r.IntN(5) {
		s := &render.Series{Name: someValues[r.IntN(len(someValues))] + "<&]]>\x00\"'"}
		s.From, s.Step = starts[r.IntN(len(starts))], []int64{1, 60, 3600, 0, -1, 1 << 40}[r.IntN(6)]
		s.Values = make([]float64, []int{0, 1, 2, 10, 300, 1000}[r.IntN(6)])
		for i := range s.Values {
			s.Values[i] = number()
		}
		s.Until = s.From + s.Step*int64(len(s.Values))
		s.XFilesFactor = r.Float64()
		s.Consolidate = []string{"", "average", "sum", "min", "max", "first", "last", "avg_zero"}[r.IntN(8)]
		if r.IntN(2) == 0 {
			a, w := number(), number()
			s.Graph = &render.GraphOptions{Alpha: &a, LineWidth: &w, Dashed: number(), Stacked: r.IntN(2) == 0,
				Invisible: r.IntN(4) == 0, SecondYAxis: r.IntN(3) == 0, DrawAsInfinite: r.IntN(4) == 0}
		}
		g.Series = append(g.Series, s)
		g.Slices = append(g.Slices, Slice{s.Name, number()})
	}
	return g, p
}

// check draws a graph. The result must be a readable picture, or an error that names a parameter.
func check(t *testing.T, d *Drawer, g Graph, p map[string]string) {
	t.Helper()
	b, err := d.Append(context.Background(), []byte("before"), g)
	if !bytes.HasPrefix(b, []byte("before")) {
		t.Fatalf("%v: the prefix of dst was changed", p)
	}
	b = b[len("before"):]
	var bad *ParamError
	switch {
	case errors.As(err, &bad):
		if bad.Name == "" || bad.Msg == "" || len(b) > 0 {
			t.Fatalf("%v: error %+v with %d bytes", p, bad, len(b))
		}
		return
	case err != nil:
		t.Fatalf("%v: %v", p, err)
	}
	switch g.Format {
	case "png":
		if _, err := png.Decode(bytes.NewReader(b)); err != nil {
			t.Fatalf("%v: %v", p, err)
		}
	case "svg":
		wellFormed(t, b)
	case "pdf":
		if page := pageOf(t, b); bytes.Contains(page, []byte("NaN")) || bytes.Contains(page, []byte("Inf")) {
			t.Fatalf("%v: the page has an invalid number", p)
		}
	}
}

// wellFormed checks that b is well-formed XML.
func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	x := xml.NewDecoder(bytes.NewReader(b))
	for {
		token, err := x.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Fatalf("%s has %s=%q", e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// TestOdd draws many odd graphs.
func TestOdd(t *testing.T) {
	d := newDrawer(t, Options{})
	n := 3000
	if testing.Short() {
		n = 300
	}
	for seed := range n {
		g, p := randomGraph(rand.New(rand.NewPCG(1, uint64(seed))))
		check(t, d, g, p)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzParams(f *testing.F) {
	for i, v := range someValues {
		f.Add(uint8(i), v, uint8(i*7), someValues[len(someValues)-1-i], uint64(i))
	}
	d := newDrawer(f, Options{MaxPixels: 1 << 20})
	f.Fuzz(func(t *testing.T, a uint8, av string, b uint8, bv string, seed uint64) {
		g, _ := randomGraph(rand.New(rand.NewPCG(2, seed)))
		p := map[string]string{paramNames[int(a)%len(paramNames)]: av, paramNames[int(b)%len(paramNames)]: bv}
		g.Param = func(name string) (string, bool) {
			v, ok := p[name]
			return v, ok
		}
		check(t, d, g, p)
	})
}

func FuzzName(f *testing.F) {
	f.Add("servers.web01", "title")
	f.Add("<&>\"']]>\x00\x1f\ufffe\xff", "a\nb\t</title>")
	d := newDrawer(f, Options{})
	f.Fuzz(func(t *testing.T, name, title string) {
		s := &render.Series{Series: whisper.Series{From: 0, Until: 120, Step: 60, Values: []float64{1, 2}}, Name: name}
		for _, format := range []string{"svg", "png", "pdf"} {
			g := Graph{Format: format, Series: []*render.Series{s}, Param: func(p string) (string, bool) { return title, p == "title" || p == "fontName" }}
			check(t, d, g, map[string]string{"title": title})
			g.Pie = true
			check(t, d, g, map[string]string{"title": title})
		}
	})
}

func FuzzTemplates(f *testing.F) {
	f.Add(builtInConf)
	f.Add("[a]\nbackground: red\n  more\n; x\n[a")
	f.Fuzz(func(t *testing.T, text string) {
		sections, order, err := readConf(text)
		if err != nil {
			return
		}
		var list []TemplateSection
		for _, name := range order {
			list = append(list, TemplateSection{name, sections[name]})
		}
		if ts, _ := NewTemplates(list); ts.find("default") == nil {
			t.Fatal("no default")
		}
	})
}
