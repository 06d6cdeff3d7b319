package render

import (
	"math"
	"slices"
)

// rankFuncs keep the first series, be it in the given order or by a number
// that each is reduced to.
func rankFuncs() []Func {
	n := Param{Name: "n", Type: Integer, Required: true, Absent: int64(1), Loose: true}
	fn := option("func", AggFunc, "average")
	return []Func{
		{
			Name: "highest", Group: "Filter Series", Params: with(n, fn), Signature: "seriesList, n=1, func='average'",
			Doc: "The n series that are highest by the named aggregation.",
			Run: func(c *Call) ([]*Series, error) { return c.topmost(c.Text("func"), true) },
		},
		{
			Name: "lowest", Group: "Filter Series", Params: with(n, fn), Signature: "seriesList, n=1, func='average'",
			Doc: "The n series that are lowest by the named aggregation; those without a point are the lowest.",
			Run: func(c *Call) ([]*Series, error) { return c.topmost(c.Text("func"), false) },
		},
		ranked("highestAverage", "average", true, "The n series with the highest mean."),
		ranked("highestCurrent", "last", true, "The n series with the highest last known value."),
		ranked("highestMax", "max", true, "The n series with the highest peak."),
		ranked("lowestAverage", "average", false, "The n series with the lowest mean."),
		ranked("lowestCurrent", "last", false, "The n series with the lowest last known value."),
		{
			Name: "limit", Group: "Filter Series", Params: with(need("n", Integer)),
			Doc: "The first n series; a negative n leaves out so many at the end.",
			Run: func(c *Call) ([]*Series, error) { return head(c.Series("seriesList"), c.Int("n")), nil },
		},
		{
			Name: "mostDeviant", Group: "Filter Series", Params: with(need("n", Integer)),
			Doc: "The n series that deviate most from their own mean.",
			Run: mostDeviant,
		},
	}
}

func ranked(name, agg string, high bool, doc string) Func {
	return Func{
		Name: name, Group: "Filter Series", Params: with(need("n", Integer).loose()), Doc: doc,
		Run: func(c *Call) ([]*Series, error) { return c.topmost(agg, high) },
	}
}

func (c *Call) topmost(agg string, high bool) ([]*Series, error) {
	return head(sortedBy(c.Series("seriesList"), aggregators[agg].over, high), c.Int("n")), c.Err()
}

// head is Python's in[:n].
func head(in []*Series, n int64) []*Series {
	if n < 0 {
		n = max(n+int64(len(in)), 0)
	}
	return in[:min(n, int64(len(in)))]
}

// sortedBy sorts by a number that each series is reduced to; null is the
// smallest, and equal ones keep their order in both directions.
func sortedBy(in []*Series, over func([]float64) float64, descending bool) []*Series {
	type ranked struct {
		key float64
		s   *Series
	}
	all := make([]ranked, len(in))
	for i, s := range in {
		key := over(s.Values)
		if key != key {
			key = math.Inf(-1)
		}
		all[i] = ranked{key, s}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		if descending {
			a, b = b, a
		}
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	out := make([]*Series, len(in))
	for i, r := range all {
		out[i] = r.s
	}
	return out
}

func mostDeviant(c *Call) ([]*Series, error) {
	in, err := c.keep(func(s *Series) bool { return known(s.Values) > 0 })
	return head(sortedBy(in, variance, true), c.Int("n")), err
}

func variance(values []float64) float64 {
	mean, square, n := average(values), 0.0, 0
	for _, v := range values {
		if v == v {
			square, n = square+(v-mean)*(v-mean), n+1
		}
	}
	return square / float64(n)
}
