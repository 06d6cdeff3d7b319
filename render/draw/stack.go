package draw

import "math"

// areas fills shapes, each of which hides those after it. Opaque shapes are drawn from the last to
// the first, so that the background does not show between adjacent shapes. With translucent or
// invisible shapes the same is done on a separate layer, on which each shape replaces what it
// covers.
func (r *raster) areas(path []point, list []area) {
	if opaque(list) {
		for i := len(list) - 1; i >= 0; i-- {
			if r.fill(path[list[i].from:list[i].to]) {
				r.paint(list[i].ink)
			}
		}
		return
	}
	w, h := r.limit.Dx(), r.limit.Dy()
	if n := 4 * w * h; cap(r.layer) < n {
		r.layer = make([]byte, n)
	} else {
		r.layer = r.layer[:n]
		clear(r.layer)
	}
	for i := len(list) - 1; i >= 0; i-- {
		if r.fill(path[list[i].from:list[i].to]) {
			r.replace(list[i].ink)
		}
	}
	for y := range h {
		from := r.layer[4*w*y:][:4*w]
		row := r.pix[(r.limit.Min.Y+y)*r.stride+1+r.limit.Min.X*r.depth:]
		for x := range w {
			s := from[4*x : 4*x+4 : 4*x+4]
			if s[3] == 0 {
				continue
			}
			b := 255 - uint32(s[3])
			p := row[x*r.depth:][:r.depth]
			for k := range p {
				p[k] = uint8(min(255, uint32(s[k])+(uint32(p[k])*b+127)/255))
			}
		}
	}
}

// fill adds a shape with several parts. It moves vertical sides between pixels, so that where two
// shapes end at the same place the lower one does not show.
func (r *raster) fill(path []point) bool {
	b := bounds(path)
	k := r.ratio
	if !r.open(b.x0*k, b.y0*k, b.x1*k, b.y1*k) {
		return false
	}
	for len(path) > 0 {
		n := 0
		for n < len(path) && !path[n].isGap() {
			n++
		}
		before := r.corner(path, n, 0)
		for i := range n {
			next := r.corner(path, n, (i+1)%n)
			r.edge(before, next)
			before = next
		}
		path = path[min(n+1, len(path)):]
	}
	return true
}

// corner returns the position of corner i of n in pixels.
func (r *raster) corner(path []point, n, i int) point {
	p := path[i]
	upright := path[(i+1)%n].x == p.x || path[(i+n-1)%n].x == p.x
	p.x, p.y = p.x*r.ratio, p.y*r.ratio
	if upright {
		p.x = math.Round(p.x)
	}
	return p
}

// replace replaces the covered pixels of the layer by c.
func (r *raster) replace(c ink) {
	r.cover()
	color := [4]uint32{uint32(times(c.r, c.a)), uint32(times(c.g, c.a)), uint32(times(c.b, c.a)), uint32(c.a)}
	w := r.at.Dx()
	for y := r.at.Min.Y; y < r.at.Max.Y; y++ {
		m := r.mask.Pix[(y-r.at.Min.Y)*r.mask.Stride:][:w]
		row := r.layer[4*((y-r.limit.Min.Y)*r.limit.Dx()+r.at.Min.X-r.limit.Min.X):][:4*w]
		for x := skip(m, 0); x < w; {
			a := uint32(m[x])
			p := row[4*x : 4*x+4 : 4*x+4]
			for k := range p {
				p[k] = uint8((color[k]*a + uint32(p[k])*(255-a) + 127) / 255)
			}
			if x++; x < w && m[x] == 0 {
				x = skip(m, x)
			}
		}
	}
}
