package draw

import (
	"bytes"
	"image/color"
	"math"
	"testing"
)

// paper returns a blank white raster.
func paper(w, h int, ratio float64) *raster {
	r := &raster{}
	r.reset(w, h, ratio, true)
	r.rect(box{0, 0, float64(w), float64(h)}, ink{255, 255, 255, 255})
	return r
}

// darkness returns the amount of black on white paper, in pixels of the raster.
func (r *raster) darkness() float64 {
	sum := 0.0
	for y := range r.h {
		for x := range r.w {
			sum += float64(255-r.pix[y*r.stride+1+x*r.depth]) / 255
		}
	}
	return sum
}

func (r *raster) pixel(x, y int) [3]uint8 {
	p := r.pix[y*r.stride+1+x*r.depth:]
	return [3]uint8{p[0], p[1], p[2]}
}

var black = ink{0, 0, 0, 255}

// TestStrokeArea checks that the area of a line is its width times its length.
func TestStrokeArea(t *testing.T) {
	f := func(what string, path []point, p pen, want float64) {
		t.Helper()
		for _, ratio := range []float64{1, 2} {
			r := paper(100, 100, ratio)
			p.ink = black
			r.stroke(path, p, "")
			if got := r.darkness() / ratio / ratio; math.Abs(got-want) > 0.005*want+0.6 {
				t.Errorf("%s, ratio %v: %.2f pixels, want %.2f", what, ratio, got, want)
			}
		}
	}
	f("level", []point{{10, 50.3}, {90, 50.3}}, pen{width: 1.2}, 96)
	f("upright", []point{{33.7, 10}, {33.7, 90}}, pen{width: 3}, 240)
	f("slanted", []point{{10, 10}, {70, 90}}, pen{width: 2}, 200)
	f("backwards", []point{{70, 90}, {10, 10}}, pen{width: 2}, 200)
	f("right angle", []point{{10, 10}, {60, 10}, {60, 60}}, pen{width: 4}, 400)
	f("in steps", []point{{10, 50}, {20, 50}, {20, 50}, {50, 50}, {90, 50}}, pen{width: 2}, 160)
	f("two parts", []point{{10, 20}, {50, 20}, gap(), {10, 60}, {50, 60}}, pen{width: 1}, 80)
	f("dashed", []point{{10, 50}, {90, 50}}, pen{width: 2, dash: 10}, 2*40)
	f("back on itself", []point{{10, 50}, {60, 50}, {20, 50}}, pen{width: 2}, 100)
	f("thin", []point{{10, 50}, {90, 50}}, pen{width: 0.25}, 20)
}

// TestCorners checks that a sharp corner is mitered and a sharper one is cut.
func TestCorners(t *testing.T) {
	tip := func(dx float64, p pen) float64 {
		r := paper(100, 100, 1)
		p.ink, p.width = black, 4
		r.stroke([]point{{50 - dx, 90}, {50, 30}, {50 + dx, 90}}, p, "")
		for y := range 100 {
			if r.pixel(50, y)[0] < 128 || r.pixel(49, y)[0] < 128 {
				return 30 - float64(y)
			}
		}
		return -1
	}
	if h := tip(20, pen{}); h < 4 || h > 8 {
		t.Errorf("corner of 37 degrees reaches %v pixels beyond, not 6", h)
	}
	if h := tip(4, pen{}); h > 2 {
		t.Errorf("corner of 8 degrees reaches %v pixels beyond", h)
	}
	if h := tip(20, pen{round: true}); h > 2 {
		t.Errorf("cut corner reaches %v pixels beyond", h)
	}
}

func TestDashCount(t *testing.T) {
	r := paper(100, 100, 1)
	long := []point{{0, 0}, {1e7, 0}}
	if n := len(r.dashes(long, 1e-9)); n > 4*maxDashes {
		t.Errorf("%d points", n)
	}
	if n := len(r.dashes(long, math.Inf(1))); n != 2 {
		t.Errorf("endless dash has %d points", n)
	}
}

