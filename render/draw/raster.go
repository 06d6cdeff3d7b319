package draw

import (
	"encoding/binary"
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// raster is the surface of a PNG. Its pixels are stored as in the file: rows of RGB, or of RGBA
// with premultiplied alpha, each after a byte for the filter.
type raster struct {
	w, h, depth, stride int
	ratio               float64
	pix                 []byte
	layer               []byte // for a stack of translucent areas, RGBA
	mask                image.Alpha
	z                   vector.Rasterizer
	limit               image.Rectangle // of the clip
	at                  image.Rectangle // of the shape being drawn
	bottom              float64         // its height
	sides               [2][]point      // of a line
	shape               []point
	darker              [256]uint8 // coverage of small text
	paper               ink        // what the background was filled with
	packer              packer
}

// reset makes the paper blank.
func (r *raster) reset(width, height int, ratio float64, solid bool) {
	r.w, r.h = max(1, int(float64(width)*ratio)), max(1, int(float64(height)*ratio))
	r.ratio = ratio
	r.depth = 4
	if solid {
		r.depth = 3
	}
	r.stride = 1 + r.w*r.depth
	if n := r.stride * r.h; cap(r.pix) < n {
		r.pix = make([]byte, n)
	} else {
		r.pix = r.pix[:n]
		clear(r.pix)
	}
	r.limit, r.paper = image.Rect(0, 0, r.w, r.h), ink{}
	if r.darker[255] == 0 {
		for i := range r.darker {
			r.darker[i] = uint8(255 * math.Pow(float64(i)/255, 0.75))
		}
	}
}

func (r *raster) begin(string) { r.limit = image.Rect(0, 0, r.w, r.h) }

// clip limits drawing to whole pixels, because an edge between two pixels would look like a line.
func (r *raster) clip(b box) {
	round := func(f float64) int { return int(math.Round(f * r.ratio)) }
	r.limit = image.Rect(round(b.x0), round(b.y0), round(b.x1), round(b.y1)).Intersect(image.Rect(0, 0, r.w, r.h))
}

// open begins a shape that lies within the given pixels.
func (r *raster) open(x0, y0, x1, y1 float64) bool {
	r.at = image.Rect(floor(x0), floor(y0), floor(x1)+1, floor(y1)+1).Intersect(r.limit)
	if r.at.Empty() {
		return false
	}
	// Below this size the rasterizer computes with integers, which makes slanted lines 3% wider.
	// Extra columns or rows avoid that.
	const exact = 513
	w, h := r.at.Dx(), r.at.Dy()
	if w < exact && h < exact {
		if w > h {
			w = exact
		} else {
			h = exact
		}
	}
	r.z.Reset(w, h)
	r.z.DrawOp = draw.Src
	r.bottom = float64(r.at.Dy())
	return true
}

// floor rounds down to a pixel within the range of an image.
func floor(f float64) int { return int(math.Floor(max(-1<<20, min(1<<20, f)))) }

// edge adds a directed edge, in pixels. Parts above or below the shape's box do not affect its
// coverage.
func (r *raster) edge(a, b point) {
	ox, oy := float64(r.at.Min.X), float64(r.at.Min.Y)
	ax, ay, bx, by := a.x-ox, a.y-oy, b.x-ox, b.y-oy
	if ay < 0 && by < 0 || ay > r.bottom && by > r.bottom {
		return
	}
	if ay < 0 || ay > r.bottom {
		edge := max(0, min(r.bottom, ay))
		ax, ay = ax+(bx-ax)*(edge-ay)/(by-ay), edge
	}
	if by < 0 || by > r.bottom {
		edge := max(0, min(r.bottom, by))
		bx, by = ax+(bx-ax)*(edge-ay)/(by-ay), edge
	}
	r.z.MoveTo(float32(ax), float32(ay))
	r.z.LineTo(float32(bx), float32(by))
}

// ring adds a closed polygon.
func (r *raster) ring(p []point) {
	for i := range p {
		r.edge(p[i], p[(i+1)%len(p)])
	}
}

// cover computes the coverage of the shape.
func (r *raster) cover() {
	w, h := r.z.Size().X, r.z.Size().Y
	if n := w * h; cap(r.mask.Pix) < n {
		r.mask.Pix = make([]byte, n)
	} else {
		r.mask.Pix = r.mask.Pix[:n]
	}
	r.mask.Stride, r.mask.Rect = w, image.Rect(0, 0, w, h)
	r.z.Draw(&r.mask, r.mask.Rect, image.Opaque, image.Point{})
}

// paint blends the shape onto the picture.
func (r *raster) paint(c ink) {
	if c.a == 0 {
		return
	}
	r.cover()
	r.blend(c)
}

// blend blends c onto the picture according to the coverage.
func (r *raster) blend(c ink) {
	w := r.at.Dx()
	for y := r.at.Min.Y; y < r.at.Max.Y; y++ {
		m := r.mask.Pix[(y-r.at.Min.Y)*r.mask.Stride:][:w]
		row := r.pix[y*r.stride+1+r.at.Min.X*r.depth:][:w*r.depth]
		if r.depth == 3 {
			blend3(row, m, c)
		} else {
			blend4(row, m, c)
		}
	}
}

// skip returns the index of the next covered pixel from x on.
func skip(m []byte, x int) int {
	for x+8 <= len(m) && binary.LittleEndian.Uint64(m[x:]) == 0 {
		x += 8
	}
	for x < len(m) && m[x] == 0 {
		x++
	}
	return x
}

// blend3 blends c over RGB pixels.
func blend3(row, m []byte, c ink) {
	cr, cg, cb, ca := uint32(c.r), uint32(c.g), uint32(c.b), uint32(c.a)
	for x := skip(m, 0); x < len(m); {
		p := row[3*x : 3*x+3 : 3*x+3]
		a := uint32(m[x]) * ca
		if a == 255*255 {
			p[0], p[1], p[2] = c.r, c.g, c.b
		} else {
			b := 255*255 - a
			p[0] = uint8((cr*a + uint32(p[0])*b + 32512) / 65025)
			p[1] = uint8((cg*a + uint32(p[1])*b + 32512) / 65025)
			p[2] = uint8((cb*a + uint32(p[2])*b + 32512) / 65025)
		}
		if x++; x < len(m) && m[x] == 0 {
			x = skip(m, x)
		}
	}
}

// blend4 blends c over RGBA pixels.
func blend4(row, m []byte, c ink) {
	cr, cg, cb, ca := uint32(c.r), uint32(c.g), uint32(c.b), uint32(c.a)
	for x := skip(m, 0); x < len(m); {
		p := row[4*x : 4*x+4 : 4*x+4]
		a := uint32(m[x]) * ca
		b := 255*255 - a
		p[0] = uint8((cr*a + uint32(p[0])*b + 32512) / 65025)
		p[1] = uint8((cg*a + uint32(p[1])*b + 32512) / 65025)
		p[2] = uint8((cb*a + uint32(p[2])*b + 32512) / 65025)
		p[3] = uint8((255*a + uint32(p[3])*b + 32512) / 65025)
		if x++; x < len(m) && m[x] == 0 {
			x = skip(m, x)
		}
	}
}

func (r *raster) rect(b box, c ink) {
	k := r.ratio
	x0, y0, x1, y1 := b.x0*k, b.y0*k, b.x1*k, b.y1*k
	if b.x0 == 0 && b.y0 == 0 && x1 > float64(r.w-1) && y1 > float64(r.h-1) {
		r.flood(c)
		return
	}
	// Edges on whole pixels are sharp.
	x0, y0, x1, y1 = math.Round(x0), math.Round(y0), math.Round(x1), math.Round(y1)
	if !r.open(x0, y0, x1-1, y1-1) {
		return
	}
	corners := around(box{x0, y0, x1, y1})
	r.ring(corners[:])
	r.paint(c)
}

// flood fills the blank paper.
func (r *raster) flood(c ink) {
	r.paper = c
	row := r.pix[:r.stride]
	for x := range r.w {
		p := row[1+x*r.depth:][:r.depth]
		if p[0], p[1], p[2] = c.r, c.g, c.b; r.depth == 4 {
			p[0], p[1], p[2], p[3] = times(c.r, c.a), times(c.g, c.a), times(c.b, c.a), c.a
		}
	}
	for y := 1; y < r.h; y++ {
		copy(r.pix[y*r.stride:][:r.stride], row)
	}
}

func times(a, b uint8) uint8 { return uint8((uint32(a)*uint32(b) + 127) / 255) }

// line draws a grid line in the middle of a row or column of pixels, so that all lines look alike.
func (r *raster) line(a, b point, p pen) {
	k := r.ratio
	a, b = point{a.x * k, a.y * k}, point{b.x * k, b.y * k}
	half := p.width * k / 2
	center := func(f float64) float64 {
		if w := math.Round(2 * half); w > 1 && math.Mod(w, 2) == 0 {
			return math.Round(f)
		}
		return math.Floor(f) + 0.5
	}
	box := box{min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)}
	switch {
	case a.x == b.x:
		m := center(a.x)
		box.x0, box.x1 = m-half, m+half
	case a.y == b.y:
		m := center(a.y)
		box.y0, box.y1 = m-half, m+half
	}
	if r.open(box.x0, box.y0, box.x1, box.y1) {
		corners := around(box)
		r.ring(corners[:])
		r.paint(p.ink)
	}
}

