package render

import (
	"slices"
	"strconv"
	"strings"
)

// beyondCombine make series out of several.
func beyondCombine() []Func {
	first, second := need("seriesListFirstPos", SeriesList), need("seriesListSecondPos", SeriesList)
	return []Func{
		aggregation("medianSeries", "median", "The median of all series at each time.", "median"),
		aggregation("lastSeries", "last", "The last known value at each time, in the order of the series.", "last", "current", "currentSeries"),
		aggregation("avg_zeroSeries", "avg_zero", "The mean of all series at each time, with 0 for null.", "avg_zero"),
		{
			Name: "firstSeries", Aliases: []string{"first"}, Group: "Combine", Params: []Param{lists},
			Doc: "The first known value at each time, in the order of the series.",
			Run: firstSeries,
		},
		aggregation("count", "count", "How many series have a point at each time."),
		{
			Name: "powSeriesLists", Group: "Combine", Params: []Param{first, second},
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
			Params: []Param{need("seriesA", SeriesList), need("seriesB", SeriesList), option("type", String, "AND").oneOf("AND", "OR", "XOR", "SUB").loose()},
			Doc: "Two lists joined by name: with AND those of the first that the second has too, with OR those of both, " +
				"with XOR those of only one, with SUB those of the first that the second has not.",
			Run: joinSeries,
		},
		{
			Name: "countValues", Group: "Combine", Params: with(option("valuesLimit", Integer, int64(32))),
			Doc: "A series for each value, cut to an integer, that says how many series have it at each time. " +
				"More than valuesLimit values are an error.",
			Run: countValues,
		},
	}
}

func firstSeries(c *Call) ([]*Series, error) {
	in := slices.Clone(c.Series("seriesLists"))
	slices.Reverse(in)
	out, err := c.aggregate(in, "last", c.XFilesFactor())
	if err != nil || len(out) == 0 {
		return nil, err
	}
	slices.Reverse(in)
	s := out[0].tagged("aggregatedBy", "first")
	s.Name = "firstSeries(" + joinPaths(in) + ")"
	s.Path = s.Name
	s.Tags = withTag(commonTags(in, s.Name), "aggregatedBy", "first")
	return out, nil
}

func powSeriesLists(c *Call) ([]*Series, error) {
	a, b := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos")
	if len(a) != len(b) {
		return nil, badRequest("the two lists must have equal length, not %d and %d", len(a), len(b))
	}
	i := -1
	var failed error
	out, err := c.forEach(a, func(s *Series) *Series {
		i++
		g, err := c.normalize([]*Series{s, b[i]})
		if err != nil {
			failed = err
			return nil
		}
		out := nulls(g.rows)
		for j := range min(len(g.cols[0]), len(g.cols[1])) {
			out[j] = power(g.cols[0][j], g.cols[1][j])
		}
		return c.newSeries("powSeries("+s.Name+","+b[i].Name+")", g.from, g.until, g.step, out)
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func heatMap(c *Call) ([]*Series, error) {
	in := sortedBy(c.Series("seriesList"), func(v []float64) float64 { return zeroed(sum(v[:min(5, len(v))])) }, false)
	if len(in) < 2 {
		return nil, nil
	}
	prev := in[0]
	for _, s := range in[1:] {
		if !alike(s, prev) {
			return nil, badRequest("series %q and %q do not have the same points in time", prev.Name, s.Name)
		}
	}
	return c.forEach(in[1:], func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		for i, v := range s.Values {
			out[i] = v - prev.Values[i]
		}
		t := s.copied("heatMap("+s.Name+","+prev.Name+")", out)
		t.Int = s.Int && prev.Int
		prev = s
		return t
	})
}

// alike reports whether two series have the same points in time.
func alike(a, b *Series) bool {
	return a.Step == b.Step && a.From == b.From && len(a.Values) == len(b.Values)
}

func joinSeries(c *Call) ([]*Series, error) {
	a, b := c.Series("seriesA"), c.Series("seriesB")
	in := func(list []*Series) map[string]bool {
		names := make(map[string]bool, len(list))
		for _, s := range list {
			names[s.Name] = true
		}
		return names
	}
	pick := func(list []*Series, names map[string]bool, want bool) []*Series {
		return slices.DeleteFunc(slices.Clone(list), func(s *Series) bool { return names[s.Name] != want })
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
	return nil, badRequest("parameter \"type\" is %q, expected one of AND, OR, XOR, SUB", c.Text("type"))
}

func countValues(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	if len(in) == 0 {
		return nil, nil
	}
	g, err := c.normalize(in)
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
					return nil, badRequest("there are more than %d values; raise valuesLimit or round the series", c.Int("valuesLimit"))
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
	out := make([]*Series, len(values))
	for i, v := range values {
		out[i] = c.newSeries(strconv.FormatInt(v, 10), g.from, g.until, g.step, counts[v])
		out[i].Int = true
	}
	return out, nil
}
