package draw

import (
	"math"
	"strconv"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
)

// pdf is the surface of a PDF: one page with one point per pixel and texts as outlines. y points
// down because the first command of the page flips it.
type pdf struct {
	b                []byte // the page's commands
	width, height    int
	title            string
	clipped          bool
	limit            box
	alphas           [256]bool // used on the page
	alpha            uint8     // currently set
	fillInk, lineInk ink       // currently set
	begun            bool      // fillInk and lineInk are valid
	packer           packer
}

// reset makes the paper blank.
func (o *pdf) reset(s *settings, title string) {
	*o = pdf{b: o.b[:0], packer: o.packer, width: s.width, height: s.height, title: title, alpha: 255}
	o.limit = box{0, 0, float64(s.width), float64(s.height)}
	o.b = append(o.b, "1 0 0 -1 0 "...)
	o.b = strconv.AppendInt(o.b, int64(s.height), 10)
	o.b = append(o.b, " cm 10 M\n"...)
}

func (o *pdf) begin(string) {
	if o.clipped {
		o.restore()
	}
	o.clipped = false
}

// restore goes back to the state before the last "q".
func (o *pdf) restore() {
	o.b = append(o.b, "Q\n"...)
	o.begun, o.alpha = false, 255
}

func (o *pdf) clip(b box) {
	o.limit = b
	o.save()
	o.box(b)
	o.b = append(o.b, "W n\n"...)
	o.clipped = true
}

// save saves the graphics state. Colours must be set again after it.
func (o *pdf) save() {
	o.setAlpha(255)
	o.b = append(o.b, "q "...)
	o.begun = false
}

func (o *pdf) setAlpha(a uint8) {
	if o.alpha == a {
		return
	}
	o.alpha = a
	o.alphas[a] = true
	o.b = append(o.b, "/a"...)
	o.b = strconv.AppendUint(o.b, uint64(a), 10)
	o.b = append(o.b, " gs\n"...)
}

// ink sets the colour for filling or for lines.
func (o *pdf) ink(c ink, lines bool) {
	o.setAlpha(c.a)
	old, op := &o.fillInk, " rg\n"
	if lines {
		old, op = &o.lineInk, " RG\n"
	}
	solid := c
	solid.a = 255
	if o.begun && *old == solid {
		return
	}
	if !o.begun {
		o.begun = true
		o.fillInk, o.lineInk = ink{}, ink{} // neither is known: known ones have alpha 255
	}
	*old = solid
	o.b = append(appendShare(o.b, c.r), ' ')
	o.b = append(appendShare(o.b, c.g), ' ')
	o.b = append(appendShare(o.b, c.b), op...)
}

func (o *pdf) num(f float64) { o.b = append(appendCoord(o.b, f), ' ') }

func (o *pdf) at(p point) {
	o.num(p.x)
	o.num(p.y)
}

func (o *pdf) op(c byte) { o.b = append(o.b, c, '\n') }

func (o *pdf) box(b box) {
	o.at(point{b.x0, b.y0})
	o.at(point{b.width(), b.height()})
	o.b = append(o.b, "re "...)
}

// path adds the parts of a path.
func (o *pdf) path(path []point, closed bool) {
	begun := false
	for _, p := range path {
		if p.isGap() {
			if begun && closed {
				o.op('h')
			}
			begun = false
			continue
		}
		if o.at(p); begun {
			o.op('l')
		} else {
			o.op('m')
		}
		begun = true
	}
	if begun && closed {
		o.op('h')
	}
}

func (o *pdf) rect(b box, c ink) {
	if c.a == 0 {
		return
	}
	o.ink(c, false)
	o.box(b)
	o.op('f')
}

func (o *pdf) line(a, b point, p pen) {
	path := [2]point{a, b}
	o.stroke(path[:], p, "")
}

func (o *pdf) stroke(path []point, p pen, _ string) {
	if p.ink.a == 0 {
		return
	}
	o.ink(p.ink, true)
	o.num(p.width)
	o.b = append(o.b, "w "...)
	if p.round {
		o.b = append(o.b, "1 j "...)
	}
	if p.dash > 0 {
		o.b = append(o.b, '[')
		o.num(max(0.1, p.dash))
		o.b = append(o.b, "] 1 d "...)
	}
	o.path(path, false)
	o.op('S')
	if p.dash > 0 {
		o.b = append(o.b, "[] 0 d\n"...)
	}
}

// areas draws opaque areas from the last to the first. If some are not opaque, each area clips
// those after it.
func (o *pdf) areas(path []point, list []area) {
	if opaque(list) {
		for i := len(list) - 1; i >= 0; i-- {
			o.area(path, &list[i])
		}
		return
	}
	o.save()
	for i := range list {
		o.area(path, &list[i])
		o.box(o.limit)
		o.path(path[list[i].from:list[i].to], true)
		o.b = append(o.b, "W* n\n"...)
	}
	o.restore()
}

func (o *pdf) area(path []point, a *area) {
	if a.ink.a == 0 {
		return
	}
	o.ink(a.ink, false)
	o.path(path[a.from:a.to], true)
	o.op('f')
}