// smallText is the size in pixels below which text is drawn darker, because stems that are a pixel
// wide seldom cover a whole pixel.
const smallText = 24

func (r *raster) text(l label) {
	k := r.ratio
	size := l.font.size * k
	sin, cos := math.Sincos(l.angle * math.Pi / 180)
	x, y := l.at.x*k, l.at.y*k
	var h hints
	switch l.angle {
	case 0:
		y = math.Round(y)
		h = hintsFor(l.font.face, size)
	case 90, 270:
		x = math.Round(x)
		h = hintsFor(l.font.face, size)
	}
	w := l.font.width(l.text) * k
	reach := 1.5 * size
	x0, x1 := min(x, x+w*cos)-reach, max(x, x+w*cos)+reach
	y0, y1 := min(y, y+w*sin)-reach, max(y, y+w*sin)+reach
	if !r.open(x0, y0, x1, y1) {
		return
	}
	lean := 0.0
	if l.font.italic {
		lean = shear
	}
	pos := 0.0
	place := func(p point) point {
		gx, gy := pos+(p.x-lean*p.y)*size, h.apply(p.y)*size
		return point{x + gx*cos - gy*sin, y + gx*sin + gy*cos}
	}
	for _, c := range l.text {
		g := l.font.face.glyph(c)
		if px := x + pos*cos; px < float64(r.w)+reach && px > -reach {
			r.glyph(g, place)
		}
		pos += g.advance * size
	}
	r.cover()
	if size < smallText {
		for i, c := range r.mask.Pix {
			if c != 0 {
				r.mask.Pix[i] = r.darker[c]
			}
		}
	}
	r.blend(l.ink)
}

