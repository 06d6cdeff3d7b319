package draw

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// goldens are the cases with golden pictures, which are small, and the changes to their parameters.
var goldens = []struct {
	name   string
	params map[string]string
}{
	{"plain", nil},
	{"gaps-slope", nil},
	{"gaps-staircase", nil},
	{"gaps-connected", nil},
	{"null-as-zero", nil},
	{"area-first", nil},
	{"area-all", nil},
	{"area-stacked-gaps", nil},
	{"area-stacked-alpha", nil},
	{"area-all-alpha", nil},
	{"area-negative", nil},
	{"area-between", nil},
	{"area-between", map[string]string{"areaAlpha": "0.5", "bgcolor": "ffffff00"}},
	{"two-axes", nil},
	{"two-axes-styled", nil},
	{"axis-right", nil},
	{"side-title", nil},
	{"styled-series", nil},
	{"infinite", nil},
	{"y-limits", nil},
	{"log-10", nil},
	{"time-1w", nil},
	{"colors", nil},
	{"fonts", nil},
	{"fonts-italic", nil},
	{"line-width", nil},
	{"unicode", nil},
	{"no-data", nil},
	{"graph-only", nil},
	{"pie", nil},
	{"pie-rotated", nil},
	{"plain", map[string]string{"template": "modern", "pixelRatio": "1.5"}},
	{"area-stacked", map[string]string{"template": "modern-dark"}},
	{"pie", map[string]string{"template": "modern"}},
	{"plain", map[string]string{"template": "solarized-dark", "bgcolor": "00000080"}},
}

// TestGolden compares the pixels of small pictures with the golden ones. Rounding may differ
// between machines, but not by much and not everywhere.
func TestGolden(t *testing.T) {
	d := newDrawer(t, Options{})
	cases := map[string]*testCase{}
	for _, c := range readCases(t) {
		cases[c.Name] = c
	}
	seen := map[string]int{}
	for _, g := range goldens {
		c := *cases[g.name]
		params := map[string]string{}
		for k, v := range c.Params {
			params[k] = v
		}
		params["width"], params["height"] = "240", "150"
		for k, v := range g.params {
			params[k] = v
		}
		c.Params = params
		name := g.name
		if seen[name]++; seen[name] > 1 {
			name += "-" + strconv.Itoa(seen[name])
		}
		t.Run(name, func(t *testing.T) {
			got := mustDraw(t, d, c.graph(t, "png"))
			path := filepath.Join(testdata, name+".png")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			comparePixels(t, decodePNG(t, got), decodePNG(t, want))
		})
	}
}

func decodePNG(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// comparePixels allows a difference of 3% anywhere, and reports where there is more.
func comparePixels(t *testing.T, got, want image.Image) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Fatalf("size %v, want %v", got.Bounds(), want.Bounds())
	}
	const tolerance = 0xffff * 3 / 100
	var differ image.Rectangle
	n := 0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r, g, b, a := got.At(x, y).RGBA()
			wr, wg, wb, wa := want.At(x, y).RGBA()
			if apart(r, wr) > tolerance || apart(g, wg) > tolerance || apart(b, wb) > tolerance || apart(a, wa) > tolerance {
				differ = differ.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
	}
	if n > 0 {
		t.Errorf("%d pixels differ within %v", n, differ)
	}
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// TestPixelRatio checks that pixelRatio gives the same picture in more pixels.
func TestPixelRatio(t *testing.T) {
	d := newDrawer(t, Options{})
	for ratio, want := range map[string]image.Point{"1": {800, 400}, "2": {1600, 800}, "0.5": {400, 200}} {
		g := benchGraph("png", 2, 100)
		g.Param = with(g.Param, "pixelRatio", ratio)
		if got := decodePNG(t, mustDraw(t, d, g)).Bounds().Max; got != want {
			t.Errorf("ratio %s: %v, want %v", ratio, got, want)
		}
	}
}

// with returns param with one more parameter.
func with(param func(string) (string, bool), name, value string) func(string) (string, bool) {
	return func(n string) (string, bool) {
		if n == name {
			return value, true
		}
		return param(n)
	}
}