// TestClip checks that nothing is drawn outside the whole pixels of the clip.
func TestClip(t *testing.T) {
	r := paper(40, 40, 1)
	r.clip(box{10.4, 10.4, 29.6, 29.6})
	r.stroke([]point{{-1e5, 20}, {1e5, 20}}, pen{ink: black, width: 1000}, "")
	r.fill([]point{{-1e6, -1e6}, {1e6, -1e6}, {1e6, 1e6}, {-1e6, 1e6}})
	r.paint(black)
	if got := r.darkness(); got != 400 {
		t.Errorf("%v pixels, want 400", got)
	}
	r.begin("next")
	r.rect(box{0, 0, 5, 5}, black)
	if got := r.darkness(); got != 425 {
		t.Errorf("%v pixels without clip, want 425", got)
	}
}

// TestFillClipped checks that edges that end far outside the picture are in the right place inside
// it.
func TestFillClipped(t *testing.T) {
	r := paper(100, 100, 1)
	// The left edge of the triangle goes through (0, 50) and (100, 0).
	r.fill([]point{{-20000, 10050}, {20000, -9950}, {20000, 10050}})
	r.paint(black)
	if got := r.darkness(); math.Abs(got-7500) > 5 {
		t.Errorf("%v pixels, want 7500", got)
	}
}

// TestAreas checks that each area hides those after it: opaque ones without a gap, and translucent
// ones without showing what they hide.
func TestAreas(t *testing.T) {
	square := func(x0, y0, x1, y1 float64) []point {
		c := around(box{x0, y0, x1, y1})
		return append(c[:], gap())
	}
	path := append(square(0, 10.5, 20, 20), square(0, 0, 20, 20)...)
	red, blue := ink{255, 0, 0, 255}, ink{0, 0, 255, 255}
	r := paper(20, 20, 1)
	r.areas(path, []area{{0, 5, red, ""}, {5, 10, blue, ""}})
	if a, b := r.pixel(5, 15), r.pixel(5, 5); a != [3]uint8{255, 0, 0} || b != [3]uint8{0, 0, 255} {
		t.Errorf("solid: %v, %v", a, b)
	}
	if p := r.pixel(5, 10); p[1] != 0 {
		t.Errorf("the background comes through between two areas: %v", p)
	}
	r = paper(20, 20, 1)
	r.areas(path, []area{{0, 5, red.faded(0.5), ""}, {5, 10, blue.faded(0.5), ""}})
	if a, b := r.pixel(5, 15), r.pixel(5, 5); a != [3]uint8{255, 127, 127} || b != [3]uint8{127, 127, 255} {
		t.Errorf("translucent: %v, %v", a, b)
	}
	if p := r.pixel(5, 10); p[1] > 128 {
		t.Errorf("the background comes through between two translucent areas: %v", p)
	}
	r = paper(20, 20, 1)
	r.areas(path, []area{{0, 5, red.faded(0), ""}, {5, 10, blue, ""}})
	if a, b := r.pixel(5, 15), r.pixel(5, 5); a != [3]uint8{255, 255, 255} || b != [3]uint8{0, 0, 255} {
		t.Errorf("with a hole: %v, %v", a, b)
	}
}

func TestWedge(t *testing.T) {
	r := paper(100, 100, 1)
	r.wedge(wedge{point{50, 50}, 40, 0, math.Pi / 2, black, ""})
	if got, want := r.darkness(), math.Pi*1600/4; math.Abs(got-want) > 3 {
		t.Errorf("%v pixels, want %v", got, want)
	}
	if r.pixel(60, 60)[0] != 0 || r.pixel(40, 60)[0] != 255 || r.pixel(60, 40)[0] != 255 {
		t.Error("the wedge is not at the lower right")
	}
	r = paper(100, 100, 1)
	r.wedge(wedge{point{50, 50}, 40, 1, 1 + 2*math.Pi, black, ""})
	if got, want := r.darkness(), math.Pi*1600; math.Abs(got-want) > 3 {
		t.Errorf("circle: %v pixels, want %v", got, want)
	}
}

