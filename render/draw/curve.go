package draw

import (
	"fmt"
	"math"

	"graphited/render"
)

// curve is a series that is being drawn.
type curve struct {
	name              string
	start, end, step  int64
	values            []float64 // of the series, or sums if it is stacked
	piled             []float64 // own values of a stacked series
	drawn             []float64 // values merged to fit the width
	perPoint          int       // number of values merged to one drawn value
	merge             string    // how values are merged
	share             float64   // share of known values that a merged value needs
	xStep             float64   // pixels between two drawn values
	color             string    // as given
	ink               ink
	width             float64 // of the line
	hasWidth, hasDash bool    // set for this series itself
	dash              float64
	alpha             *float64
	stacked           bool
	invisible         bool
	right             bool // belongs to the second axis
	infinite          bool // draws vertical lines instead of values
	outline           bool // draws the outline of a translucent area
}

// newCurve returns a curve for a series. Its colour is set later.
func newCurve(s *render.Series) curve {
	c := curve{
		name: s.Name, start: s.From, end: s.Until, step: max(1, s.Step), values: s.Values,
		perPoint: 1, merge: s.Consolidate, share: s.XFilesFactor,
	}
	o := s.Graph
	if o == nil {
		return c
	}
	c.color, c.alpha = o.Color, o.Alpha
	c.stacked, c.invisible, c.right, c.infinite = o.Stacked, o.Invisible, o.SecondYAxis, o.DrawAsInfinite
	if o.LineWidth != nil {
		c.width, c.hasWidth = *o.LineWidth, true
	}
	c.dash, c.hasDash = o.Dashed, o.Dashed > 0
	return c
}

// merged sets c.drawn to the values of c, each perPoint of them merged to one as in graphite-web's
// TimeSeries. It appends the merged values to dst. If perPoint is 1, drawn is values.
func (c *curve) merged(dst []float64) []float64 {
	if c.perPoint <= 1 {
		c.drawn = c.values
		return dst
	}
	from := len(dst)
	for v := c.values; len(v) > 0; {
		n := min(len(v), c.perPoint)
		dst = append(dst, c.mergeOne(v[:n]))
		v = v[n:]
	}
	c.drawn = dst[from:len(dst):len(dst)]
	return dst
}

// ownValues returns the merged values of the series itself, even if it is stacked.
func (c *curve) ownValues() []float64 {
	if c.piled == nil {
		return c.drawn
	}
	own := *c
	own.values = c.piled
	own.merged(nil)
	return own.drawn
}

// mergeOne merges some values. It returns NaN if too few are known.
func (c *curve) mergeOne(v []float64) float64 {
	known, sum := 0, 0.0
	for _, x := range v {
		if x == x {
			known++
			sum += x
		}
	}
	if known == 0 || float64(known)/float64(c.perPoint) < c.share {
		return math.NaN()
	}
	switch c.merge {
	case "sum":
		return sum
	case "avg_zero":
		return sum / float64(len(v))
	case "max", "min", "first", "last":
		return pick(v, c.merge)
	}
	return sum / float64(known)
}

// pick returns one of the known values of v, which must have at least one.
func pick(v []float64, which string) float64 {
	found := math.NaN()
	for _, x := range v {
		switch {
		case x != x:
		case found != found || which == "last" || which == "max" && x > found || which == "min" && x < found:
			found = x
		}
		if which == "first" && found == found {
			break
		}
	}
	return found
}

// mergeable returns an error if graphite-web cannot merge by this method for drawing.
func (c *curve) mergeable() error {
	switch c.merge {
	case "", "average", "avg", "sum", "max", "min", "first", "last", "avg_zero":
		return nil
	}
	return &render.Error{Kind: render.BadRequest, Msg: fmt.Sprintf("series %q has the unknown consolidation function %q", c.name, c.merge)}
}

// isEmpty reports whether c has no value at all.
func (c *curve) isEmpty() bool {
	for _, v := range c.values {
		if v == v {
			return false
		}
	}
	return true
}

// limits returns the range of the finite values of curves, like glyph.py's dataLimits. ok is false
// if there are none. If the curves are stacked, the upper end is that of their sum before merging.
func limits(curves []curve, wanted func(*curve) bool, nullAsZero, stacked bool) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	missing := false
	length := math.MaxInt
	for i := range curves {
		c := &curves[i]
		if !wanted(c) {
			continue
		}
		missing = missing || nullAsZero && hasGap(c.values)
		if c.infinite {
			continue
		}
		length = min(length, len(c.values))
		for _, v := range c.drawn {
			if v-v == 0 { // neither NaN nor infinite
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high {
		return 0, 1, false
	}
	if low > 0 && missing {
		low = 0
	}
	if stacked && length > 0 {
		high = highestSum(curves, wanted, length)
	}
	if high < 0 && missing {
		high = 0
	}
	return low, high, true
}

// highestSum returns the largest sum of the values at one index.
func highestSum(curves []curve, wanted func(*curve) bool, length int) float64 {
	high := math.Inf(-1)
	for k := range length {
		sum := 0.0
		for i := range curves {
			if c := &curves[i]; wanted(c) && !c.infinite {
				if v := c.values[k]; v-v == 0 {
					sum += v
				}
			}
		}
		high = max(high, sum)
	}
	return high
}

func hasGap(values []float64) bool {
	for _, v := range values {
		if v != v {
			return true
		}
	}
	return false
}
