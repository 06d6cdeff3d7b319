package render

import "graphited/carbon/pyvalue"

// asPercent has four kinds of totals and a way for groups, see its declaration.
// The results are new series: tags and drawing options of the input are lost.
func asPercent(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	if len(in) == 0 {
		return nil, nil
	}
	if nodes := c.Many("nodes"); len(nodes) > 0 {
		return c.percentOfGroups(in, nodes)
	}
	if c.Has("total") {
		return c.percentOfNumber(in, c.Float("total"), pyvalue.Str(c.Raw("total")))
	}
	if !c.Given("total") {
		g, err := c.normalize(in)
		if err != nil {
			return nil, err
		}
		sums, err := c.sumRows(&g)
		if err != nil {
			return nil, err
		}
		return c.percents(in, g.cols, sums, "sumSeries("+joinPaths(in)+")")
	}
	return c.percentOf(in, c.Series("total"))
}

// percentOf handles a total that is given.
func (c *Call) percentOf(in, total []*Series) ([]*Series, error) {
	switch {
	case len(total) == len(in):
		a, b := sortedByName(in), sortedByName(total)
		out := make([]*Series, 0, len(a))
		for i, s := range a {
			p, err := c.ratio("asPercent("+s.Name+","+b[i].Name+")", s, b[i], 100)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case len(total) != 1:
		return nil, badRequest("parameter \"total\" must be missing, a number, 1 series or as many series as the first argument (%d), not %d",
			len(in), len(total))
	}
	g, err := c.normalize(append(in[:len(in):len(in)], total...))
	if err != nil {
		return nil, err
	}
	return c.percents(in, g.cols[:len(in)], g.cols[len(in)], total[0].Name)
}

// percentOfNumber handles a total that is the same at all times.
func (c *Call) percentOfNumber(in []*Series, total float64, text string) ([]*Series, error) {
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	totals := make([]float64, len(in[0].Values))
	for i := range totals {
		totals[i] = total
	}
	return c.percents(in, g.cols, totals, text)
}

// percents relates each column to the totals. As in graphite-web the series
// keep their own range and step even where their points had to be merged.
func (c *Call) percents(in []*Series, cols [][]float64, totals []float64, text string) ([]*Series, error) {
	out := make([]*Series, len(in))
	for i, s := range in {
		if err := c.Err(); err != nil { // the text may be as long as all names together
			return nil, err
		}
		out[i] = c.newSeries("asPercent("+s.Name+","+text+")", s.From, s.Until, s.Step, quotients(cols[i], totals, 100))
	}
	return out, c.Err()
}

// percentOfGroups relates each series to the total of those with the same nodes.
func (c *Call) percentOfGroups(in []*Series, nodes []any) ([]*Series, error) {
	groups := groupBy(in, func(s *Series) string { return nodeKey(s, nodes) })
	totals := groups
	if c.Given("total") {
		totals = groupBy(c.Series("total"), func(s *Series) string { return nodeKey(s, nodes) })
	} else if c.Has("total") {
		return nil, badRequest("parameter \"total\" must be missing or series when nodes are given")
	}
	sums := map[string]*Series{}
	for _, key := range totals.keys {
		s, err := c.groupTotal(totals.of[key])
		if err != nil {
			return nil, err
		}
		sums[key] = s
	}
	var out []*Series
	for _, key := range groups.keys {
		for _, s := range groups.of[key] {
			p, err := c.percentOfTotal(s, sums[key])
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	for _, key := range totals.keys {
		if t := sums[key]; groups.of[key] == nil {
			out = append(out, c.newSeries("asPercent(MISSING,"+t.Name+")", t.From, t.Until, t.Step, nulls(len(t.Values))))
		}
	}
	return out, nil
}

func (c *Call) percentOfTotal(s, total *Series) (*Series, error) {
	if total == nil {
		return c.newSeries("asPercent("+s.Name+",MISSING)", s.From, s.Until, s.Step, nulls(len(s.Values))), nil
	}
	return c.ratio("asPercent("+s.Name+","+total.Name+")", s, total, 100)
}

func (c *Call) groupTotal(in []*Series) (*Series, error) {
	if len(in) == 1 {
		return in[0], nil
	}
	g, err := c.normalize(in)
	if err != nil {
		return nil, err
	}
	sums, err := c.sumRows(&g)
	return c.newSeries("sumSeries("+joinPaths(in)+")", g.from, g.until, g.step, sums), err
}
