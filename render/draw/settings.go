package draw

import (
	"graphited/carbon/pyvalue"
	"math"
	"strconv"
	"strings"
)

const (
	maxFontSize = 1000
	maxSide     = 16384 // pixels of width or height
	maxWidth    = 1000  // of a line
)

// settings are the parameters that all kinds of graphs share.
type settings struct {
	width, height, margin int
	ratio                 float64
	template              *template
	background, ink       ink
	font                  font
	colors                []string
	title                 string
	hideLegend            bool
	hasHideLegend         bool
	areaAlpha             float64 // NaN if not given
}

// read reads the common parameters. The defaults are those of /render.
func (s *settings) read(d *Drawer, p *params) {
	s.width = p.within("width", 330, 1, maxSide)
	s.height = p.within("height", 250, 1, maxSide)
	if s.ratio = p.float("pixelRatio", 1); !(s.ratio >= 0.1 && s.ratio <= 16) {
		p.fail("pixelRatio", "must be from 0.1 to 16")
		s.ratio = 1
	}
	if pixels := float64(s.width) * float64(s.height) * s.ratio * s.ratio; pixels > float64(d.options.MaxPixels) {
		p.fail("width", "makes a picture of more than "+strconv.Itoa(d.options.MaxPixels)+" pixels")
	}
	if s.margin = p.within("margin", 10, -maxSide, maxSide); s.margin < 0 {
		s.margin = 10
	}
	s.template = d.template(p.text("template", "default"))
	s.background = p.color("bgcolor", s.template.background)
	s.ink = p.color("fgcolor", s.template.foreground)
	s.colors = s.template.colors
	if v, ok := p.lookup("colorList"); ok {
		s.colors = strings.Split(pyvalue.UnquotePlus(v.text), ",")
		for _, c := range s.colors {
			if _, good := parseColor(c); !good {
				p.fail("colorList", "must be a list of color names, RRGGBB or RRGGBBAA")
			}
		}
	}
	s.font = d.faces.find(p.text("fontName", s.template.fontName),
		float64(p.within("fontSize", int(s.template.fontSize), 1, maxFontSize)),
		p.truth("fontBold", s.template.bold), p.truth("fontItalic", s.template.italic))
	s.title = p.decoded("title")
	v, ok := p.lookup("hideLegend")
	s.hideLegend, s.hasHideLegend = v.truth(), ok
}

// readAlpha reads areaAlpha. It is bad if the parameter is not a number.
func (s *settings) readAlpha(p *params, none, bad float64) {
	s.areaAlpha = none
	v, ok := p.lookup("areaAlpha")
	if !ok || !v.truth() {
		return
	}
	if s.areaAlpha = v.num; v.kind == kindText {
		f, ok := pyvalue.ParseFloat(v.text)
		if !ok || f != f {
			f = bad
		}
		s.areaAlpha = f
	}
}

// lineSettings are the parameters of a line graph.
type lineSettings struct {
	settings
	vtitle, vtitleRight            string
	graphOnly                      bool
	hideAxes, hideXAxis, hideYAxis bool
	hideGrid                       bool
	hideNull, uniqueLegend         bool
	nullAsZero                     bool
	axisRight                      bool // the labels of the only axis are on the right
	lineWidth                      float64
	lineMode, areaMode             string
	connectedLimit                 float64
	minXStep                       float64
	majorInk, minorInk             ink
	minorY                         int
	unitSystem                     string
	divisors                       []float64
	base                           float64
	one, left, right               axisOptions
	leftWidth, rightWidth          float64 // NaN if the series decide
	leftDash, rightDash            float64
	leftColor, rightColor          string
	xFormat                        string
	hidden                         []string // names of series
	full                           bool     // metadata=full
}