// TestGridLine checks that grid lines are equally dark at any position.
func TestGridLine(t *testing.T) {
	for _, y := range []float64{10, 10.2, 10.5, 10.9} {
		r := paper(40, 40, 1)
		r.line(point{0, y}, point{40, y}, pen{ink: black, width: 0.4})
		if p := r.pixel(20, 10); p[0] != 153 || math.Abs(r.darkness()-16) > 0.2 {
			t.Errorf("at %v: %v, %v pixels", y, p, r.darkness())
		}
	}
}

// TestText checks that letters, also rotated ones, are in the right place.
func TestText(t *testing.T) {
	f := testFaces(t).find("Sans", 20, false, false)
	where := func(angle float64, italic bool) box {
		r := paper(100, 100, 1)
		g := f
		g.italic = italic
		r.text(label{text: "HHH", at: point{50, 50}, font: g, ink: black, angle: angle})
		b := box{100, 100, 0, 0}
		for y := range 100 {
			for x := range 100 {
				if r.pixel(x, y)[0] < 100 {
					b.x0, b.x1 = min(b.x0, float64(x)), max(b.x1, float64(x))
					b.y0, b.y1 = min(b.y0, float64(y)), max(b.y1, float64(y))
				}
			}
		}
		return b
	}
	near := func(what string, got, want box) {
		t.Helper()
		for _, d := range []float64{got.x0 - want.x0, got.y0 - want.y0, got.x1 - want.x1, got.y1 - want.y1} {
			if math.Abs(d) > 2 {
				t.Errorf("%s: %v, want %v", what, got, want)
				return
			}
		}
	}
	w := f.width("HHH")
	near("level", where(0, false), box{52, 35, 50 + w - 3, 49})
	near("upwards", where(270, false), box{35, 50 - w + 3, 49, 48})
	near("downwards", where(90, false), box{50, 52, 65, 50 + w - 3})
	near("leaning", where(0, true), box{52, 35, 50 + w, 49})
}

// TestTransparentPaper checks that a translucent background gives an RGBA picture with the
// requested colours.
func TestTransparentPaper(t *testing.T) {
	r := &raster{}
	r.reset(10, 10, 1, false)
	r.rect(box{0, 0, 10, 10}, ink{200, 100, 50, 128})
	r.rect(box{5, 0, 10, 10}, ink{0, 0, 255, 255})
	b, err := r.finish([]byte("x"))
	if err != nil || !bytes.HasPrefix(b, []byte("x\x89PNG\r\n\x1a\n")) {
		t.Fatalf("%v %q", err, b[:min(len(b), 10)])
	}
	m := decodePNG(t, b[1:])
	at := func(x int) color.NRGBA { return color.NRGBAModel.Convert(m.At(x, 5)).(color.NRGBA) }
	p := at(2)
	if p.A != 128 || apart(uint32(p.R), 200) > 2 || apart(uint32(p.G), 100) > 2 || apart(uint32(p.B), 50) > 2 {
		t.Errorf("background %v", p)
	}
	if p := at(7); p != (color.NRGBA{0, 0, 255, 255}) {
		t.Errorf("foreground %v", p)
	}
}

// TestReuse checks that a raster draws the same after any other picture.
func TestReuse(t *testing.T) {
	draw := func(r *raster) []byte {
		r.reset(30, 20, 1, true)
		r.rect(box{0, 0, 30, 20}, ink{250, 250, 240, 255})
		r.stroke([]point{{1, 1}, {20, 15}}, pen{ink: black, width: 2, dash: 3}, "")
		b, err := r.finish(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := draw(&raster{})
	used := paper(700, 600, 2)
	used.clip(box{3, 3, 5, 5})
	used.areas([]point{{0, 0}, {700, 0}, {0, 600}}, []area{{0, 3, black.faded(0.5), ""}})
	if got := draw(used); !bytes.Equal(got, want) {
		t.Error("a reused raster draws a different picture")
	}
}
