package draw

import "math"

// setScales computes the vertical axes. Their labels need space, with less space more values are
// merged, and that can change the labels. It repeats until the space does not change.
func (l *lineGraph) setScales() error {
	for range 10 {
		x0, x1 := l.area.x0, l.area.x1
		l.fit()
		if l.twoAxes {
			l.setTwo()
		} else {
			l.setOne()
		}
		if l.p.err != nil {
			return l.p.err
		}
		if x0 == l.area.x0 && x1 == l.area.x1 {
			return nil
		}
	}
	l.fit()
	return nil
}

// setOne computes the axis of a graph with one axis.
func (l *lineGraph) setOne() {
	s := &l.scales[0]
	l.setScale(s, l.s.one, func(*curve) bool { return true })
	if l.s.hideAxes {
		s.values, s.labels = s.values[:0], s.labels[:0]
		s.frame()
		return
	}
	if l.s.hideYAxis {
		return
	}
	if room := s.labelWidth * 1.02; l.s.axisRight {
		l.area.x1 = min(l.area.x1, l.margin-room)
	} else {
		l.area.x0 = max(l.area.x0, l.margin+room)
	}
}

// setTwo computes the axes on both sides.
func (l *lineGraph) setTwo() {
	left, right := &l.scales[0], &l.scales[1]
	l.setScale(left, l.s.left, func(c *curve) bool { return !c.right })
	l.setScale(right, l.s.right, func(c *curve) bool { return c.right })
	l.area.x0 = max(l.area.x0, l.margin+left.labelWidth*1.02)
	l.area.x1 = min(l.area.x1, l.width-right.labelWidth*1.02)
}

// setScale computes one axis from the curves that belong to it.
func (l *lineGraph) setScale(s *scale, o axisOptions, wanted func(*curve) bool) {
	low, high, ok := limits(l.curves, wanted, l.s.nullAsZero, l.s.areaMode == "stacked")
	*s = scale{
		low: low, high: high, limit: math.NaN(), base: l.s.base, units: unitSystem(l.s.unitSystem),
		values: s.values[:0], labels: s.labels[:0],
	}
	if s.base > 0 && !ok {
		s.low, s.high = 1, s.base // there is nothing to take a logarithm of
	}
	s.apply(o, l.p)
	switch {
	case s.base > 0 && s.low <= 0:
		l.p.fail("logBase", "cannot be used where the smallest value is not above zero")
		return
	case s.base > 0:
		s.settleLog()
		if !s.ticksLog() {
			l.p.fail("logBase", "is too small for this range of values")
		}
	default:
		if s.step = o.step; s.step != s.step {
			s.chooseStep(l.s.divisors, l.s.unitSystem == "binary")
		}
		s.settle()
		s.ticks()
	}
	s.write(l.s.font)
	s.frame()
}

// scaleOf returns the axis of a curve.
func (l *lineGraph) scaleOf(c *curve) *scale {
	if c.right {
		return &l.scales[1]
	}
	return &l.scales[0]
}

// y returns the position of a value, or NaN if it has none. Like glyph.py, it moves values above
// the picture to the upper edge.
func (l *lineGraph) y(s *scale, v float64) float64 { return max(0, l.place(s, v)) }

// ground returns the position where the areas of a scale end: at zero, which may be above or below
// the picture, or at the bottom if the axis has no zero.
func (l *lineGraph) ground(s *scale) float64 {
	if y := max(-1e5, l.place(s, 0)); y < 0 || y > 0 {
		return y
	}
	return l.area.y1
}

// place returns the position of a value, limited to a distance below the picture that can be drawn.
func (l *lineGraph) place(s *scale, v float64) float64 {
	return min(l.area.y1-s.at(v)*l.area.height(), l.area.y1+1e5)
}

// x returns the position of a time.
func (l *lineGraph) x(unix int64) float64 {
	return l.area.x0 + float64(unix-l.time.start)*(l.drawWidth/float64(l.time.end-l.time.start))
}
