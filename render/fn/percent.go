package fn

import (
	"graphited/carbon/pyvalue"
	"graphited/render"
)

// asPercent has four kinds of totals and a way for groups, see its declaration.
// The results are new series: tags and drawing options of the input are lost.
func asPercent(c *render.Call) ([]*render.Series, error) {
	in := c.Series("seriesList")
	if len(in) == 0 {
		return nil, nil
	}
	if nodes := c.Many("nodes"); len(nodes) > 0 {
		return percentOfGroups(c, in, nodes)
	}
	if c.Has("total") {
		return percentOfNumber(c, in, c.Float("total"), pyvalue.Str(c.Raw("total")))
	}
	if !c.Given("total") {
		g, err := oneStep(c, in)
		if err != nil {
			return nil, err
		}
		sums, err := sumRows(c, &g)
		if err != nil {
			return nil, err
		}
		return percents(c, in, g.cols, sums, "sumSeries("+joinPaths(in)+")")
	}
	return percentOf(c, in, c.Series("total"))
}

// percentOf handles a total that is given.
func percentOf(c *render.Call, in, total []*render.Series) ([]*render.Series, error) {
	switch {
	case len(total) == len(in):
		a, b := sortedByName(in), sortedByName(total)
		out := make([]*render.Series, 0, len(a))
		for i, s := range a {
			p, err := ratio(c, "asPercent("+s.Name+","+b[i].Name+")", s, b[i], 100)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case len(total) != 1:
		return nil, render.BadRequestf("parameter \"total\" must be missing, a number, 1 series or as many series as the first argument (%d), not %d",
			len(in), len(total))
	}
	g, err := oneStep(c, append(in[:len(in):len(in)], total...))
	if err != nil {
		return nil, err
	}
	return percents(c, in, g.cols[:len(in)], g.cols[len(in)], total[0].Name)
}

// percentOfNumber handles a total that is the same at all times.
func percentOfNumber(c *render.Call, in []*render.Series, total float64, text string) ([]*render.Series, error) {
	g, err := oneStep(c, in)
	if err != nil {
		return nil, err
	}
	totals := make([]float64, len(in[0].Values))
	for i := range totals {
		totals[i] = total
	}
	return percents(c, in, g.cols, totals, text)
}

// percents relates each column to the totals. As in graphite-web the series
// keep their own range and step even where their points had to be merged.
func percents(c *render.Call, in []*render.Series, cols [][]float64, totals []float64, text string) ([]*render.Series, error) {
	out := make([]*render.Series, len(in))
	for i, s := range in {
		if err := c.Err(); err != nil { // the text may be as long as all names together
			return nil, err
		}
		out[i] = c.NewSeries("asPercent("+s.Name+","+text+")", s.From, s.Until, s.Step, quotients(cols[i], totals, 100))
	}
	return out, c.Err()
}

// percentOfGroups relates each series to the total of those with the same nodes.
func percentOfGroups(c *render.Call, in []*render.Series, nodes []any) ([]*render.Series, error) {
	groups := groupBy(in, func(s *render.Series) string { return nodeKey(s, nodes) })
	totals := groups
	if c.Given("total") {
		totals = groupBy(c.Series("total"), func(s *render.Series) string { return nodeKey(s, nodes) })
	} else if c.Has("total") {
		return nil, render.BadRequestf("parameter \"total\" must be missing or series when nodes are given")
	}
	sums := map[string]*render.Series{}
	for _, key := range totals.keys {
		s, err := groupTotal(c, totals.of[key])
		if err != nil {
			return nil, err
		}
		sums[key] = s
	}
	var out []*render.Series
	for _, key := range groups.keys {
		for _, s := range groups.of[key] {
			p, err := percentOfTotal(c, s, sums[key])
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	for _, key := range totals.keys {
		if t := sums[key]; groups.of[key] == nil {
			out = append(out, c.NewSeries("asPercent(MISSING,"+t.Name+")", t.From, t.Until, t.Step, nulls(len(t.Values))))
		}
	}
	return out, nil
}

func percentOfTotal(c *render.Call, s, total *render.Series) (*render.Series, error) {
	if total == nil {
		return c.NewSeries("asPercent("+s.Name+",MISSING)", s.From, s.Until, s.Step, nulls(len(s.Values))), nil
	}
	return ratio(c, "asPercent("+s.Name+","+total.Name+")", s, total, 100)
}

func groupTotal(c *render.Call, in []*render.Series) (*render.Series, error) {
	if len(in) == 1 {
		return in[0], nil
	}
	g, err := oneStep(c, in)
	if err != nil {
		return nil, err
	}
	sums, err := sumRows(c, &g)
	return c.NewSeries("sumSeries("+joinPaths(in)+")", g.from, g.until, g.step, sums), err
}
