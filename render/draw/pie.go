package draw

import (
	"math"
	"strconv"

	"graphited/render"
)

// pieSettings are the parameters of a pie.
type pieSettings struct {
	settings
	mode     string // the value of a series that gives the size of its slice
	labels   string // none, number or percent
	least    float64
	rotated  bool
	labelInk ink
	contrast bool // each label is black or white, depending on which is readable
}

// read takes the parameters of a pie.
func (s *pieSettings) read(d *Drawer, p *params) {
	s.settings.read(d, p)
	s.readAlpha(p, 1, 1)
	s.mode = p.choice("pieMode", "average", "maximum", "minimum")
	s.labels = p.choice("valueLabels", "percent", "number", "none")
	s.least = p.float("valueLabelsMin", 5)
	s.rotated = p.text("pieLabels", "") == "rotated"
	s.labelInk = p.color("valueLabelsColor", "black")
	_, given := p.lookup("valueLabelsColor")
	s.contrast = s.template.modern && !given
}

// slice is a part of a pie.
type slice struct {
	name         string
	value, share float64
	ink          ink
	middle       float64 // its angle
}

// drawPie draws a pie of values, clockwise from 12 o'clock.
func (c *canvas) drawPie(g *Graph) error {
	var s pieSettings
	s.read(c.d, c.p)
	if c.p.err != nil {
		return c.p.err
	}
	c.start(&s.settings)
	slices := c.slices(g, &s)
	if len(slices) == 0 {
		c.noData(&s.settings)
		return nil
	}
	m := float64(s.margin)
	if c.p.text("yAxisSide", "") == "right" {
		m = 0
	}
	c.drawTitle(&s.settings, m)
	if !s.hideLegend {
		entries := c.w.entries[:0]
		for _, x := range slices {
			entries = append(entries, entry{name: x.name, ink: x.ink})
		}
		c.w.entries = entries
		c.drawLegend(&s.settings, entries, false)
	}
	center := point{(c.area.x0 + c.area.x1) / 2, (c.area.y0 + c.area.y1) / 2}
	radius := min(c.area.width(), c.area.height()) / 2 * 0.95
	if radius < 0.5 {
		return nil // no room for anything
	}
	c.begin("slices")
	from := 1.5 * math.Pi
	for i := range slices {
		x := &slices[i]
		to := from + 2*math.Pi*x.share
		if x.share > 0 {
			color := x.ink
			if color.a == 255 {
				color = color.faded(s.areaAlpha)
			}
			c.wedge(wedge{center, radius, from, to, color, x.name})
		}
		x.middle = math.Mod((from+to)/2, 2*math.Pi)
		from = to
	}
	if s.labels != "none" {
		c.begin("labels")
		c.labelSlices(slices, &s, center, radius)
	}
	return nil
}

// slices returns the parts of the pie, or none if their sum is zero. A value that is not finite and
// positive gets no space.
func (c *canvas) slices(g *Graph, s *pieSettings) []slice {
	var out []slice
	for _, x := range g.Slices {
		out = append(out, slice{name: x.Name, value: x.Value})
	}
	for _, x := range g.Series {
		out = append(out, slice{name: x.Name, value: pieValue(x, s.mode)})
	}
	total := 0.0
	for i := range out {
		x := &out[i]
		if !(x.value > 0) || math.IsInf(x.value, 0) {
			x.value = 0
		}
		total += min(x.value, huge)
		x.ink, _ = parseColor(c.color(&s.settings))
	}
	if total <= 0 {
		return nil
	}
	for i := range out {
		out[i].share = min(out[i].value, huge) / total
	}
	return out
}

// pieValue returns the value of graphite-web's PieFunction for a series, or 0 if there is none.
func pieValue(s *render.Series, mode string) float64 {
	n, sum := 0.0, 0.0
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range s.Values {
		if v == v {
			n++
			sum += v
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case n == 0:
		return 0
	case mode == "maximum":
		return high
	case mode == "minimum":
		return low
	}
	return sum / n
}

// labelSlices writes the value of each sufficiently large slice halfway between center and edge.
func (c *canvas) labelSlices(slices []slice, s *pieSettings, center point, radius float64) {
	for i := range slices {
		x := &slices[i]
		text, ok := s.label(x)
		if !ok {
			continue
		}
		sin, cos := math.Sincos(x.middle)
		l := label{text: text, at: point{center.x + radius/2*cos, center.y + radius/2*sin}, font: s.font, ink: s.labelInk}
		if s.contrast && 299*int(x.ink.r)+587*int(x.ink.g)+114*int(x.ink.b) < 128000 {
			l.ink = colorNames["white"]
		}
		if s.rotated {
			l.angle = x.middle
			if l.angle > math.Pi/2 && l.angle <= 1.5*math.Pi {
				l.angle -= math.Pi
			}
			l.angle *= 180 / math.Pi
		}
		c.write(l, centered, middlePlaced)
	}
}

// label returns the text of a slice like glyph.py, with the percent sign in front.
func (s *pieSettings) label(x *slice) (string, bool) {
	v := x.value
	if s.labels == "percent" {
		v = x.share * 100
	}
	if v < s.least {
		return "", false
	}
	switch {
	case s.labels == "percent" && s.template.modern:
		return strconv.FormatFloat(v, 'f', 1, 64) + "%", true
	case s.labels == "percent":
		return "%" + strconv.FormatFloat(v, 'f', 2, 64), true
	case v < 10 && v != math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 2, 64), true
	}
	return strconv.FormatFloat(math.Trunc(v), 'f', 0, 64), true
}