// read reads the parameters of a line graph.
func (s *lineSettings) read(d *Drawer, p *params) {
	s.settings.read(d, p)
	s.readAlpha(p, math.NaN(), 0.5)
	s.vtitle, s.vtitleRight = p.decoded("vtitle"), p.decoded("vtitleRight")
	s.graphOnly = p.truth("graphOnly", false)
	s.hideAxes = p.truth("hideAxes", false)
	s.hideXAxis, s.hideYAxis = p.truth("hideXAxis", false), p.truth("hideYAxis", false)
	s.hideGrid = p.truth("hideGrid", false)
	s.hideNull, s.uniqueLegend = p.truth("hideNullFromLegend", false), p.truth("uniqueLegend", false)
	s.nullAsZero = p.truth("drawNullAsZero", false)
	s.axisRight = p.choice("yAxisSide", "left", "right") == "right"
	width := 1.2
	if s.template.modern {
		width = 1.6
	}
	width = p.float("thickness", width)
	if s.lineWidth = min(p.float("lineWidth", width), maxWidth); s.lineWidth < 0 {
		p.fail("lineWidth", "must not be negative")
	}
	s.lineMode = p.choice("lineMode", "slope", "staircase", "connected")
	s.areaMode = p.choice("areaMode", "none", "first", "all", "stacked")
	p.choice("pieMode", "maximum", "minimum", "average")
	s.connectedLimit = p.float("connectedLimit", math.Inf(1))
	s.minXStep = p.float("minXStep", 1)
	s.majorInk = p.color("majorGridLineColor", s.template.major)
	s.minorInk = p.color("minorGridLineColor", s.template.minor)
	s.minorY = p.within("minorY", 1, -1000, 1000)
	s.xFormat = p.text("xFormat", "")
	s.readAxes(p)
	s.leftWidth, s.rightWidth = p.float("leftWidth", math.NaN()), p.float("rightWidth", math.NaN())
	s.leftDash, s.rightDash = p.float("leftDashed", math.NaN()), p.float("rightDashed", math.NaN())
	s.hidden = nil
	if v, ok := p.lookup("hideSeries"); ok {
		s.hidden = strings.Split(v.text, "\n")
	}
	s.full = p.text("metadata", "") == "full"
	p.color("leftColor", "black")
	p.color("rightColor", "black")
	s.leftColor, s.rightColor = p.text("leftColor", ""), p.text("rightColor", "")
	if s.graphOnly {
		s.bare()
	}
}

// bare turns off everything but the lines.
func (s *lineSettings) bare() {
	s.graphOnly = true
	s.hideLegend, s.hasHideLegend, s.hideGrid, s.hideAxes = true, true, true, true
	s.hideXAxis, s.hideYAxis, s.axisRight = false, false, false
	s.title, s.vtitle, s.margin = "", "", 0
}

// readAxes reads the parameters of the vertical axes.
func (s *lineSettings) readAxes(p *params) {
	switch s.unitSystem = strings.ToLower(p.text("yUnitSystem", "si")); s.unitSystem {
	case "binary", "sec", "msec", "none":
	default:
		s.unitSystem = "si"
	}
	s.divisors = s.divisors[:0]
	for _, text := range strings.Split(p.text("yDivisors", "4,5,6"), ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
		if err != nil || n < 1 {
			p.fail("yDivisors", "must be a list of whole numbers from 1")
			n = 5
		}
		s.divisors = append(s.divisors, float64(n))
	}
	s.base = 0
	if v, ok := p.lookup("logBase"); ok && v.truth() {
		switch {
		case v.text == "e":
			s.base = math.E
		case v.kind == kindText || v.num == 1:
			p.fail("logBase", "must be e or a number above 1")
		case v.num > 1:
			s.base = v.num
		}
	}
	s.one = readAxis(p, axisNames{"yMin", "yMax", "yLimit", "yStep"})
	if s.one.min != s.one.min {
		if s.one.min = p.float("min", math.NaN()); s.one.min == s.one.min {
			s.one.names.min = "min"
		}
	}
	if _, ok := p.lookup("yMax"); !ok {
		high := readAxis(p, axisNames{max: "max"})
		s.one.max, s.one.toExtremum, s.one.names.max = high.max, high.toExtremum, "max"
	}
	s.left = readAxis(p, axisNames{"yMinLeft", "yMaxLeft", "yLimitLeft", "yStepLeft"})
	s.right = readAxis(p, axisNames{"yMinRight", "yMaxRight", "yLimitRight", "yStepRight"})
}

// readAxis reads the parameters of one axis. names says which it has.
func readAxis(p *params, names axisNames) axisOptions {
	none := math.NaN()
	o := axisOptions{min: none, max: none, limit: none, step: none, names: names}
	if names.min != "" {
		o.min = p.float(names.min, none)
		o.limit = p.float(names.limit, none)
		o.step = p.float(names.step, none)
	}
	if o.step <= 0 {
		p.fail(names.step, "must be above 0")
	}
	if o.toExtremum = p.text(names.max, "") == "max"; !o.toExtremum {
		o.max = p.float(names.max, none)
	}
	return o
}
