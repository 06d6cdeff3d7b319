package render

import (
	"graphited/carbon/pyvalue"
	"math"
)

// transformFuncs work on each point on its own.
func transformFuncs() []Func {
	return []Func{
		pointFunc("absolute", "The magnitude of every point.", "1", math.Abs).keepInt(),
		pointFunc("exp", "e to the power of every point.", "e", exponential),
		pointFunc("squareRoot", "The square root of every point; null where it is negative.", "1",
			func(v float64) float64 { return power(v, 0.5) }),
		pointFunc("invert", "1 divided by every point; null where it is 0.", "1",
			func(v float64) float64 { return power(v, -1) }),
		pointFunc("sigmoid", "The logistic function 1/(1+e^-v) of every point.", "sigmoid",
			func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }),
		pointFunc("logit", "ln(v/(1-v)) of every point; null unless it lies between 0 and 1.", "logit", logit),
		factorFunc("scale", "factor", pyvalue.FormatG, "Multiplies every point by factor.",
			func(v, k float64) float64 { return v * k }),
		factorFunc("offset", "factor", pyvalue.FormatG, "Adds factor to every point.",
			func(v, k float64) float64 { return v + k }),
		factorFunc("add", "constant", pyvalue.FormatD, "Adds constant to every point.",
			func(v, k float64) float64 { return v + k }),
		factorFunc("pow", "factor", pyvalue.FormatG, "Every point to the power of factor; null where that is no number.", power),
		{
			Name: "scaleToSeconds", Group: "Transform", Params: with(need("seconds", Float)),
			Doc: "Scales every point, taken as a count within one step, to a count within so many seconds.",
			Run: scaleToSeconds,
		},
		{
			Name: "log", Group: "Transform", Params: with(option("base", Integer, int64(10)).loose()),
			Doc: "The logarithm of every point; null where it is not positive.",
			Run: logarithm,
		},
		{
			Name: "round", Group: "Transform", Params: with(option("precision", Integer, int64(0))),
			Signature: "seriesList, precision=None",
			Doc:       "Rounds every point to so many decimals, a half to the even neighbour.",
			Run:       roundSeries,
		},
	}
}

// wholeFuncs work on each point with a look at the whole series.
func wholeFuncs() []Func {
	return []Func{
		{
			Name: "offsetToZero", Group: "Transform", Params: with(),
			Doc: "Lowers each series by its smallest value.",
			Run: func(c *Call) ([]*Series, error) {
				return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
					low := minimum(s.Values)
					out := mapped(s.Values, func(v float64) float64 { return v - low })
					return s.edited("offsetToZero("+s.Name+")", out).tagged("offsetToZero", formatValue(low, s.Int))
				})
			},
		},
		{
			Name: "minMax", Group: "Transform", Params: with(),
			Doc: "Stretches each series to the range from 0 to 1.",
			Run: func(c *Call) ([]*Series, error) { return c.forEach(c.Series("seriesList"), minMax) },
		},
		{
			Name: "isNonNull", Group: "Transform", Params: with(),
			Doc: "1 where there is a point, 0 where there is none.",
			Run: func(c *Call) ([]*Series, error) {
				return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
					t := s.edited("isNonNull("+s.Name+")", mapped(s.Values, func(v float64) float64 {
						if v == v {
							return 1
						}
						return 0
					}))
					t.Int = true
					return t.tagged("isNonNull", "1")
				})
			},
		},
	}
}

// mapped applies f to every value, null included.
func mapped(values []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// pointFunc declares name(seriesList) that applies f to every point; f must
// make null of null. The tag name says tag afterwards.
func pointFunc(name, doc, tag string, f func(float64) float64) Func {
	return Func{
		Name: name, Group: "Transform", Params: with(), Doc: doc,
		Run: func(c *Call) ([]*Series, error) {
			return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
				t := s.edited(name+"("+s.Name+")", mapped(s.Values, f))
				t.Int = false
				return t.tagged(name, tag)
			})
		},
	}
}

// keepInt lets integers stay integers.
func (f Func) keepInt() Func {
	run := f.Run
	f.Run = func(c *Call) ([]*Series, error) {
		out, err := run(c)
		for i, s := range c.Series("seriesList") {
			if i < len(out) {
				out[i].Int = s.Int
			}
		}
		return out, err
	}
	return f
}

// factorFunc declares name(seriesList, param) that applies f to every point and
// the number; show writes the number into the name.
func factorFunc(name, param string, show func(float64) string, doc string, f func(v, k float64) float64) Func {
	return Func{
		Name: name, Group: "Transform", Params: with(need(param, Float)), Doc: doc,
		Run: func(c *Call) ([]*Series, error) {
			k := c.Float(param)
			shown, tag := show(k), pyvalue.Repr(k)
			return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
				out := make([]float64, len(s.Values))
				for i, v := range s.Values {
					out[i] = f(v, k)
				}
				t := s.edited(name+"("+s.Name+","+shown+")", out)
				t.Int = false
				return t.tagged(name, tag)
			})
		},
	}
}

// power is a to the b, null where that overflows or is no real number, also
// if a or b is null: math.Pow alone makes 1 of null to the 0.
func power(a, b float64) float64 {
	if a != a || b != b {
		return null
	}
	p := math.Pow(a, b)
	if math.IsInf(p, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		return null
	}
	return p
}

func exponential(v float64) float64 {
	if e := math.Exp(v); !math.IsInf(e, 0) || math.IsInf(v, 0) {
		return e
	}
	return null
}

func logit(v float64) float64 {
	if v > 0 && v < 1 {
		return math.Log(v / (1 - v))
	}
	return null
}

func logarithm(c *Call) ([]*Series, error) {
	base := c.Float("base")
	if !(base > 0) || base == 1 {
		return nil, badRequest("parameter \"base\" is %s, expected a positive number other than 1", pyvalue.Str(c.Raw("base")))
	}
	text, ln := pyvalue.Str(c.Raw("base")), math.Log(base)
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		for i, v := range s.Values {
			out[i] = null
			if v > 0 {
				out[i] = math.Log(v) / ln
			}
		}
		t := s.copied("log("+s.Name+", "+text+")", out)
		t.Int = false
		return t.tagged("log", text)
	})
}

func scaleToSeconds(c *Call) ([]*Series, error) {
	secs := c.Float("seconds")
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		factor := secs / float64(s.Step)
		out := mapped(s.Values, func(v float64) float64 { return pyvalue.Round(v*factor, 6) })
		t := s.edited("scaleToSeconds("+s.Name+","+pyvalue.FormatD(secs)+")", out)
		t.Int = false
		return t.tagged("scaleToSeconds", pyvalue.Repr(secs))
	})
}

func roundSeries(c *Call) ([]*Series, error) {
	digits := int(max(min(c.Int("precision"), 400), -400))
	given := len(c.bound) > 1 && len(c.bound[1]) > 0 && literal(c.bound[1][0]) != nil
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		name := "round(" + s.Name + ")"
		if given {
			name = "round(" + s.Name + "," + pyvalue.FormatG(c.Float("precision")) + ")"
		}
		out := mapped(s.Values, func(v float64) float64 { return pyvalue.Round(v, digits) })
		return s.edited(name, out).tagged("round", pyvalue.Str(c.Int("precision")))
	})
}

func minMax(s *Series) *Series {
	low, high := minimum(s.Values), maximum(s.Values)
	out := mapped(s.Values, func(v float64) float64 {
		if v == v && low == high {
			return 0
		}
		return (v - low) / (high - low)
	})
	t := s.edited("minMax("+s.Name+")", out)
	t.Int = false
	return t
}
