package render

import (
	"graphited/carbon/pyvalue"
	"math"
)

// percentileFuncs filter by value or by percentile.
func percentileFuncs() []Func {
	n := need("n", Float)
	return []Func{
		{
			Name: "averageOutsidePercentile", Group: "Filter Series", Params: with(n),
			Doc: "Drops the series whose mean lies between the n-th and the (100-n)-th percentile of all means.",
			Run: averageOutsidePercentile,
		},
		{
			Name: "removeBetweenPercentile", Group: "Filter Series", Params: with(n),
			Doc: "Drops the series that lie between the n-th and the (100-n)-th percentile of all series all the time.",
			Run: removeBetweenPercentile,
		},
		{
			Name: "removeAbovePercentile", Group: "Filter Data", Params: with(n),
			Doc: "Makes null of the points above the n-th percentile of their series.",
			Run: func(c *Call) ([]*Series, error) {
				return c.dropByPercentile("removeAbovePercentile", func(v, limit float64) bool { return v > limit })
			},
		},
		{
			Name: "removeAboveValue", Group: "Filter Data", Params: with(n),
			Doc: "Makes null of the points above n.",
			Run: func(c *Call) ([]*Series, error) {
				return c.dropByValue("removeAboveValue", func(v, limit float64) bool { return v > limit })
			},
		},
		{
			Name: "removeBelowPercentile", Group: "Filter Data", Params: with(n),
			Doc: "Makes null of the points below the n-th percentile of their series.",
			Run: func(c *Call) ([]*Series, error) {
				return c.dropByPercentile("removeBelowPercentile", func(v, limit float64) bool { return v < limit })
			},
		},
		{
			Name: "removeBelowValue", Group: "Filter Data", Params: with(n),
			Doc: "Makes null of the points below n.",
			Run: func(c *Call) ([]*Series, error) {
				return c.dropByValue("removeBelowValue", func(v, limit float64) bool { return v < limit })
			},
		},
	}
}

func checkPercent(n float64) error {
	if !(n > 0 && n <= 100) {
		return badRequest("parameter \"n\" is %s, expected a percentage above 0 and up to 100", pyvalue.FormatG(n))
	}
	return nil
}

// percentile of sorted values: the rank is n/100 of one more than their number,
// rounded up, or between two of them with interpolation. 0 <= n <= 100.
func percentile(sorted []float64, n float64, interpolate bool) float64 {
	size := len(sorted)
	if size == 0 {
		return null
	}
	exact := n / 100 * float64(size+1)
	rank := int(exact)
	fraction := exact - float64(rank)
	if !interpolate {
		rank += int(math.Ceil(fraction))
	}
	v := sorted[min(max(rank-1, 0), size-1)]
	if interpolate && rank < size {
		v += fraction * (sorted[rank] - v)
	}
	return v
}

// upperHalf mirrors a percentage below 50.
func upperHalf(n float64) (float64, error) {
	if !(n >= 0 && n <= 100) {
		return 0, badRequest("parameter \"n\" is %s, expected a percentage from 0 to 100", pyvalue.FormatG(n))
	}
	return max(n, 100-n), nil
}

// averageOutsidePercentile keeps a series without any point: it is not between.
func averageOutsidePercentile(c *Call) ([]*Series, error) {
	n, err := upperHalf(c.Float("n"))
	if err != nil {
		return nil, err
	}
	in := c.Series("seriesList")
	means := make([]float64, len(in))
	for i, s := range in {
		means[i] = average(s.Values)
	}
	sorted := sortedKnown(means)
	low, high := percentile(sorted, 100-n, false), percentile(sorted, n, false)
	i := -1
	return c.keep(func(*Series) bool {
		i++
		return !(low < means[i] && means[i] < high)
	})
}

// removeBetweenPercentile looks at the rows that all series have; null is
// nowhere outside.
func removeBetweenPercentile(c *Call) ([]*Series, error) {
	n, err := upperHalf(c.Float("n"))
	if err != nil {
		return nil, err
	}
	in := c.Series("seriesList")
	cols := make([][]float64, len(in))
	rows := 0
	for i, s := range in {
		cols[i] = s.Values
		if i == 0 || len(s.Values) < rows {
			rows = len(s.Values)
		}
	}
	outside := make([]bool, len(in))
	row := make([]float64, len(in))
	for i := range rows {
		sorted := sortedKnown(rowAt(row, cols, i))
		low, high := percentile(sorted, 100-n, false), percentile(sorted, n, false)
		for j, v := range row {
			outside[j] = outside[j] || v <= low || v >= high
		}
	}
	i := -1
	return c.keep(func(*Series) bool {
		i++
		return outside[i]
	})
}

// without makes null of the values that drop says.
func without(values []float64, limit float64, drop func(v, limit float64) bool) []float64 {
	return mapped(values, func(v float64) float64 {
		if drop(v, limit) {
			return null
		}
		return v
	})
}

func (c *Call) dropByValue(name string, drop func(v, limit float64) bool) ([]*Series, error) {
	n := c.Float("n")
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		return s.edited(name+"("+s.Name+", "+pyvalue.FormatG(n)+")", without(s.Values, n, drop))
	})
}

func (c *Call) dropByPercentile(name string, drop func(v, limit float64) bool) ([]*Series, error) {
	n := c.Float("n")
	if err := checkPercent(n); err != nil {
		return nil, err
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		limit := percentile(sortedKnown(s.Values), n, false)
		t := s.edited(name+"("+s.Name+", "+pyvalue.FormatG(n)+")", without(s.Values, limit, drop))
		if limit == limit {
			t.tagged("nPercentile", pyvalue.Repr(n))
		}
		return t
	})
}
