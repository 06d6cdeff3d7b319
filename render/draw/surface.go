package draw

import "math"

// ink is a colour. Alpha is not premultiplied.
type ink struct{ r, g, b, a uint8 }

// faded returns c with its alpha replaced.
func (c ink) faded(alpha float64) ink {
	if alpha != alpha {
		return c
	}
	c.a = uint8(math.Round(255 * max(0, min(1, alpha))))
	return c
}

// pen is the style of a line.
type pen struct {
	ink   ink
	width float64
	dash  float64 // length of dashes and gaps; 0 means a solid line
	round bool    // corners are cut instead of mitered
}

// area is one filled shape of a stack: the points path[from:to] of a shared slice. It is closed
// implicitly. Gaps separate its parts.
type area struct {
	from, to int
	ink      ink // alpha 0 cuts a hole into the shapes behind it
	name     string
}

// label is a piece of text. at is the left end of its baseline. angle turns it clockwise around
// that point, in degrees.
type label struct {
	text  string
	at    point
	font  font
	ink   ink
	angle float64
}

// wedge is a slice of a pie. Angles are in radians, clockwise from 3 o'clock.
type wedge struct {
	center           point
	radius, from, to float64
	ink              ink
	name             string
}

// surface is what a graph is drawn on. At first it is blank and no part is open.
type surface interface {
	// begin opens a named part of the picture and ends the previous one.
	begin(part string)
	// clip limits drawing to b until the next part begins.
	clip(b box)
	// rect fills a rectangle.
	rect(b box, c ink)
	// line draws a straight line of the grid or a frame.
	line(a, b point, p pen)
	// stroke draws a path. name says what it shows, or is "" if that is not worth a title.
	stroke(path []point, p pen, name string)
	// areas fills shapes, each of which hides those after it even if it is translucent or
	// invisible.
	areas(path []point, list []area)
	// wedge fills a slice of a pie.
	wedge(w wedge)
	// text draws a label.
	text(l label)
	// finish appends the file to dst.
	finish(dst []byte) ([]byte, error)
}

// opaque reports whether all of list hide what is behind them.
func opaque(list []area) bool {
	for i := range list {
		if list[i].ink.a != 255 {
			return false
		}
	}
	return true
}
