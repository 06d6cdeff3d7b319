package fn

import (
	"slices"
	"strconv"
	"strings"

	"graphited/render"
	"graphited/render/agg"
)

// beyondCombine make series out of several.
func beyondCombine() []render.Func {
	first, second := need("seriesListFirstPos", render.SeriesList), need("seriesListSecondPos", render.SeriesList)
	return []render.Func{
		aggregation("medianSeries", "median", "The median of all series at each time.", "median"),
		aggregation("lastSeries", "last", "The last known value at each time, in the order of the series.", "last", "current", "currentSeries"),
		aggregation("avg_zeroSeries", "avg_zero", "The mean of all series at each time, with 0 for null.", "avg_zero"),
		{
			Name: "firstSeries", Aliases: []string{"first"}, Group: "Combine", Params: []render.Param{seriesLists},
			Doc: "The first known value at each time, in the order of the series.",
			Run: firstSeries,
		},
		aggregation("count", "count", "How many series have a point at each time."),
		{
			Name: "powSeriesLists", Group: "Combine", Params: []render.Param{first, second},
			Doc: "The series of the first list to the power of those of the second, in pairs.",
			Run: powSeriesLists,
		},
		{
			Name: "heatMap", Group: "Transform", Params: with(),
			Doc: "Sorts the series by the sum of their first five points and gives the difference of each from the one before: " +
				"buckets that count up become the counts of a heat map.",
			Run: heatMap,
		},
		{
			Name: "join", Group: "Combine",
			Params: []render.Param{need("seriesA", render.SeriesList), need("seriesB", render.SeriesList), option("type", render.String, "AND").OneOf("AND", "OR", "XOR", "SUB").Lenient()},
			Doc: "Two lists joined by name: with AND those of the first that the second has too, with OR those of both, " +
				"with XOR those of only one, with SUB those of the first that the second has not.",
			Run: joinSeries,
		},
		{
			Name: "countValues", Group: "Combine", Params: with(option("valuesLimit", render.Integer, int64(32))),
			Doc: "A series for each value, cut to an integer, that says how many series have it at each time. " +
				"More than valuesLimit values are an error.",
			Run: countValues,
		},
	}
}

func firstSeries(c *render.Call) ([]*render.Series, error) {
	in := slices.Clone(c.Series("seriesLists"))
	slices.Reverse(in)
	out, err := aggregate(c, in, "last", c.XFilesFactor())
	if err != nil || len(out) == 0 {
		return nil, err
	}
	slices.Reverse(in)
	s := out[0].Tagged("aggregatedBy", "first")
	s.Name = "firstSeries(" + joinPaths(in) + ")"
	s.Path = s.Name
	s.Tags = render.WithTag(commonTags(in, s.Name), "aggregatedBy", "first")
	return out, nil
}

func powSeriesLists(c *render.Call) ([]*render.Series, error) {
	a, b := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos")
	if len(a) != len(b) {
		return nil, render.BadRequestf("the two lists must have equal length, not %d and %d", len(a), len(b))
	}
	i := -1
	var failed error
	out, err := c.ForEach(a, func(s *render.Series) *render.Series {
		i++
		g, err := oneStep(c, []*render.Series{s, b[i]})
		if err != nil {
			failed = err
			return nil
		}
		out := nulls(g.rows)
		for j := range min(len(g.cols[0]), len(g.cols[1])) {
			out[j] = power(g.cols[0][j], g.cols[1][j])
		}
		return c.NewSeries("powSeries("+s.Name+","+b[i].Name+")", g.from, g.until, g.step, out)
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func heatMap(c *render.Call) ([]*render.Series, error) {
	in := sortedBy(c.Series("seriesList"), func(v []float64) float64 { return zeroed(agg.Sum(v[:min(5, len(v))])) }, false)
	if len(in) < 2 {
		return nil, nil
	}
	prev := in[0]
	for _, s := range in[1:] {
		if !alike(s, prev) {
			return nil, render.BadRequestf("series %q and %q do not have the same points in time", prev.Name, s.Name)
		}
	}
	return c.ForEach(in[1:], func(s *render.Series) *render.Series {
		out := make([]float64, len(s.Values))
		for i, v := range s.Values {
			out[i] = v - prev.Values[i]
		}
		t := s.Copied("heatMap("+s.Name+","+prev.Name+")", out)
		t.Int = s.Int && prev.Int
		prev = s
		return t
	})
}

// alike reports whether two series have the same points in time.
func alike(a, b *render.Series) bool {
	return a.Step == b.Step && a.From == b.From && len(a.Values) == len(b.Values)
}

func joinSeries(c *render.Call) ([]*render.Series, error) {
	a, b := c.Series("seriesA"), c.Series("seriesB")
	in := func(list []*render.Series) map[string]bool {
		names := make(map[string]bool, len(list))
		for _, s := range list {
			names[s.Name] = true
		}
		return names
	}
	pick := func(list []*render.Series, names map[string]bool, want bool) []*render.Series {
		return slices.DeleteFunc(slices.Clone(list), func(s *render.Series) bool { return names[s.Name] != want })
	}
	switch strings.ToUpper(c.Text("type")) {
	case "AND":
		return pick(a, in(b), true), nil
	case "OR":
		return slices.Concat(a, pick(b, in(a), false)), nil
	case "XOR":
		return slices.Concat(pick(a, in(b), false), pick(b, in(a), false)), nil
	case "SUB":
		return pick(a, in(b), false), nil
	}
	return nil, render.BadRequestf("parameter \"type\" is %q, expected one of AND, OR, XOR, SUB", c.Text("type"))
}

func countValues(c *render.Call) ([]*render.Series, error) {
	in := c.Series("seriesList")
	if len(in) == 0 {
		return nil, nil
	}
	g, err := oneStep(c, in)
	if err != nil {
		return nil, err
	}
	counts := map[int64][]float64{}
	var values []int64
	for _, col := range g.cols {
		if err := c.Err(); err != nil {
			return nil, err
		}
		for i, v := range col {
			if v != v {
				continue
			}
			key := int64(v)
			if counts[key] == nil {
				if int64(len(values)) >= c.Int("valuesLimit") {
					return nil, render.BadRequestf("there are more than %d values; raise valuesLimit or round the series", c.Int("valuesLimit"))
				}
				if err := c.Charge(int64(g.rows)); err != nil {
					return nil, err
				}
				counts[key], values = make([]float64, g.rows), append(values, key)
			}
			counts[key][i]++
		}
	}
	slices.Sort(values)
	out := make([]*render.Series, len(values))
	for i, v := range values {
		out[i] = c.NewSeries(strconv.FormatInt(v, 10), g.from, g.until, g.step, counts[v])
		out[i].Int = true
	}
	return out, nil
}
