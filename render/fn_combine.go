package render

import (
	"context"
	"graphited/carbon/pyvalue"
	"strings"
)

// combineFuncs make one series of many, row by row.
func combineFuncs() []Func {
	xff := option("xFilesFactor", Float, nil)
	return []Func{
		{
			Name: "aggregate", Group: "Combine", Params: with(need("func", AggFunc).loose(), xff),
			Doc: "One series whose points are the named aggregation of all series' points in each row.",
			Run: func(c *Call) ([]*Series, error) {
				return c.aggregate(c.Series("seriesList"), c.Text("func"), c.FloatOr("xFilesFactor", c.XFilesFactor()))
			},
		},
		aggregation("sumSeries", "sum", "The sum of all series at each time.", "sum"),
		aggregation("averageSeries", "average", "The mean of all series at each time, nulls not counted.", "avg"),
		aggregation("minSeries", "min", "The smallest value among all series at each time."),
		aggregation("maxSeries", "max", "The largest value among all series at each time."),
		aggregation("diffSeries", "diff", "The first known value at each time minus all later ones."),
		aggregation("rangeOfSeries", "rangeOf", "The distance between the largest and the smallest value at each time."),
		aggregation("stddevSeries", "stddev", "The population standard deviation of all series at each time."),
		{
			Name: "multiplySeries", Group: "Combine", Params: []Param{lists}, Aggregator: true,
			Doc: "The product of all series at each time; null where one of them is.",
			Run: func(c *Call) ([]*Series, error) {
				if in := c.Series("seriesLists"); len(in) == 1 && len(c.lists[0]) == 1 {
					return in, nil
				}
				return c.aggregate(c.Series("seriesLists"), "multiply", c.XFilesFactor())
			},
		},
		{
			Name: "countSeries", Group: "Combine", Params: []Param{many("seriesLists", SeriesList)}, Aggregator: true,
			Doc: "How many series there are, the same at each time, whether their points are null or not.",
			Run: countSeries,
		},
		{
			Name: "powSeries", Group: "Combine", Params: []Param{{Name: "seriesList", Type: SeriesList, Required: true, Multiple: true}},
			Signature: "*seriesLists", Aggregator: true,
			Doc: "The first series to the power of the second, that to the power of the third, and so on.",
			Run: powSeries,
		},
		{
			Name: "percentileOfSeries", Group: "Combine", Params: with(need("n", Float), option("interpolate", Boolean, false)),
			Doc: "The n-th percentile of all series at each time.",
			Run: percentileOfSeries,
		},
		{
			Name: "group", Group: "Combine", Params: []Param{many("seriesLists", SeriesList)},
			Doc: "All lists one after the other as one list.",
			Run: func(c *Call) ([]*Series, error) { return c.Series("seriesLists"), nil },
		},
	}
}

// aggregation declares a function that aggregates all of its lists.
func aggregation(name, agg, doc string, aliases ...string) Func {
	return Func{
		Name: name, Aliases: aliases, Group: "Combine", Params: []Param{lists}, Aggregator: true, Doc: doc,
		Run: func(c *Call) ([]*Series, error) { return c.aggregate(c.Series("seriesLists"), agg, c.XFilesFactor()) },
	}
}

// aggregate reduces the series row by row to one, named after their paths; a
// row needs the share factor of known points. No series give none.
func (c *Call) aggregate(in []*Series, agg string, factor float64) ([]*Series, error) {
	if len(in) == 0 {
		return nil, nil
	}
	a, ok := aggregators[agg]
	if !ok {
		return nil, badRequest("unsupported aggregation function %q", agg)
	}
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	out, err := g.reduce(c.ev.ctx, a, factor)
	if err != nil {
		return nil, err
	}
	s := c.newSeries(agg+"Series("+joinPaths(in)+")", g.from, g.until, g.step, out)
	s.XFilesFactor = factor
	s.Tags = withTag(commonTags(in, s.Name), "aggregatedBy", agg)
	s.Int = a.isInt && (agg == "count" || allInt(in, g.step))
	return []*Series{s}, nil
}

// pointsAtOnce is how many points are reduced between two looks at the context.
const pointsAtOnce = 1 << 20

