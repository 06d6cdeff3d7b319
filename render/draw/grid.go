package draw

import (
	"math"
	"time"
)

// drawLabels writes the labels of all axes.
func (l *lineGraph) drawLabels() {
	f := l.s.font
	if !l.s.hideYAxis {
		left := &l.scales[0]
		switch {
		case l.twoAxes:
			right := &l.scales[1]
			l.labelScale(left, l.area.x0-left.labelWidth*0.02, rightAligned)
			l.labelScale(right, l.area.x1+right.labelWidth*0.02+3, leftAligned)
		case l.s.axisRight:
			l.labelScale(left, l.area.x1+left.labelWidth*0.02, leftAligned)
		default:
			l.labelScale(left, l.area.x0-left.labelWidth*0.02, rightAligned)
		}
	}
	if l.s.hideXAxis {
		return
	}
	step := &l.time.step
	format := l.s.xFormat
	if format == "" {
		if format = step.format; step.dated {
			format = l.d.options.DateFormat + format
		}
	}
	y := l.area.y1 + f.ascent()
	l.time.each(step.labelUnit, float64(step.label), func(t time.Time) {
		l.w.label = appendTime(l.w.label[:0], t, format)
		l.write(label{text: string(l.w.label), at: point{l.x(t.Unix()), y}, font: f, ink: l.s.ink}, centered, topPlaced)
	})
}

// labelScale draws the labels of one axis from the bottom up. It omits a label that would overlap
// the previous one.
func (l *lineGraph) labelScale(s *scale, x float64, align alignment) {
	last := math.Inf(1)
	for i, v := range s.values {
		at := point{x, l.y(s, v)}
		if last-at.y < 0.7*l.s.font.size {
			continue
		}
		last = at.y
		l.write(label{text: s.labels[i], at: at, font: l.s.font, ink: l.s.ink}, align, middlePlaced)
	}
}

// gridPens are the pens of the grid lines. Lines with width 0 are not drawn.
type gridPens struct{ major, minor, verticalMajor, verticalMinor, border pen }

func (l *lineGraph) pens() gridPens {
	if l.s.template.modern {
		return gridPens{
			major: pen{ink: l.s.majorInk, width: 1}, verticalMajor: pen{ink: l.s.minorInk, width: 1},
		}
	}
	return gridPens{
		major: pen{ink: l.s.majorInk, width: 0.4}, minor: pen{ink: l.s.minorInk, width: 0.3},
		verticalMajor: pen{ink: l.s.majorInk, width: 0.33}, verticalMinor: pen{ink: l.s.minorInk, width: 0.25},
		border: pen{ink: l.s.majorInk, width: 0.5},
	}
}

// drawGrid draws lines at the labels of the left axis and at round times.
func (l *lineGraph) drawGrid() {
	p := l.pens()
	if l.s.template.modern {
		l.uprights(p) // first, because they are fainter
		l.levels(p)
		return
	}
	l.levels(p)
	l.uprights(p)
	l.line(point{l.area.x1, l.area.y1}, point{l.area.x1, l.area.y0}, p.border)
	l.line(point{l.area.x0, l.area.y1}, point{l.area.x0, l.area.y0}, p.border)
}

// levels draws the horizontal lines.
func (l *lineGraph) levels(p gridPens) {
	s := &l.scales[0]
	crowded := float64(len(s.values)*l.s.minorY) > l.area.height() // less than a pixel apart
	beyond := s.top
	if s.base > 0 {
		beyond *= s.base * s.base
	}
	for i, v := range s.values {
		l.level(s, v, p.major)
		if i+1 == len(s.values) || p.minor.width == 0 || crowded {
			continue
		}
		distance := (s.values[i+1] - v) / float64(1+l.s.minorY)
		for k := range l.s.minorY {
			if m := v + float64(1+k)*distance; m < beyond {
				l.level(s, m, p.minor)
			}
		}
	}
}

// uprights draws the vertical lines.
func (l *lineGraph) uprights(p gridPens) {
	step := &l.time.step
	if p.verticalMinor.width > 0 {
		l.time.each(step.minorUnit, step.minor, func(t time.Time) { l.upright(t, p.verticalMinor) })
	}
	l.time.each(step.majorUnit, float64(step.major), func(t time.Time) { l.upright(t, p.verticalMajor) })
}

// level draws a horizontal line, unless it is above the picture.
func (l *lineGraph) level(s *scale, v float64, p pen) {
	if y := l.area.y1 - s.at(v)*l.area.height(); y >= 0 {
		l.line(point{l.area.x0, y}, point{l.area.x1, y}, p)
	}
}

// upright draws a vertical line, unless it is to the right of the area.
func (l *lineGraph) upright(t time.Time, p pen) {
	if x := l.x(t.Unix()); x < l.area.x1 {
		l.line(point{x, l.area.y1}, point{x, l.area.y0}, p)
	}
}
