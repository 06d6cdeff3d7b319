package draw

import "math"

// hints moves the tops of letters to whole pixels. The heights of x and of capitals, which most
// edges of a text share, become sharp. Everything between is stretched evenly. Widths do not
// change, so that text has the same length as in other formats.
type hints struct {
	from, to [3]float64 // heights of x, capitals and ascenders, in font sizes
	n        int
}

// overshoot is how far round letters extend beyond flat ones, in font sizes.
const overshoot = 0.02

// hintsFor returns the hints of a face at a size in pixels. Large sizes need none.
func hintsFor(f *face, size float64) hints {
	if size > 40 || f.tops[0] <= 0 || f.tops[1] <= f.tops[0] || f.tops[2] <= f.tops[1] {
		return hints{}
	}
	h := hints{n: len(f.tops), from: f.tops}
	// Small letters grow rather than shrink, so that they stay open. The other letters grow with
	// them, otherwise the dot of an i would touch its stem.
	x := math.Floor(f.tops[0]*size + 0.6)
	grown := max(1, x/(f.tops[0]*size))
	h.to[0] = x / size
	for i := 1; i < h.n; i++ {
		h.to[i] = math.Round(f.tops[i]*size*grown) / size
	}
	return h
}

// apply converts a height. y points down.
func (h *hints) apply(y float64) float64 {
	up := -y
	if h.n == 0 || up <= -overshoot {
		return y
	}
	if up <= 0 {
		return 0 // round letters end on the baseline, too
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
