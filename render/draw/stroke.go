package draw

import "math"

// stroke draws a path as a polygon around it. Its corners are mitered up to a limit, as in cairo.
func (r *raster) stroke(path []point, p pen, _ string) {
	if p.dash > 0 {
		path = r.dashes(path, p.dash)
	}
	k := r.ratio
	half := max(p.width*k/2, 0.05)
	b := bounds(path)
	reach := half*10 + 1
	if !r.open(b.x0*k-reach, b.y0*k-reach, b.x1*k+reach, b.y1*k+reach) {
		return
	}
	limit := 100.0 // of the squared ratio of miter length to width
	if p.round {
		limit = 4
	}
	for len(path) > 0 {
		n := 0
		for n < len(path) && !path[n].isGap() {
			n++
		}
		r.outline(path[:n], half, limit)
		path = path[min(n+1, len(path)):]
	}
	if !p.round || r.paper.a != 255 || p.ink.a == 0 {
		r.paint(p.ink)
		return
	}
	r.cover()
	table := correction(p.ink, r.paper)
	for i, c := range r.mask.Pix {
		r.mask.Pix[i] = table[c]
	}
	r.blend(p.ink)
}

// bounds returns the bounding box of a path.
func bounds(path []point) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range path {
		if p.isGap() {
			continue
		}
		b.x0, b.x1 = min(b.x0, p.x), max(b.x1, p.x)
		b.y0, b.y1 = min(b.y0, p.y), max(b.y1, p.y)
	}
	return b
}

// outline adds the polygon around one connected line. Its points are in units before ratio.
func (r *raster) outline(path []point, half, limit float64) {
	k := r.ratio
	left, right := r.sides[0][:0], r.sides[1][:0]
	var last, n point // the end of the previous segment, and its normal
	length := 0.0     // its length
	begun := false
	for _, p := range path {
		p = point{p.x * k, p.y * k}
		if !begun {
			begun = true
			last = p
			continue
		}
		dx, dy := p.x-last.x, p.y-last.y
		d := math.Sqrt(dx*dx + dy*dy)
		if d < 1e-6 {
			continue
		}
		m := point{-dy / d * half, dx / d * half}
		if length == 0 {
			left = append(left, point{last.x + m.x, last.y + m.y})
			right = append(right, point{last.x - m.x, last.y - m.y})
		} else {
			j := joint{last, n, m, half, limit, min(length, d)}
			left, right = j.sides(left, right)
		}
		last, n, length = p, m, d
	}
	if length > 0 {
		left = append(left, point{last.x + n.x, last.y + n.y})
		right = append(right, point{last.x - n.x, last.y - n.y})
		r.around(left, right)
	}
	r.sides[0], r.sides[1] = left, right
}

// around adds the polygon that runs along left and back along right.
func (r *raster) around(left, right []point) {
	for i := 1; i < len(left); i++ {
		r.edge(left[i-1], left[i])
	}
	r.edge(left[len(left)-1], right[len(right)-1])
	for i := len(right) - 1; i > 0; i-- {
		r.edge(right[i], right[i-1])
	}
	r.edge(right[0], left[0])
}

// joint is where two segments of a line meet. Their normals have half the line's width and point to
// the left.
type joint struct {
	at       point
	n, m     point   // normals of the segment that ends and of the one that begins
	half     float64 // of the line's width
	limit    float64 // of the squared ratio of miter length to width
	shortest float64 // length of the shorter segment
}

// sides adds the two sides of the joint. The inner side is where both segments intersect, unless
// one is too short for that.
func (j *joint) sides(left, right []point) (l, r []point) {
	p, n, m := j.at, j.n, j.m
	cos := (n.x*m.x + n.y*m.y) / (j.half * j.half)
	outer, inner := &left, &right
	side := 1.0
	if n.x*m.y-n.y*m.x > 0 { // turns to the left, so the inner side is the left one
		outer, inner = inner, outer
		side = -1
	}
	t := point{(n.x + m.x) / (1 + cos), (n.y + m.y) / (1 + cos)}
	if 2 <= j.limit*(1+cos) {
		*outer = append(*outer, point{p.x + side*t.x, p.y + side*t.y})
	} else {
		*outer = append(*outer, point{p.x + side*n.x, p.y + side*n.y}, point{p.x + side*m.x, p.y + side*m.y})
	}
	if j.half*j.half*(1-cos) <= j.shortest*j.shortest*(1+cos) {
		*inner = append(*inner, point{p.x - side*t.x, p.y - side*t.y})
	} else {
		*inner = append(*inner, point{p.x - side*n.x, p.y - side*n.y}, p, point{p.x - side*m.x, p.y - side*m.y})
	}
	return left, right
}

// maxDashes bounds the work of a dashed line.
const maxDashes = 20000

// dashes cuts a path into dashes. As in glyph.py, the first is one unit shorter. Dashes too short
// to be visible are made longer.
func (r *raster) dashes(path []point, dash float64) []point {
	total := 0.0
	for i := 1; i < len(path); i++ {
		if d := math.Hypot(path[i].x-path[i-1].x, path[i].y-path[i-1].y); d == d {
			total += d
		}
	}
	dash = max(dash, 0.25, total/maxDashes)
	out := r.shape[:0]
	on, rest := true, dash
	restart := true
	for i, p := range path {
		if p.isGap() {
			out = append(out, p)
			restart = true
			continue
		}
		if restart {
			restart = false
			skipped := math.Mod(1, 2*dash)
			on, rest = skipped < dash, dash-math.Mod(skipped, dash)
			if on {
				out = append(out, p)
			}
			continue
		}
		a := path[i-1]
		length := math.Hypot(p.x-a.x, p.y-a.y)
		done := 0.0
		for length-done > rest {
			done += rest
			q := point{a.x + (p.x-a.x)*done/length, a.y + (p.y-a.y)*done/length}
			if out = append(out, q); on {
				out = append(out, gap())
			}
			on, rest = !on, dash
		}
		rest -= length - done
		if on {
			out = append(out, p)
		}
	}
	r.shape = out
	return out
}
