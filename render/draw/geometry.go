package draw

import "math"

// point is a position on the picture, in pixels before pixelRatio, with y down.
type point struct{ x, y float64 }

// gap separates the parts of a path: the next point begins a new part.
func gap() point { return point{math.NaN(), math.NaN()} }

func (p point) isGap() bool { return p.x != p.x }

// box is a rectangle.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) width() float64  { return b.x1 - b.x0 }
func (b box) height() float64 { return b.y1 - b.y0 }

// around returns the corners of b in drawing order.
func around(b box) [4]point {
	return [4]point{{b.x0, b.y0}, {b.x1, b.y0}, {b.x1, b.y1}, {b.x0, b.y1}}
}
