package fn

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"graphited/render"
	"graphited/render/agg"
)

// rankFuncs keep the first series, be it in the given order or by a number
// that each is reduced to.
func rankFuncs() []render.Func {
	n := render.Param{Name: "n", Type: render.Integer, Required: true, Absent: int64(1), Loose: true}
	fn := option("func", render.AggFunc, "average")
	return []render.Func{
		{
			Name: "highest", Group: "Filter Series", Params: with(n, fn), Signature: "seriesList, n=1, func='average'",
			Doc: "The n series that are highest by the named aggregation.",
			Run: func(c *render.Call) ([]*render.Series, error) { return topmost(c, c.Text("func"), true) },
		},
		{
			Name: "lowest", Group: "Filter Series", Params: with(n, fn), Signature: "seriesList, n=1, func='average'",
			Doc: "The n series that are lowest by the named aggregation; those without a point are the lowest.",
			Run: func(c *render.Call) ([]*render.Series, error) { return topmost(c, c.Text("func"), false) },
		},
		ranked("highestAverage", "average", true, "The n series with the highest mean."),
		ranked("highestCurrent", "last", true, "The n series with the highest last known value."),
		ranked("highestMax", "max", true, "The n series with the highest peak."),
		ranked("lowestAverage", "average", false, "The n series with the lowest mean."),
		ranked("lowestCurrent", "last", false, "The n series with the lowest last known value."),
		{
			Name: "limit", Group: "Filter Series", Params: with(need("n", render.Integer)),
			Doc: "The first n series; a negative n leaves out so many at the end.",
			Run: func(c *render.Call) ([]*render.Series, error) { return head(c.Series("seriesList"), c.Int("n")), nil },
		},
		{
			Name: "mostDeviant", Group: "Filter Series", Params: with(need("n", render.Integer)),
			Doc: "The n series that deviate most from their own mean.",
			Run: mostDeviant,
		},
	}
}

func ranked(name, agg string, high bool, doc string) render.Func {
	return render.Func{
		Name: name, Group: "Filter Series", Params: with(need("n", render.Integer).Lenient()), Doc: doc,
		Run: func(c *render.Call) ([]*render.Series, error) { return topmost(c, agg, high) },
	}
}

func topmost(c *render.Call, how string, high bool) ([]*render.Series, error) {
	return head(sortedBy(c.Series("seriesList"), agg.Funcs[how].Over, high), c.Int("n")), c.Err()
}

// head is Python's in[:n].
func head(in []*render.Series, n int64) []*render.Series {
	if n < 0 {
		n = max(n+int64(len(in)), 0)
	}
	return in[:min(n, int64(len(in)))]
}

// sortedBy sorts by a number that each series is reduced to; null is the
// smallest, and equal ones keep their order in both directions.
func sortedBy(in []*render.Series, over func([]float64) float64, descending bool) []*render.Series {
	type ranked struct {
		key float64
		s   *render.Series
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
	out := make([]*render.Series, len(in))
	for i, r := range all {
		out[i] = r.s
	}
	return out
}

func mostDeviant(c *render.Call) ([]*render.Series, error) {
	in, err := keep(c, func(s *render.Series) bool { return agg.Present(s.Values) > 0 })
	return head(sortedBy(in, variance, true), c.Int("n")), err
}

func variance(values []float64) float64 {
	mean, square, n := agg.Average(values), 0.0, 0
	for _, v := range values {
		if v == v {
			square, n = square+(v-mean)*(v-mean), n+1
		}
	}
	return square / float64(n)
}

// sortFuncs change the order of the series alone.
func sortFuncs() []render.Func {
	return []render.Func{
		{
			Name: "sortBy", Group: "Sorting", Params: with(option("func", render.AggFunc, "average"), option("reverse", render.Boolean, false)),
			Doc: "Sorts by the named aggregation, the smallest first; series without points are the smallest.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return sortedBy(c.Series("seriesList"), agg.Funcs[c.Text("func")].Over, c.Bool("reverse")), nil
			},
		},
		{
			Name: "sortByMaxima", Group: "Sorting", Params: with(),
			Doc: "Sorts by the highest value, the largest first.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return sortedBy(c.Series("seriesList"), agg.Maximum, true), nil
			},
		},
		{
			Name: "sortByMinima", Group: "Sorting", Params: with(),
			Doc: "Sorts by the lowest value, the smallest first; series that are never above 0 are left out.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				in, err := keep(c, func(s *render.Series) bool { return agg.Maximum(s.Values) > 0 })
				return sortedBy(in, agg.Minimum, false), err
			},
		},
		{
			Name: "sortByName", Group: "Sorting", Params: with(option("natural", render.Boolean, false), option("reverse", render.Boolean, false)),
			Doc: "Sorts by name; with natural, numbers within the names by their value.",
			Run: sortByName,
		},
		{
			Name: "sortByTotal", Group: "Sorting", Params: with(),
			Doc: "Sorts by the sum of the points, the largest first.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return sortedBy(c.Series("seriesList"), agg.Sum, true), nil
			},
		},
	}
}

func sortByName(c *render.Call) ([]*render.Series, error) {
	key := func(s *render.Series) string { return s.Name }
	if c.Bool("natural") {
		digits := regexp.MustCompile(`\d+`)
		keys := map[string]string{}
		for _, s := range c.Series("seriesList") {
			keys[s.Name] = digits.ReplaceAllStringFunc(s.Name, zeroPadded)
		}
		key = func(s *render.Series) string { return keys[s.Name] }
	}
	out := slices.Clone(c.Series("seriesList"))
	slices.SortStableFunc(out, func(a, b *render.Series) int {
		if c.Bool("reverse") {
			a, b = b, a
		}
		return strings.Compare(key(a), key(b))
	})
	return out, nil
}

// zeroPadded writes a number with ten digits at least, without other leading zeros.
func zeroPadded(number string) string {
	number = strings.TrimLeft(number, "0")
	return strings.Repeat("0", max(10-len(number), 0)) + number
}