// reduce aggregates each row of the grid.
func (g *grid) reduce(ctx context.Context, a aggregator, factor float64) ([]float64, error) {
	out, known := nulls(g.rows), make([]int32, g.rows)
	part, rows := g.cols, max(pointsAtOnce/len(g.cols), 1)
	if rows < g.rows {
		part = make([][]float64, len(g.cols))
	}
	for lo := 0; lo < g.rows; lo += rows {
		hi := min(lo+rows, g.rows)
		if rows < g.rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i, col := range g.cols {
				part[i] = col[min(lo, len(col)):min(hi, len(col))]
			}
		}
		a.across(part, out[lo:hi], known[lo:hi])
	}
	for i, n := range known {
		if !enough(int(n), len(g.cols), factor) {
			out[i] = null
		}
	}
	return out, nil
}

// sumRows is the sum of each row, null where nothing is known.
func (c *Call) sumRows(g *grid) ([]float64, error) { return g.reduce(c.ev.ctx, aggregators["sum"], 0) }

// allInt reports whether all series are integers, and still are when merged to
// step; a series without a point does not stand in the way.
func allInt(in []*Series, step int64) bool {
	for _, s := range in {
		averaged := s.Step != step && (s.Consolidate == "" || strings.HasPrefix(s.Consolidate, "av"))
		if averaged || !s.Int && known(s.Values) > 0 {
			return false
		}
	}
	return true
}

// joinPaths lists the paths of the series, each once, in order of appearance.
func joinPaths(in []*Series) string {
	if len(in) == 0 {
		return ""
	}
	seen := map[string]bool{}
	var b strings.Builder
	prev := ""
	for i, s := range in {
		if i > 0 && (s.Path == prev || seen[s.Path]) {
			continue
		}
		prev = s.Path
		seen[s.Path] = true
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s.Path)
	}
	return b.String()
}

// commonTags are the tags that all series share; "name" is always among them.
func commonTags(in []*Series, name string) []Tag {
	common := in[0].Tags
	for _, s := range in[1:] {
		if len(common) == 0 {
			break
		}
		common = sharedTags(common, s)
	}
	for _, t := range common {
		if t.Key == "name" {
			return common
		}
	}
	return withTag(common, "name", name)
}

// sharedTags are those of tags that s has too; tags itself if all of them are.
func sharedTags(tags []Tag, s *Series) []Tag {
	var kept []Tag
	all := true
	for i, t := range tags {
		v, ok := s.Tag(t.Key)
		same := ok && v == t.Value
		switch {
		case !same && all:
			kept, all = append([]Tag{}, tags[:i]...), false
		case same && !all:
			kept = append(kept, t)
		}
	}
	if all {
		return tags
	}
	return kept
}

func countSeries(c *Call) ([]*Series, error) {
	if !c.Given("seriesLists") {
		s := c.constantLine(0, "0")
		s.Int, s.Path = true, "countSeries()"
		return []*Series{s}, nil
	}
	in := c.Series("seriesLists")
	if len(in) == 0 {
		return nil, nil
	}
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	out := make([]float64, g.rows)
	for i := range out {
		out[i] = float64(len(in))
	}
	s := c.newSeries("countSeries("+joinPaths(in)+")", g.from, g.until, g.step, out)
	s.Int = true
	return []*Series{s}, nil
}

func powSeries(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	if len(in) == 0 {
		return nil, nil
	}
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	out, row := make([]float64, g.rows), make([]float64, len(in))
	for i := range out {
		if i%askEvery == 0 && c.Err() != nil {
			return nil, c.Err()
		}
		rowAt(row, g.cols, i)
		v := row[0]
		for _, x := range row[1:] {
			v = power(v, x)
		}
		out[i] = v
	}
	names := make([]string, len(in))
	for i, s := range in {
		names[i] = s.Name
	}
	return []*Series{c.newSeries("powSeries("+strings.Join(names, ",")+")", g.from, g.until, g.step, out)}, nil
}

func percentileOfSeries(c *Call) ([]*Series, error) {
	n, in := c.Float("n"), c.Series("seriesList")
	if err := checkPercent(n); err != nil {
		return nil, err
	}
	if len(in) == 0 {
		return nil, nil
	}
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	interpolate := c.Bool("interpolate")
	over := func(row []float64) float64 { return percentile(sortedKnown(row), n, interpolate) }
	out, err := g.reduce(c.ev.ctx, aggregator{across: rowwise(over)}, 0)
	if err != nil {
		return nil, err
	}
	name := "percentileOfSeries(" + in[0].Path + "," + pyvalue.FormatG(n) + ")"
	s := c.newSeries(name, g.from, g.until, g.step, out)
	s.Int = allInt(in, g.step) && !interpolate
	return []*Series{s}, nil
}