// glyph adds the outline of a glyph.
func (r *raster) glyph(g *glyph, place func(point) point) {
	o := point{float64(r.at.Min.X), float64(r.at.Min.Y)}
	f := func(p point) (float32, float32) {
		p = place(p)
		return float32(p.x - o.x), float32(p.y - o.y)
	}
	for i := range g.segs {
		s := &g.segs[i]
		ax, ay := f(s.pts[0])
		switch s.op {
		case sfnt.SegmentOpMoveTo:
			r.z.ClosePath()
			r.z.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			r.z.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			bx, by := f(s.pts[1])
			r.z.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := f(s.pts[1])
			cx, cy := f(s.pts[2])
			r.z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	r.z.ClosePath()
}

func (r *raster) wedge(w wedge) {
	k := r.ratio
	center, radius := point{w.center.x * k, w.center.y * k}, w.radius*k
	p := append(r.shape[:0], center)
	turn := w.to - w.from
	// With this number of corners none is off by more than a twentieth of a pixel.
	n := max(2, int(math.Ceil(turn/math.Acos(1-min(1, 0.05/max(radius, 0.05))))))
	for i := range n + 1 {
		sin, cos := math.Sincos(w.from + turn*float64(i)/float64(n))
		p = append(p, point{center.x + radius*cos, center.y + radius*sin})
	}
	r.shape = p
	if r.open(center.x-radius, center.y-radius, center.x+radius, center.y+radius) {
		r.ring(p)
		r.paint(w.ink)
	}
}
