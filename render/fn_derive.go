package render

import (
	"graphited/carbon/pyvalue"
	"math"
)

// deriveFuncs look at how a series changes, or add it up.
func deriveFuncs() []Func {
	limits := []Param{option("maxValue", Float, nil), option("minValue", Float, nil)}
	return []Func{
		{
			Name: "derivative", Group: "Transform", Params: with(),
			Doc: "The difference of each point to the one before; null where either is.",
			Run: func(c *Call) ([]*Series, error) { return c.forEach(c.Series("seriesList"), derivative) },
		},
		{
			Name: "nonNegativeDerivative", Group: "Transform", Params: with(limits...),
			Doc: "As derivative for a counter: a fall is null, or is counted across the wrap at maxValue or the reset to minValue.",
			Run: func(c *Call) ([]*Series, error) {
				return c.deltas("nonNegativeDerivative", func(d float64, _ *Series) float64 { return d })
			},
		},
		{
			Name: "perSecond", Group: "Transform", Params: with(limits...),
			Doc: "As nonNegativeDerivative, divided by the step: the rate of a counter.",
			Run: func(c *Call) ([]*Series, error) {
				return c.deltas("perSecond", func(d float64, s *Series) float64 { return pyvalue.Round(d/float64(s.Step), 6) })
			},
		},
		{
			Name: "integral", Group: "Transform", Params: with(),
			Doc: "The running sum; nulls stay null.",
			Run: func(c *Call) ([]*Series, error) { return c.forEach(c.Series("seriesList"), integral) },
		},
		{
			Name: "integralByInterval", Group: "Transform", Params: with(need("intervalUnit", String)),
			Doc: "The running sum, starting from 0 again in each interval counted from the beginning of the request.",
			Run: integralByInterval,
		},
		{
			Name: "changed", Group: "Special", Params: with(),
			Doc: "1 where the value differs from the last known one before, else 0.",
			Run: func(c *Call) ([]*Series, error) { return c.forEach(c.Series("seriesList"), changed) },
		},
		{
			Name: "delay", Group: "Transform", Params: with(need("steps", Integer)),
			Doc: "Moves every point by so many steps without reading more; the gap is null.",
			Run: delay,
		},
		{
			Name: "compressPeriodicGaps", Group: "Transform", Params: with(),
			Doc: "Guesses from the first three points how often points really come, and drops the regular nulls between them.",
			Run: func(c *Call) ([]*Series, error) {
				return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
					name := "compressPeriodicGaps(" + s.Name + ")"
					if t := compressGaps(s); t != nil {
						return t.copied(name, t.Values)
					}
					return s.edited(name, s.Values)
				})
			},
		},
	}
}

func derivative(s *Series) *Series {
	out := make([]float64, len(s.Values))
	prev := null
	for i, v := range s.Values {
		out[i] = v - prev
		prev = v
	}
	return s.copied("derivative("+s.Name+")", out).tagged("derivative", "1")
}

// deltas computes a counter's increases and lets finish make the point of each.
func (c *Call) deltas(name string, finish func(float64, *Series) float64) ([]*Series, error) {
	high, low := c.FloatOr("maxValue", null), c.FloatOr("minValue", null)
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		prev := null
		for i, v := range s.Values {
			if v > high || v < low {
				v = null
			}
			out[i] = finish(increase(v, prev, high, low), s)
			prev = v
		}
		t := s.copied(name+"("+s.Name+")", out)
		t.Int = s.Int && name != "perSecond" && wholeOrAbsent(c, "maxValue") && wholeOrAbsent(c, "minValue")
		return t.tagged(name, "1")
	})
}

// wholeOrAbsent tells whether a limit leaves integers what they are; 5.0 and 5
// are the same here, and the latter is what people write.
func wholeOrAbsent(c *Call, name string) bool {
	v := c.FloatOr(name, 0)
	return v == math.Trunc(v)
}

// increase is how much a counter has counted from prev to v. A counter that
// fell has wrapped at high, or started from low again, where these are known.
func increase(v, prev, high, low float64) float64 {
	switch {
	case v != v || prev != prev:
		return null
	case v >= prev:
		return v - prev
	case high == high:
		if low == low {
			return high + 1 + v - prev - low
		}
		return high + 1 + v - prev
	}
	return v - low // null without low
}

func integral(s *Series) *Series {
	out := make([]float64, len(s.Values))
	total := 0.0
	for i, v := range s.Values {
		out[i] = null
		if v == v {
			total += v
			out[i] = total
		}
	}
	t := s.copied("integral("+s.Name+")", out)
	t.Int = false
	return t.tagged("integral", "1")
}

func integralByInterval(c *Call) ([]*Series, error) {
	unit := c.Text("intervalUnit")
	every, err := seconds(unit)
	if every = max(every, -every); err != nil || every == 0 {
		return nil, badRequest("parameter \"intervalUnit\" is '%s', expected an interval other than 0 such as \"1d\"", unit)
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		total, since := 0.0, s.From-c.Window().From
		for i, v := range s.Values {
			if pyvalue.FloorDiv(since, every) != pyvalue.FloorDiv(since-s.Step, every) {
				total = 0
			}
			if v == v {
				total += v
			}
			out[i] = total
			since += s.Step
		}
		t := s.copied("integralByInterval("+s.Name+",'"+unit+"')", out)
		t.Int = false
		return t.tagged("integralByInterval", unit)
	})
}

func changed(s *Series) *Series {
	out := make([]float64, len(s.Values))
	prev := null
	for i, v := range s.Values {
		switch {
		case prev != prev:
			prev = v
		case v == v && v != prev:
			out[i], prev = 1, v
		}
	}
	t := s.edited("changed("+s.Name+")", out)
	t.Int = true
	return t
}

// delay(x, 0) empties the series: graphite-web's slice [:-0] does, and so do we.
func delay(c *Call) ([]*Series, error) {
	steps := c.Int("steps")
	shown := pyvalue.Str(steps)
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		n := int64(len(s.Values))
		by := max(min(steps, n), -n)
		var out []float64
		switch {
		case steps < 0:
			out = append(append(out, s.Values[-by:]...), nulls(int(-by))...)
		case steps > 0:
			out = append(nulls(int(by)), s.Values[:n-by]...)
		default:
			out = []float64{}
		}
		return s.copied("delay("+s.Name+","+shown+")", out).tagged("delay", shown)
	})
}

// compressGaps returns the series in its true step, nil if there is no regular
// gap to be seen. A zero counts as no point here, as in graphite-web.
func compressGaps(s *Series) *Series {
	v := s.Values
	seen := func(x float64) bool { return x == x && x != 0 }
	first := indexFrom(v, 0, seen)
	second := indexFrom(v, first+1, seen)
	if first < 0 || second < 0 {
		return nil
	}
	guess := second - first
	third := second + guess
	if guess <= 1 || third > len(v)-2 || !seen(v[third]) || !math.IsNaN(v[third-1]) || !math.IsNaN(v[third+1]) {
		return nil
	}
	step := int64(guess) * s.Step
	from := s.From + int64(first)*s.Step
	out, _ := buckets(s, last, step, from, s.Until)
	t := *s
	t.From, t.Step, t.Values = from, step, out
	t.Until = from + step*int64(len(out)-1)
	return &t
}

func indexFrom(v []float64, from int, ok func(float64) bool) int {
	for i := from; i < len(v); i++ {
		if ok(v[i]) {
			return i
		}
	}
	return -1
}
