package draw

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// shear is the slant of italics, which equals that of DejaVu's own oblique faces.
const shear = 0.2

// glyph is one character. Its unit is the font size, y points down, and the origin is on the
// baseline.
type glyph struct {
	advance float64
	segs    []segment
}

// segment is one step of an outline. It ends at its last point.
type segment struct {
	op  sfnt.SegmentOp
	pts [3]point
}

// end returns the point where s ends.
func (s *segment) end() point {
	switch s.op {
	case sfnt.SegmentOpQuadTo:
		return s.pts[1]
	case sfnt.SegmentOpCubeTo:
		return s.pts[2]
	}
	return s.pts[0]
}

// face is a parsed font. It is safe for concurrent use: common characters are loaded at the start,
// others are added under a lock.
type face struct {
	name            string
	ascent, descent float64    // in font sizes
	tops            [3]float64 // heights of x, H and d, in font sizes
	font            *sfnt.Font
	ascii           [128]*glyph

	mu     sync.RWMutex
	buf    sfnt.Buffer
	others map[sfnt.GlyphIndex]*glyph
	index  map[rune]sfnt.GlyphIndex // at most maxRunes
}

// maxRunes bounds the memory that names with unusual characters can use.
const maxRunes = 1 << 14

func newFace(name string, ttf []byte) (*face, error) {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("cannot parse font %q: %w", name, err)
	}
	em := fixed.I(int(f.UnitsPerEm()))
	m, err := f.Metrics(nil, em, xfont.HintingNone)
	if err != nil {
		return nil, fmt.Errorf("cannot read metrics of font %q: %w", name, err)
	}
	t := &face{
		name: name, font: f,
		ascent: ratio(m.Ascent, em), descent: ratio(m.Descent, em),
		others: map[sfnt.GlyphIndex]*glyph{}, index: map[rune]sfnt.GlyphIndex{},
	}
	for r := range t.ascii {
		i, err := f.GlyphIndex(&t.buf, max(rune(r), ' '))
		if err != nil {
			return nil, fmt.Errorf("cannot read font %q: %w", name, err)
		}
		t.ascii[r] = t.load(i)
	}
	for i, r := range "xHd" {
		for k := range t.ascii[r].segs {
			t.tops[i] = max(t.tops[i], -t.ascii[r].segs[k].end().y)
		}
	}
	return t, nil
}

func ratio(a, b fixed.Int26_6) float64 { return float64(a) / float64(b) }

// glyph returns the outline of r, or the font's box if it does not have r.
func (f *face) glyph(r rune) *glyph {
	if r >= 0 && int(r) < len(f.ascii) {
		return f.ascii[r]
	}
	f.mu.RLock()
	g := f.others[f.index[r]]
	_, known := f.index[r]
	f.mu.RUnlock()
	if known {
		return g
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil {
		i = 0
	}
	g = f.others[i]
	if g == nil {
		g = f.load(i)
		f.others[i] = g
	}
	if len(f.index) < maxRunes {
		f.index[r] = i
	}
	return g
}

// load reads an outline. An unreadable one is empty.
func (f *face) load(i sfnt.GlyphIndex) *glyph {
	em := fixed.I(int(f.font.UnitsPerEm()))
	g := &glyph{}
	if adv, err := f.font.GlyphAdvance(&f.buf, i, em, xfont.HintingNone); err == nil {
		g.advance = ratio(adv, em)
	}
	segs, err := f.font.LoadGlyph(&f.buf, i, em, nil)
	if err != nil {
		return g
	}
	g.segs = make([]segment, len(segs))
	for k, s := range segs {
		g.segs[k].op = s.Op
		for j, p := range s.Args {
			g.segs[k].pts[j] = point{ratio(p.X, em), ratio(p.Y, em)}
		}
	}
	return g
}

// faces are the built-in fonts.
type faces struct{ sans, bold, mono *face }

func newFaces() (*faces, error) {
	var f faces
	for _, x := range []struct {
		to   **face
		name string
		ttf  []byte
	}{
		{&f.sans, "DejaVu Sans", dejavusans.TTF},
		{&f.bold, "DejaVu Sans Bold", dejavusansbold.TTF},
		{&f.mono, "DejaVu Sans Mono", dejavusansmono.TTF},
	} {
		face, err := newFace(x.name, x.ttf)
		if err != nil {
			return nil, err
		}
		*x.to = face
	}
	return &f, nil
}

// find returns the font for a family name as a system with only DejaVu would: fixed width if the
// name asks for it, otherwise sans.
func (f *faces) find(family string, size float64, bold, italic bool) font {
	t := font{face: f.sans, size: size, bold: bold, italic: italic, family: family}
	name := strings.ToLower(family)
	switch {
	case strings.Contains(name, "mono"), strings.Contains(name, "courier"),
		strings.Contains(name, "console"), strings.Contains(name, "fixed"):
		t.face = f.mono
	case bold:
		t.face = f.bold
	}
	if name == "sans" || name == "sans-serif" {
		t.family = ""
	}
	return t
}

// font is a face at a size.
type font struct {
	face   *face
	size   float64
	italic bool
	bold   bool
	family string // as requested, "" for the face's own
}

// width returns the advance width of s.
func (f font) width(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += f.face.glyph(r).advance
	}
	return w * f.size
}

func (f font) ascent() float64  { return f.face.ascent * f.size }
func (f font) descent() float64 { return f.face.descent * f.size }

// height returns the distance between two lines of text.
func (f font) height() float64 { return (f.face.ascent + f.face.descent) * f.size }

// sized returns f at another size.
func (f font) sized(size float64) font {
	f.size = size
	return f
}

// titleSize returns the size of titles above text of the given size, as in glyph.py.
func titleSize(size float64) float64 {
	if size < 1 {
		return size
	}
	return size + math.Floor(math.Log(size))
}