func (o *pdf) wedge(w wedge) {
	o.ink(w.ink, false)
	o.at(w.center)
	o.op('m')
	on := func(angle, reach, along float64) point {
		sin, cos := math.Sincos(angle)
		return point{w.center.x + reach*cos - along*sin, w.center.y + reach*sin + along*cos}
	}
	o.at(on(w.from, w.radius, 0))
	o.op('l')
	n := math.Ceil((w.to - w.from) / (math.Pi / 2))
	turn := (w.to - w.from) / n
	k := w.radius * 4 / 3 * math.Tan(turn/4)
	for i := range int(n) {
		a := w.from + turn*float64(i)
		o.at(on(a, w.radius, k))
		o.at(on(a+turn, w.radius, -k))
		o.at(on(a+turn, w.radius, 0))
		o.op('c')
	}
	o.b = append(o.b, "h f\n"...)
}

func (o *pdf) text(l label) {
	o.ink(l.ink, false)
	sin, cos := math.Sincos(l.angle * math.Pi / 180)
	lean := 0.0
	if l.font.italic {
		lean = shear
	}
	size, pos := l.font.size, 0.0
	limit := 2 * float64(o.width+o.height)
	for _, r := range l.text {
		g := l.font.face.glyph(r)
		o.glyph(g, func(p point) point {
			x, y := pos+(p.x-lean*p.y)*size, p.y*size
			return point{l.at.x + x*cos - y*sin, l.at.y + x*sin + y*cos}
		})
		if pos += g.advance * size; pos > limit {
			break
		}
	}
}

// glyph fills an outline. PDF has cubic curves only.
func (o *pdf) glyph(g *glyph, place func(point) point) {
	var last point
	for i := range g.segs {
		s := &g.segs[i]
		switch s.op {
		case sfnt.SegmentOpMoveTo:
			o.at(place(s.pts[0]))
			o.op('m')
		case sfnt.SegmentOpLineTo:
			o.at(place(s.pts[0]))
			o.op('l')
		case sfnt.SegmentOpQuadTo:
			q, e := s.pts[0], s.pts[1]
			o.at(place(point{last.x + 2*(q.x-last.x)/3, last.y + 2*(q.y-last.y)/3}))
			o.at(place(point{e.x + 2*(q.x-e.x)/3, e.y + 2*(q.y-e.y)/3}))
			o.at(place(e))
			o.op('c')
		case sfnt.SegmentOpCubeTo:
			o.at(place(s.pts[0]))
			o.at(place(s.pts[1]))
			o.at(place(s.pts[2]))
			o.op('c')
		}
		last = s.end()
	}
	if len(g.segs) > 0 {
		o.op('f')
	}
}

// finish appends the file around the page.
func (o *pdf) finish(dst []byte) ([]byte, error) {
	o.begin("")
	start := len(dst)
	var offsets [6]int
	object := func(n int) {
		offsets[n] = len(dst) - start
		dst = strconv.AppendInt(dst, int64(n), 10)
		dst = append(dst, " 0 obj\n"...)
	}
	dst = append(dst, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"...)
	object(1)
	dst = append(dst, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n"...)
	object(2)
	dst = append(dst, "<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"...)
	object(3)
	dst = append(dst, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 "...)
	dst = append(strconv.AppendInt(dst, int64(o.width), 10), ' ')
	dst = strconv.AppendInt(dst, int64(o.height), 10)
	dst = append(dst, "]/Contents 4 0 R/Resources<</ExtGState<<"...)
	for a, used := range o.alphas {
		if used {
			dst = append(dst, "/a"...)
			dst = strconv.AppendInt(dst, int64(a), 10)
			dst = appendShare(append(dst, "<</ca "...), uint8(a))
			dst = appendShare(append(dst, "/CA "...), uint8(a))
			dst = append(dst, ">>"...)
		}
	}
	dst = append(dst, ">>>>>>\nendobj\n"...)
	object(4)
	dst = append(dst, "<</Filter/FlateDecode/Length "...)
	length := len(dst)
	dst = append(dst, "          >>stream\n"...)
	from := len(dst)
	dst, err := o.packer.pack(dst, o.b)
	if err != nil {
		return nil, err
	}
	strconv.AppendInt(dst[length:length:length+10], int64(len(dst)-from), 10)
	dst = append(dst, "\nendstream\nendobj\n"...)
	object(5)
	dst = append(dst, "<</Producer(graphited)/Title<feff"...)
	for _, u := range utf16.Encode([]rune(o.title)) {
		dst = append(dst, strconv.FormatUint(uint64(u)|1<<16, 16)[1:]...)
	}
	dst = append(dst, ">>>\nendobj\n"...)
	return appendTrailer(dst, len(dst)-start, offsets[1:]), nil
}

// appendTrailer writes the table of the objects' offsets. The table begins at at.
func appendTrailer(dst []byte, at int, offsets []int) []byte {
	dst = append(dst, "xref\n0 "...)
	dst = strconv.AppendInt(dst, int64(len(offsets)+1), 10)
	dst = append(dst, "\n0000000000 65535 f \n"...)
	for _, n := range offsets {
		dst = append(dst, strconv.FormatInt(int64(n)+1e10, 10)[1:]...)
		dst = append(dst, " 00000 n \n"...)
	}
	dst = append(dst, "trailer\n<</Root 1 0 R/Info 5 0 R/Size "...)
	dst = strconv.AppendInt(dst, int64(len(offsets)+1), 10)
	dst = append(dst, ">>\nstartxref\n"...)
	dst = strconv.AppendInt(dst, int64(at), 10)
	return append(dst, "\n%%EOF\n"...)
}
