package draw

import (
	"math"
)

// slack is how far a value may be beyond a limit and still count as equal to it, so that rounding
// errors do not show.
const slack = 0.0001

// maxTicks is the largest number of labels that an axis may have.
const maxTicks = 1000

// huge bounds the values of an axis, so that differences stay finite.
const huge = 1e300

// source is the origin of a limit of an axis. A limit from the request is not changed, a limit from
// the data is rounded to a whole step.
type source uint8

const (
	fromData source = iota
	fromExtremum
	fromMin
	fromMax
	fromLimit
)

// axisNames are the parameters of one axis.
type axisNames struct{ min, max, limit, step string }

// axisOptions are the parameters of an axis. NaN means not given.
type axisOptions struct {
	min, max, limit, step float64
	toExtremum            bool // the axis ends at the highest value
	names                 axisNames
}

// scale is a vertical axis: its range and its labels.
type scale struct {
	low, high         float64 // of the data, or from the request
	lowFrom, highFrom source
	limit             float64 // upper limit for rounding the axis; NaN if there is none
	base              float64 // of a logarithmic axis; 0 means linear
	units             []unit
	step              float64
	asked             float64 // the step before it was enlarged because of too many labels
	bottom, top, span float64
	values            []float64 // the values with labels
	labels            []string
	labelWidth        float64
	least, most       float64 // the values at the lower and the upper edge of the drawing
	logLeast, logSpan float64
}

// apply applies the parameters, like glyph.py's applySettings.
func (s *scale) apply(o axisOptions, p *params) {
	if o.min == o.min {
		s.low, s.lowFrom = o.min, fromMin
	}
	switch {
	case o.toExtremum:
		s.highFrom = fromExtremum
	case o.max == o.max:
		s.high, s.highFrom = o.max, fromMax
	}
	s.limit = o.limit
	if o.limit < s.high {
		s.high, s.highFrom, s.limit = o.limit, fromLimit, math.NaN()
	}
	s.low, s.high = max(-huge, min(huge, s.low)), max(-huge, min(huge, s.high))
	if s.low < s.high {
		return
	}
	lowFixed, highFixed := s.lowFrom == fromMin, s.highFrom == fromMax || s.highFrom == fromLimit
	switch {
	case lowFixed && highFixed:
		name := o.names.max
		if s.highFrom == fromLimit {
			name = o.names.limit
		}
		p.fail(name, "must be above the minimum of the axis")
		s.high = s.low + 1
	case lowFixed:
		s.high = s.low + margin(s.low)
	case highFixed:
		s.low = s.high - margin(s.high)
	default:
		d := margin(max(math.Abs(s.low), math.Abs(s.high)))
		middle := (s.low + s.high) / 2
		s.low, s.high = middle-d, middle+d
	}
}

// margin returns the length of an axis of which only one end is known.
func margin(x float64) float64 {
	if math.Abs(x) < 1e-9 {
		return 1
	}
	return 0.1 * math.Abs(x)
}

// chooseStep chooses the step and the number of divisions that waste the least space outside the
// data when both ends are rounded to whole steps.
func (s *scale) chooseStep(divisors []float64, binary bool) {
	least, most := divisors[0], divisors[0]
	for _, d := range divisors {
		least, most = min(least, d), max(most, d)
	}
	if s.high-s.low < 1e-280 || s.low+(s.high-s.low)/most == s.low {
		s.high = s.low + margin(s.low) // too close together for any step
	}
	variance := s.high - s.low
	best, bestStep := math.Inf(1), 0.0
	smallest := variance / most
	base, mantissas, exponent := 10.0, []float64{1, 2, 5}, math.Floor(math.Log10(smallest)-slack)
	if binary {
		base, mantissas, exponent = 2, mantissas[:1], math.Floor(math.Log2(smallest)-slack)
	}
	for tries := 0; tries < 2200; tries++ {
		multiplier := math.Pow(base, exponent+float64(tries))
		for _, m := range mantissas {
			step := m * multiplier
			if step < smallest*(1-slack) {
				continue
			}
			if !math.IsInf(best, 1) && step*least >= 2*best+variance || math.IsInf(step, 1) {
				s.step = bestStep
				return
			}
			for _, d := range divisors {
				if w, ok := s.waste(step, d); ok && w < best {
					best, bestStep = w, step
				}
			}
		}
	}
	s.step = bestStep
}

