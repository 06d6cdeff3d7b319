package render

import (
	"slices"
	"strings"
)

// listFuncs combine two lists of series.
func listFuncs() []Func {
	first, second := need("seriesListFirstPos", SeriesList), need("seriesListSecondPos", SeriesList)
	pairwise := func(name, agg, doc string) Func {
		return Func{
			Name: name, Group: "Combine", Params: []Param{first, second}, Aggregator: true, Doc: doc,
			Run: func(c *Call) ([]*Series, error) { return c.aggregateLists(agg, c.XFilesFactor()) },
		}
	}
	return []Func{
		{
			Name: "aggregateSeriesLists", Group: "Combine",
			Params: []Param{first, second, need("func", AggFunc).loose(), option("xFilesFactor", Float, nil)},
			Doc:    "Aggregates the first series of both lists, then the second ones, and so on; the lists must be of one length.",
			Run: func(c *Call) ([]*Series, error) {
				return c.aggregateLists(c.Text("func"), c.FloatOr("xFilesFactor", c.XFilesFactor()))
			},
		},
		pairwise("sumSeriesLists", "sum", "Adds the series of two lists in pairs."),
		pairwise("diffSeriesLists", "diff", "Subtracts the series of the second list from those of the first, in pairs."),
		pairwise("multiplySeriesLists", "multiply", "Multiplies the series of two lists in pairs."),
		{
			Name: "divideSeriesLists", Group: "Combine",
			Params: []Param{need("dividendSeriesList", SeriesList), need("divisorSeriesList", SeriesList)},
			Doc:    "Divides the series of the first list by those of the second, in pairs.",
			Run:    divideSeriesLists,
		},
		{
			Name: "divideSeries", Group: "Combine",
			Params: []Param{need("dividendSeriesList", SeriesList), need("divisorSeries", SeriesList)},
			Doc:    "Divides each series by the one divisor; null where that is 0 or null.",
			Run:    divideSeries,
		},
		{
			Name: "asPercent", Aliases: []string{"pct"}, Group: "Combine", Aggregator: true,
			Params:    with(option("total", Any, nil), many("nodes", NodeOrTag)),
			Signature: "seriesList, total=None, *nodes",
			Doc: "Each series as a percentage of a total: of the sum of all, of a number, of one series, of a series for each, " +
				"or with nodes of the total within each group that shares these nodes.",
			Run: asPercent,
		},
		{
			Name: "weightedAverage", Group: "Combine",
			Params: []Param{need("seriesListAvg", SeriesList), need("seriesListWeight", SeriesList), many("nodes", NodeOrTag)},
			Doc:    "The mean of the first list weighted by the second; values and weights are matched by the nodes.",
			Run:    weightedAverage,
		},
	}
}

func (c *Call) aggregateLists(agg string, factor float64) ([]*Series, error) {
	a, b := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos")
	if len(a) != len(b) {
		return nil, badRequest("the two lists must have equal length, not %d and %d", len(a), len(b))
	}
	out := make([]*Series, 0, len(a))
	for i := range a {
		s, err := c.aggregate([]*Series{a[i], b[i]}, agg, factor)
		if err != nil {
			return nil, err
		}
		s[0].Name = agg + "Series(" + a[i].Name + "," + b[i].Name + ")"
		out = append(out, s[0])
	}
	return out, nil
}

// ratio divides a by b row by row and multiplies by factor.
func (c *Call) ratio(name string, a, b *Series, factor float64) (*Series, error) {
	g, err := c.normalize([]*Series{a, b})
	if err != nil {
		return nil, err
	}
	return c.newSeries(name, g.from, g.until, g.step, quotients(g.cols[0], g.cols[1], factor)), nil
}

// quotients is a/b*factor for each row of the longer column.
func quotients(a, b []float64, factor float64) []float64 {
	out := make([]float64, max(len(a), len(b)))
	for i := range out {
		out[i] = null
		if i < len(a) && i < len(b) && b[i] != 0 {
			out[i] = a[i] / b[i]
			if factor != 1 {
				out[i] *= factor
			}
		}
	}
	return out
}

func divideSeries(c *Call) ([]*Series, error) {
	in, by := c.Series("dividendSeriesList"), c.Series("divisorSeries")
	switch {
	case len(by) > 1:
		return nil, badRequest("parameter \"divisorSeries\" must be exactly 1 series, not %d", len(by))
	case len(by) == 0:
		return c.forEach(in, func(s *Series) *Series {
			return s.edited("divideSeries("+s.Name+",MISSING)", nulls(len(s.Values)))
		})
	}
	return c.pairs(in, slices.Repeat(by, len(in)))
}

func divideSeriesLists(c *Call) ([]*Series, error) {
	in, by := c.Series("dividendSeriesList"), c.Series("divisorSeriesList")
	if len(in) != len(by) {
		return nil, badRequest("the two lists must have equal length, not %d and %d", len(in), len(by))
	}
	return c.pairs(in, by)
}

func (c *Call) pairs(in, by []*Series) ([]*Series, error) {
	out := make([]*Series, 0, len(in))
	for i, s := range in {
		q, err := c.ratio("divideSeries("+s.Name+","+by[i].Name+")", s, by[i], 1)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, c.Err()
}

func nulls(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = null
	}
	return out
}

func weightedAverage(c *Call) ([]*Series, error) {
	avgs, weights, nodes := c.Series("seriesListAvg"), c.Series("seriesListWeight"), c.Many("nodes")
	if len(avgs) != len(weights) {
		return nil, badRequest("the lists of values and weights must have equal length, not %d and %d", len(avgs), len(weights))
	}
	type pair struct{ avg, weight *Series }
	byKey := map[string]*pair{}
	var keys []string
	at := func(key string) *pair {
		if byKey[key] == nil {
			byKey[key] = &pair{}
			keys = append(keys, key)
		}
		return byKey[key]
	}
	for i, s := range avgs {
		at(nodeKey(s, nodes)).avg = s
		at(nodeKey(weights[i], nodes)).weight = weights[i]
	}
	var products []*Series
	for _, key := range keys {
		if p := byKey[key]; p.avg != nil && p.weight != nil {
			name := "product(" + p.weight.Name + "," + p.avg.Name + ")"
			products = append(products, c.newSeries(name, p.avg.From, p.avg.Until, p.avg.Step, multiplied(p.avg.Values, p.weight.Values)))
		}
	}
	if len(products) == 0 {
		return nil, nil
	}
	sums, err := c.aggregate(products, "sum", c.XFilesFactor())
	if err != nil {
		return nil, err
	}
	total, err := c.aggregate(weights, "sum", c.XFilesFactor())
	if err != nil {
		return nil, err
	}
	name := "weightedAverage(" + sortedPaths(avgs) + ", " + sortedPaths(weights) + ", " + joinNodes(nodes) + ")"
	return []*Series{c.newSeries(name, sums[0].From, sums[0].Until, sums[0].Step, quotients(sums[0].Values, total[0].Values, 1))}, nil
}

func multiplied(a, b []float64) []float64 {
	out := nulls(max(len(a), len(b)))
	for i := range min(len(a), len(b)) {
		out[i] = a[i] * b[i]
	}
	return out
}

func sortedPaths(in []*Series) string {
	var paths []string
	for _, s := range in {
		paths = append(paths, s.Path)
	}
	slices.Sort(paths)
	return strings.Join(slices.Compact(paths), ",")
}
