package draw

import (
	"math"
	"slices"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render"
)

// lineGraph draws a LineGraph in the steps of glyph.py: each step takes its space, and later steps
// use the rest.
type lineGraph struct {
	*canvas
	s         *lineSettings
	curves    []curve
	twoAxes   bool
	margin    float64 // distance of the axis labels from the edge
	time      timeAxis
	drawWidth float64 // pixels over which the points are spread
	scales    *[2]scale
	zone      *time.Location
}

// leastSide is the smallest width and height of a graph, in pixels, that still gets margins.
const leastSide = 8

// drawLine draws a graph of series, or a message if there are none.
func (c *canvas) drawLine(g *Graph) (*lineGraph, error) {
	l := &lineGraph{canvas: c, s: &c.w.line, scales: &c.w.scales, zone: g.Location}
	s := l.s
	s.read(c.d, c.p)
	if c.p.err != nil {
		return nil, c.p.err
	}
	c.start(&s.settings)
	if !l.take(g.Series) {
		c.noData(&s.settings)
		return nil, nil
	}
	if err := l.dress(); err != nil {
		return nil, err
	}
	l.hide()
	l.margin = float64(s.margin)
	if c.area.width() < leastSide || c.area.height() < leastSide {
		s.bare() // the margins alone would fill the picture
	}
	if s.graphOnly {
		c.area = box{0, 0, c.width, c.height}
	}
	if l.twoAxes {
		s.axisRight = false
	}
	below := l.margin
	if s.axisRight {
		below = 0
		l.margin = c.width
	}
	c.drawTitle(&s.settings, below)
	l.drawSideTitles()
	l.listLegend()
	if !s.hideAxes && !s.hideXAxis {
		c.area.y1 -= 2 * s.font.ascent()
	}
	l.measureTime()
	if err := l.setScales(); err != nil {
		return nil, err
	}
	if l.area.width() < 1 || l.area.height() < 1 {
		return l, c.ctx.Err() // no room for anything
	}
	l.time.choose(float64(l.time.end-l.time.start) / l.drawWidth)
	c.begin("axes")
	if !s.hideAxes {
		l.drawLabels()
		if !s.hideGrid {
			c.begin("grid")
			l.drawGrid()
		}
	}
	c.begin("lines")
	l.drawCurves()
	return l, c.ctx.Err()
}

// take makes curves of the series. It returns false if they cover no time.
func (l *lineGraph) take(series []*render.Series) bool {
	l.curves = l.w.curves[:0]
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range series {
		l.curves = append(l.curves, newCurve(s))
		low, high = min(low, s.From), max(high, s.Until)
		l.twoAxes = l.twoAxes || l.curves[len(l.curves)-1].right
	}
	l.w.curves = l.curves
	return len(series) > 0 && high > low && high-low > 0
}

// dress sets the colour and the line style of each curve.
func (l *lineGraph) dress() error {
	s := l.s
	for i := range l.curves {
		c := &l.curves[i]
		if err := c.mergeable(); err != nil {
			return err
		}
		if l.twoAxes {
			color, width, dash := s.leftColor, s.leftWidth, s.leftDash
			if c.right {
				color, width, dash = s.rightColor, s.rightWidth, s.rightDash
			}
			if color != "" {
				c.color = color
			}
			if width == width {
				c.width, c.hasWidth = width, true
			}
			if dash == dash {
				c.dash, c.hasDash = dash, dash > 0
			}
		}
		c.width = max(0, min(c.width, maxWidth))
		if c.width != c.width {
			c.hasWidth = false
		}
		if c.color == "" {
			c.color = l.color(&s.settings)
		}
		var ok bool
		if c.ink, ok = parseColor(c.color); !ok {
			return &ParamError{Name: "color", Value: c.color, Msg: badColor}
		}
		if len(c.values) == 1 && s.lineMode == "slope" {
			s.lineMode = "staircase" // one point has no slope
		}
	}
	return nil
}

