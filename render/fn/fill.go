package fn

import (
	"math"
	"slices"

	"graphited/carbon/pyvalue"
	"graphited/render"
)

// fillFuncs put values where there are none.
func fillFuncs() []render.Func {
	limit := option("limit", render.IntOrInf, math.Inf(1))
	return []render.Func{
		{
			Name: "keepLastValue", Group: "Transform", Params: with(limit),
			Doc: "Fills gaps with the last value before, but only gaps of no more than limit points.",
			Run: func(c *render.Call) ([]*render.Series, error) { return fill(c, "keepLastValue", keepLast) },
		},
		{
			Name: "interpolate", Group: "Transform", Params: with(limit),
			Doc: "Fills gaps between two points with a straight line, but only gaps of no more than limit points.",
			Run: func(c *render.Call) ([]*render.Series, error) { return fill(c, "interpolate", interpolateGap) },
		},
		{
			Name: "transformNull", Group: "Transform",
			Params: with(option("default", render.Float, int64(0)), render.Param{Name: "referenceSeries", Type: render.SeriesList}),
			Doc:    "Replaces null by a value; with reference series only where one of those has a point.",
			Run:    transformNull,
		},
	}
}

// fill finds the gaps after a known point that are no longer than the limit and
// has each filled: values[lo:hi], where hi is len(values) for a gap at the end.
func fill(c *render.Call, name string, gap func(values []float64, lo, hi int)) ([]*render.Series, error) {
	limit := c.Float("limit")
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
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
		t := s.Edited(name+"("+s.Name+")", out)
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

func transformNull(c *render.Call) ([]*render.Series, error) {
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
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
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
		t := s.Edited(name, out).Tagged("transformNull", text)
		if len(ref) > 0 {
			t.Tagged("referenceSeries", "1")
		}
		t.Int = (s.Int || filled == len(out)) && (isInt || filled == 0)
		return t
	})
}
