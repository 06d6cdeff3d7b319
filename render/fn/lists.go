package fn

import (
	"slices"
	"strings"

	"graphited/render"
	"graphited/render/agg"
)

// listFuncs combine two lists of series.
func listFuncs() []render.Func {
	first, second := need("seriesListFirstPos", render.SeriesList), need("seriesListSecondPos", render.SeriesList)
	pairwise := func(name, agg, doc string) render.Func {
		return render.Func{
			Name: name, Group: "Combine", Params: []render.Param{first, second}, Aggregator: true, Doc: doc,
			Run: func(c *render.Call) ([]*render.Series, error) { return aggregateLists(c, agg, c.XFilesFactor()) },
		}
	}
	return []render.Func{
		{
			Name: "aggregateSeriesLists", Group: "Combine",
			Params: []render.Param{first, second, need("func", render.AggFunc).Lenient(), option("xFilesFactor", render.Float, nil)},
			Doc:    "Aggregates the first series of both lists, then the second ones, and so on; the lists must be of one length.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return aggregateLists(c, c.Text("func"), c.FloatOr("xFilesFactor", c.XFilesFactor()))
			},
		},
		pairwise("sumSeriesLists", "sum", "Adds the series of two lists in pairs."),
		pairwise("diffSeriesLists", "diff", "Subtracts the series of the second list from those of the first, in pairs."),
		pairwise("multiplySeriesLists", "multiply", "Multiplies the series of two lists in pairs."),
		{
			Name: "divideSeriesLists", Group: "Combine",
			Params: []render.Param{need("dividendSeriesList", render.SeriesList), need("divisorSeriesList", render.SeriesList)},
			Doc:    "Divides the series of the first list by those of the second, in pairs.",
			Run:    divideSeriesLists,
		},
		{
			Name: "divideSeries", Group: "Combine",
			Params: []render.Param{need("dividendSeriesList", render.SeriesList), need("divisorSeries", render.SeriesList)},
			Doc:    "Divides each series by the one divisor; null where that is 0 or null.",
			Run:    divideSeries,
		},
		{
			Name: "asPercent", Aliases: []string{"pct"}, Group: "Combine", Aggregator: true,
			Params:    with(option("total", render.Any, nil), many("nodes", render.NodeOrTag)),
			Signature: "seriesList, total=None, *nodes",
			Doc: "Each series as a percentage of a total: of the sum of all, of a number, of one series, of a series for each, " +
				"or with nodes of the total within each group that shares these nodes.",
			Run: asPercent,
		},
		{
			Name: "weightedAverage", Group: "Combine",
			Params: []render.Param{need("seriesListAvg", render.SeriesList), need("seriesListWeight", render.SeriesList), many("nodes", render.NodeOrTag)},
			Doc:    "The mean of the first list weighted by the second; values and weights are matched by the nodes.",
			Run:    weightedAverage,
		},
	}
}

func aggregateLists(c *render.Call, agg string, factor float64) ([]*render.Series, error) {
	a, b := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos")
	if len(a) != len(b) {
		return nil, render.BadRequestf("the two lists must have equal length, not %d and %d", len(a), len(b))
	}
	out := make([]*render.Series, 0, len(a))
	for i := range a {
		s, err := aggregate(c, []*render.Series{a[i], b[i]}, agg, factor)
		if err != nil {
			return nil, err
		}
		s[0].Name = agg + "Series(" + a[i].Name + "," + b[i].Name + ")"
		out = append(out, s[0])
	}
	return out, nil
}

// ratio divides a by b row by row and multiplies by factor.
func ratio(c *render.Call, name string, a, b *render.Series, factor float64) (*render.Series, error) {
	g, err := oneStep(c, []*render.Series{a, b})
	if err != nil {
		return nil, err
	}
	return c.NewSeries(name, g.from, g.until, g.step, quotients(g.cols[0], g.cols[1], factor)), nil
}

// quotients is a/b*factor for each row of the longer column.
func quotients(a, b []float64, factor float64) []float64 {
	out := make([]float64, max(len(a), len(b)))
	for i := range out {
		out[i] = agg.Null
		if i < len(a) && i < len(b) && b[i] != 0 {
			out[i] = a[i] / b[i]
			if factor != 1 {
				out[i] *= factor
			}
		}
	}
	return out
}

func divideSeries(c *render.Call) ([]*render.Series, error) {
	in, by := c.Series("dividendSeriesList"), c.Series("divisorSeries")
	switch {
	case len(by) > 1:
		return nil, render.BadRequestf("parameter \"divisorSeries\" must be exactly 1 series, not %d", len(by))
	case len(by) == 0:
		return c.ForEach(in, func(s *render.Series) *render.Series {
			return s.Edited("divideSeries("+s.Name+",MISSING)", nulls(len(s.Values)))
		})
	}
	return pairs(c, in, slices.Repeat(by, len(in)))
}

func divideSeriesLists(c *render.Call) ([]*render.Series, error) {
	in, by := c.Series("dividendSeriesList"), c.Series("divisorSeriesList")
	if len(in) != len(by) {
		return nil, render.BadRequestf("the two lists must have equal length, not %d and %d", len(in), len(by))
	}
	return pairs(c, in, by)
}

func pairs(c *render.Call, in, by []*render.Series) ([]*render.Series, error) {
	out := make([]*render.Series, 0, len(in))
	for i, s := range in {
		q, err := ratio(c, "divideSeries("+s.Name+","+by[i].Name+")", s, by[i], 1)
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
		out[i] = agg.Null
	}
	return out
}

func weightedAverage(c *render.Call) ([]*render.Series, error) {
	avgs, weights, nodes := c.Series("seriesListAvg"), c.Series("seriesListWeight"), c.Many("nodes")
	if len(avgs) != len(weights) {
		return nil, render.BadRequestf("the lists of values and weights must have equal length, not %d and %d", len(avgs), len(weights))
	}
	type pair struct{ avg, weight *render.Series }
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
	var products []*render.Series
	for _, key := range keys {
		if p := byKey[key]; p.avg != nil && p.weight != nil {
			name := "product(" + p.weight.Name + "," + p.avg.Name + ")"
			products = append(products, c.NewSeries(name, p.avg.From, p.avg.Until, p.avg.Step, multiplied(p.avg.Values, p.weight.Values)))
		}
	}
	if len(products) == 0 {
		return nil, nil
	}
	sums, err := aggregate(c, products, "sum", c.XFilesFactor())
	if err != nil {
		return nil, err
	}
	total, err := aggregate(c, weights, "sum", c.XFilesFactor())
	if err != nil {
		return nil, err
	}
	name := "weightedAverage(" + sortedPaths(avgs) + ", " + sortedPaths(weights) + ", " + joinNodes(nodes) + ")"
	return []*render.Series{c.NewSeries(name, sums[0].From, sums[0].Until, sums[0].Step, quotients(sums[0].Values, total[0].Values, 1))}, nil
}

func multiplied(a, b []float64) []float64 {
	out := nulls(max(len(a), len(b)))
	for i := range min(len(a), len(b)) {
		out[i] = a[i] * b[i]
	}
	return out
}

func sortedPaths(in []*render.Series) string {
	var paths []string
	for _, s := range in {
		paths = append(paths, s.Path)
	}
	slices.Sort(paths)
	return strings.Join(slices.Compact(paths), ",")
}
