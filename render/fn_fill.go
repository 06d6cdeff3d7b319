package render

import (
	"graphited/carbon/pyvalue"
	"math"
	"slices"
)

// fillFuncs put values where there are none.
func fillFuncs() []Func {
	limit := option("limit", IntOrInf, math.Inf(1))
	return []Func{
		{
			Name: "keepLastValue", Group: "Transform", Params: with(limit),
			Doc: "Fills gaps with the last value before, but only gaps of no more than limit points.",
			Run: func(c *Call) ([]*Series, error) { return c.fill("keepLastValue", keepLast) },
		},
		{
			Name: "interpolate", Group: "Transform", Params: with(limit),
			Doc: "Fills gaps between two points with a straight line, but only gaps of no more than limit points.",
			Run: func(c *Call) ([]*Series, error) { return c.fill("interpolate", interpolateGap) },
		},
		{
			Name: "transformNull", Group: "Transform",
			Params: with(option("default", Float, int64(0)), Param{Name: "referenceSeries", Type: SeriesList}),
			Doc:    "Replaces null by a value; with reference series only where one of those has a point.",
			Run:    transformNull,
		},
	}
}

// fill finds the gaps after a known point that are no longer than the limit and
// has each filled: values[lo:hi], where hi is len(values) for a gap at the end.
func (c *Call) fill(name string, gap func(values []float64, lo, hi int)) ([]*Series, error) {
	limit := c.Float("limit")
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := slices.Clone(s.Values)
		filled := false
		for lo := 0; lo < len(out); lo++ {
			if out[lo] == out[lo] {
				continue
			}
			hi := lo
			for hi < len(out) && out[hi] != out[hi] {
				hi++
			}
			if lo > 0 && float64(hi-lo) <= limit {
				gap(out, lo, hi)
				filled = true
			}
			lo = hi
		}
		t := s.edited(name+"("+s.Name+")", out)
		t.Int = s.Int && (name == "keepLastValue" || !filled)
		return t
	})
}

func keepLast(values []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		values[i] = values[lo-1]
	}
}

func interpolateGap(values []float64, lo, hi int) {
	if hi == len(values) {
		return
	}
	a, b, n := values[lo-1], values[hi], float64(hi-lo+1)
	for i := lo; i < hi; i++ {
		values[i] = a + float64(i-lo+1)*(b-a)/n
	}
}

func transformNull(c *Call) ([]*Series, error) {
	def, ref := c.Float("default"), c.Series("referenceSeries")
	var where []bool // rows in which a reference is known
	for _, s := range ref {
		for i, v := range s.Values {
			for len(where) <= i {
				where = append(where, false)
			}
			where[i] = where[i] || v == v
		}
	}
	text := pyvalue.Repr(def)
	n, isInt := c.Raw("default").(int64) // graphite-web's own default is the integer 0
	if isInt {
		text = pyvalue.Str(n)
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		filled := 0
		for i, v := range s.Values {
			if v != v && (len(ref) == 0 || i < len(where) && where[i]) {
				v = def
				filled++
			}
			out[i] = v
		}
		name := "transformNull(" + s.Name + "," + pyvalue.FormatG(def) + ")"
		if len(ref) > 0 {
			name = name[:len(name)-1] + ",referenceSeries)"
		}
		t := s.edited(name, out).tagged("transformNull", text)
		if len(ref) > 0 {
			t.tagged("referenceSeries", "1")
		}
		t.Int = (s.Int || filled == len(out)) && (isInt || filled == 0)
		return t
	})
}