// hide removes the series that should not be drawn. The others keep the colours that they would
// have beside them. If none would be left, all stay.
func (l *lineGraph) hide() {
	hidden := func(c curve) bool { return slices.Contains(l.s.hidden, c.name) }
	if len(l.s.hidden) == 0 || !slices.ContainsFunc(l.curves, func(c curve) bool { return !hidden(c) }) {
		return
	}
	l.curves = slices.DeleteFunc(l.curves, hidden)
	l.twoAxes = slices.ContainsFunc(l.curves, func(c curve) bool { return c.right })
}

// drawSideTitles draws vtitle upwards on the left and, beside a second axis, vtitleRight downwards
// on the right.
func (l *lineGraph) drawSideTitles() {
	f := l.s.font.sized(titleSize(l.s.font.size))
	m := float64(l.s.margin)
	if l.s.vtitle != "" {
		l.begin("vtitle")
		x := l.area.x0 + f.height()
		for line := range strings.SplitSeq(l.s.vtitle, "\n") {
			l.write(label{text: line, at: point{x, l.height / 2}, font: f, ink: l.s.ink, angle: 270}, centered, baselinePlaced)
			x += f.height()
		}
		l.area.x0 = x + m + f.height()
	}
	if l.s.vtitleRight != "" && l.twoAxes {
		l.begin("vtitleRight")
		x := l.area.x1 - f.height()
		for line := range strings.SplitSeq(l.s.vtitleRight, "\n") {
			l.write(label{text: line, at: point{x, l.height / 2}, font: f, ink: l.s.ink, angle: 90}, centered, baselinePlaced)
			x -= f.height()
		}
		l.area.x1 = x - m - f.height()
	}
}

// listLegend draws the legend, unless there are too many series.
func (l *lineGraph) listLegend() {
	s := l.s
	hide := len(l.curves) > l.d.options.LegendMaxItems
	if s.hasHideLegend {
		hide = s.hideLegend
	}
	if hide {
		return
	}
	entries := l.w.entries[:0]
	for i := range l.curves {
		c := &l.curves[i]
		if c.name == "" || s.hideNull && c.isEmpty() {
			continue
		}
		entries = append(entries, entry{pyvalue.UnquotePlus(c.name), c.ink, c.right})
	}
	l.w.entries = entries
	if s.uniqueLegend {
		entries = unique(entries)
	}
	l.drawLegend(&s.settings, entries, l.twoAxes)
}

// measureTime computes the time range of the axis. Without stairs the axis ends at the last point,
// not at the end of its interval.
func (l *lineGraph) measureTime() {
	t := timeAxis{start: math.MaxInt64, end: math.MinInt64, zone: l.zone}
	last := t.end
	for i := range l.curves {
		c := &l.curves[i]
		t.start, t.end, last = min(t.start, c.start), max(t.end, c.end), max(last, c.end-c.step)
	}
	if l.s.lineMode != "staircase" {
		if last > t.start {
			t.end = last
		} else {
			l.s.lineMode = "staircase"
		}
	}
	l.time = t
}

// fit merges values until no two are closer than minXStep.
func (l *lineGraph) fit() {
	pixels := l.area.width() - (l.s.lineWidth + 1)
	l.drawWidth = max(pixels, 0.001)
	length := float64(l.time.end - l.time.start)
	changed, need := false, 0
	for i := range l.curves {
		c := &l.curves[i]
		per := 1.0
		points := length / float64(c.step)
		c.xStep = l.drawWidth / points
		if c.xStep < l.s.minXStep {
			drawable := max(1, math.Trunc(l.drawWidth/l.s.minXStep))
			per = min(math.Ceil(points/drawable), math.MaxInt32)
			c.xStep = l.drawWidth * per / points
		}
		changed = changed || c.perPoint != int(per) || c.drawn == nil
		if c.perPoint = int(per); c.perPoint > 1 {
			need += len(c.values)/c.perPoint + 1
		}
	}
	if !changed {
		return
	}
	values := l.w.values[:0]
	if cap(values) < need {
		values = make([]float64, 0, need)
	}
	for i := range l.curves {
		values = l.curves[i].merged(values)
	}
	l.w.values = values
}
