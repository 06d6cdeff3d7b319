package draw

import (
	"math"
	"slices"
	"strings"
)

// drawCurves draws areas first, then lines over them.
func (l *lineGraph) drawCurves() {
	l.stack()
	if l.s.areaAlpha == l.s.areaAlpha {
		l.fade()
	}
	l.clip(l.area)
	points := l.w.points[:0]
	areas := l.w.areas[:0]
	for i := range l.curves {
		c := &l.curves[i]
		if !c.stacked {
			continue
		}
		from := len(points)
		if points = l.trace(points, c); len(points) > from {
			areas = append(areas, area{from, len(points), l.inkOf(c), c.name})
		}
	}
	if len(areas) > 0 {
		l.areas(points, areas)
	}
	l.w.areas = areas
	for i := range l.curves {
		c := &l.curves[i]
		if c.stacked || l.ctx.Err() != nil {
			continue
		}
		if points = l.trace(points[:0], c); len(points) > 0 {
			p := pen{ink: l.inkOf(c), width: l.s.lineWidth, dash: c.dash, round: l.s.template.modern}
			if c.hasWidth {
				p.width = c.width
			}
			l.stroke(points, p, c.name)
		}
	}
	l.w.points = points
}

// stack marks the curves that are filled, and adds up those that are stacked.
func (l *lineGraph) stack() {
	if slices.ContainsFunc(l.curves, func(c curve) bool { return c.stacked }) {
		slices.SortStableFunc(l.curves, func(a, b curve) int {
			switch {
			case a.stacked == b.stacked:
				return 0
			case a.stacked:
				return -1
			}
			return 1
		})
	}
	switch {
	case l.s.areaMode == "stacked" && !l.twoAxes:
		l.pile()
	case l.s.areaMode == "first":
		l.curves[0].stacked = true
	case l.s.areaMode == "all":
		for i := range l.curves {
			l.curves[i].stacked = l.curves[i].stacked || !l.curves[i].infinite
		}
	}
}

// pile adds to each value those of the previous curves at the same index. Like glyph.py, it ignores
// their times.
func (l *lineGraph) pile() {
	longest, all := 0, 0
	for i := range l.curves {
		n := len(l.curves[i].values)
		longest, all = max(longest, n), all+n
	}
	memory := make([]float64, longest+all)
	total, memory := memory[:longest], memory[longest:]
	for i := range l.curves {
		c := &l.curves[i]
		if c.infinite {
			continue
		}
		c.stacked = true
		sums := memory[:len(c.values):len(c.values)]
		memory = memory[len(c.values):]
		for k, v := range c.values {
			if v == v {
				total[k] += v
				sums[k] = total[k]
			} else {
				sums[k] = v
			}
		}
		c.piled, c.values = c.values, sums
		l.w.values = c.merged(l.w.values)
	}
}

// fade makes areas translucent and adds opaque curves for their outlines.
func (l *lineGraph) fade() {
	alpha := l.s.areaAlpha
	for i := range len(l.curves) {
		c := &l.curves[i]
		if !c.stacked {
			continue
		}
		outline := *c
		outline.stacked, outline.invisible, outline.infinite, outline.outline = false, false, false, true
		outline.hasWidth, outline.dash, outline.alpha = false, 0, nil
		c.alpha = &alpha
		l.curves = append(l.curves, outline)
	}
	l.w.curves = l.curves
}

// inkOf returns the colour of a curve with its alpha. The alpha of an RRGGBBAA colour takes
// precedence over that of the series, and alpha 0 counts as not given.
func (l *lineGraph) inkOf(c *curve) ink {
	switch {
	case c.invisible:
		return c.ink.faded(0)
	case c.alpha == nil || *c.alpha == 0 || hasAlpha(c.color):
		return c.ink
	}
	return c.ink.faded(*c.alpha)
}

// hasAlpha reports whether a colour is RRGGBBAA.
func hasAlpha(color string) bool {
	if _, named := colorNames[color]; named {
		return false
	}
	return len(strings.TrimPrefix(strings.TrimPrefix(color, "#"), "%23")) == 8
}

// tracer appends the path of a curve. Its pen is up until it draws something.
type tracer struct {
	points []point
	start  int  // of the part being drawn
	down   bool // there is a point from which to draw a line
}

func (t *tracer) lineTo(x, y float64) {
	if !t.down {
		t.start = len(t.points)
		t.down = true
	}
	t.points = append(t.points, point{x, y})
}

// lift ends a part. A part of a single point draws nothing.
func (t *tracer) lift() {
	if t.down {
		if len(t.points)-t.start < 2 {
			t.points = t.points[:t.start]
		} else {
			t.points = append(t.points, gap())
		}
	}
	t.down = false
}

// trace appends the path of c: a line, or closed shapes if it is stacked. The modes and the
// treatment of gaps are those of glyph.py, which extends a value for one step before a gap.
func (l *lineGraph) trace(dst []point, c *curve) []point {
	t := tracer{points: dst}
	s := l.scaleOf(c)
	ground := l.ground(s)
	x := l.area.x0 + l.s.lineWidth/2
	x += c.xStep * (float64(c.start-l.time.start) / float64(c.step) / float64(c.perPoint))
	y, from, missing := l.area.y0, x, 0
	for i, v := range c.drawn {
		at := math.NaN()
		if v == v {
			at = l.y(s, v)
		} else if l.s.nullAsZero {
			at = l.y(s, 0)
		}
		switch {
		case at != at:
			if missing == 0 {
				t.lineTo(x, y)
				if c.stacked {
					t.close(x, from, ground)
				}
			}
			missing++
		case c.infinite && v > 0:
			y = at
			t.lift()
			t.lineTo(x, l.area.y1)
			t.lineTo(x, l.area.y0)
			t.lift()
		default:
			y = at
			if missing > 0 {
				from = x
			}
			if l.begins(missing, i) {
				t.lift()
			}
			t.lineTo(x, y)
			if l.s.lineMode == "staircase" {
				t.lineTo(x+c.xStep, y)
			}
			missing = 0
		}
		x += c.xStep
	}
	if c.stacked {
		if l.s.lineMode != "staircase" {
			x -= c.xStep
		}
		t.close(x, from, ground)
	}
	t.lift()
	return t.points
}

// begins reports whether a new line begins at point i after missing points.
func (l *lineGraph) begins(missing, i int) bool {
	if l.s.lineMode == "connected" {
		return float64(missing) > l.s.connectedLimit || missing == i
	}
	return missing > 0
}

// close ends a shape along the ground.
func (t *tracer) close(x, from, ground float64) {
	if t.down && len(t.points)-t.start > 1 {
		t.points = append(t.points, point{x, ground}, point{from, ground}, gap())
		t.down = false
		return
	}
	t.lift()
}
