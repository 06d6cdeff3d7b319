package draw

import "math"

// hints moves the tops of letters onto whole pixels: the heights of x and of
// capitals, which most edges of a text share, become sharp. Between them all is
// stretched evenly; widths stay, so that text is as long as elsewhere.
type hints struct {
	from, to [3]float64 // heights of x, capitals and ascenders, in font sizes
	n        int
}

// overshoot is how far round letters reach beyond flat ones, in font sizes.
const overshoot = 0.02

// hintsFor returns the hints of a face at a size in pixels. Above some size
// there are pixels enough.
func hintsFor(f *face, size float64) hints {
	if size > 40 || f.tops[0] <= 0 || f.tops[1] <= f.tops[0] || f.tops[2] <= f.tops[1] {
		return hints{}
	}
	h := hints{n: len(f.tops), from: f.tops}
	// Small letters rather grow than shrink, so that they stay open; the others
	// grow with them, or the dot of an i would touch it.
	x := math.Floor(f.tops[0]*size + 0.6)
	grown := max(1, x/(f.tops[0]*size))
	h.to[0] = x / size
	for i := 1; i < h.n; i++ {
		h.to[i] = math.Round(f.tops[i]*size*grown) / size
	}
	return h
}

// apply maps a height; y is down.
func (h *hints) apply(y float64) float64 {
	up := -y
	if h.n == 0 || up <= -overshoot {
		return y
	}
	if up <= 0 {
		return 0 // round letters end on the baseline too
	}
	from, to := 0.0, 0.0
	for i := range h.n {
		if up <= h.from[i] {
			return -(to + (up-from)*(h.to[i]-to)/(h.from[i]-from))
		}
		from, to = h.from[i], h.to[i]
		if up <= from+overshoot && i == 0 {
			return -to
		}
	}
	return -(up - from + to)
}