// logOf returns the logarithm of x as Python's math.log(x, base) computes it: the logarithm of 1000
// to base 10 is a little less than 3.
func logOf(x, base float64) float64 { return math.Log(x) / math.Log(base) }

// waste returns the space that a step and a number of divisions leave outside the data. ok is false
// if they do not cover the data.
func (s *scale) waste(step, divisions float64) (w float64, ok bool) {
	bottom := step * math.Floor(s.low/step+slack)
	top := bottom + step*divisions
	if top >= s.high-slack*step {
		return max(top-s.high, s.low-bottom), true
	}
	return 0, false
}

// settle computes the ends of a linear axis from its step. If the step is too small to compute
// with, settle chooses another.
func (s *scale) settle() {
	if max(math.Abs(s.low), math.Abs(s.high))/s.step > 1e15 {
		s.chooseStep([]float64{4, 5, 6}, false)
	}
	s.bottom, s.top = s.low, s.high
	if s.lowFrom == fromData {
		s.bottom = s.step * math.Floor(s.low/s.step+slack)
	}
	if s.highFrom == fromData {
		s.top = s.step * math.Ceil(s.high/s.step-slack)
		if s.top > s.limit+slack*s.step {
			s.top = s.limit
		}
	}
	s.bottom, s.top = s.bottom+0, s.top+0 // avoid the label -0
	if s.span = s.top - s.bottom; s.span == 0 {
		s.top++
		s.span++
	}
}

// ticks sets a label at every step. If the step would give too many labels, ticks chooses another.
func (s *scale) ticks() {
	s.asked = s.step
	if s.span > maxTicks*s.step {
		s.chooseStep([]float64{4, 5, 6}, false)
	}
	s.values = s.values[:0]
	start := s.step * math.Ceil(s.bottom/s.step-slack)
	for i := 0; i <= 2*maxTicks; i++ {
		v := start + float64(i)*s.step + 0
		if !(v <= s.top+slack*s.step) {
			break
		}
		s.values = append(s.values, v)
	}
}

// settleLog computes the ends of a logarithmic axis.
func (s *scale) settleLog() {
	s.bottom = math.Pow(s.base, math.Floor(logOf(s.low, s.base)))
	s.top = math.Pow(s.base, math.Ceil(logOf(s.high, s.base)))
	if s.span = s.top - s.bottom; s.span == 0 {
		s.top *= s.base
		s.span = s.top - s.bottom
	}
}

// ticksLog sets a label at every power of the base. ok is false if there are too many.
func (s *scale) ticksLog() (ok bool) {
	s.values = s.values[:0]
	v := math.Pow(s.base, math.Ceil(logOf(s.bottom, s.base)-slack))
	for v < s.top*(1+slack) {
		if s.values = append(s.values, v); len(s.values) > maxTicks {
			return false
		}
		v *= s.base
	}
	return true
}

// write formats the labels and measures their widths.
func (s *scale) write(f font) {
	s.labels = s.labels[:0]
	s.labelWidth = 0
	for _, v := range s.values {
		l := valueLabel(v, s.span, s.step, s.units)
		s.labels = append(s.labels, l)
		s.labelWidth = max(s.labelWidth, f.width(l))
	}
}

// frame sets the values at the edges of the drawing: like glyph.py, the outermost labels, or the
// ends of the axis if there are no labels.
func (s *scale) frame() {
	s.least, s.most = s.bottom, s.top
	if len(s.values) > 0 {
		s.least, s.most = s.values[0], s.values[len(s.values)-1]
	}
	if !(s.least < s.most) { // a single label spans no range
		if s.least, s.most = s.bottom, s.top; !(s.least < s.most) {
			s.least, s.most = s.low, s.high
		}
	}
	if s.base > 0 {
		s.logLeast = math.Log(s.least)
		s.logSpan = math.Log(s.most) - s.logLeast
	}
}

// at returns the position of a value between the lower edge (0) and the upper edge (1), or NaN if
// the value cannot be on the axis.
func (s *scale) at(v float64) float64 {
	if s.base > 0 {
		if v <= 0 {
			return math.NaN()
		}
		return (math.Log(v) - s.logLeast) / s.logSpan
	}
	return (v - s.least) / (s.most - s.least)
}
