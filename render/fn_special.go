package render

import "graphited/carbon/pyvalue"

// specialFuncs are what fits nowhere else.
func specialFuncs() []Func {
	return []Func{
		{
			Name: "consolidateBy", Group: "Special", Params: with(need("consolidationFunc", String).
				oneOf("sum", "average", "avg", "avg_zero", "min", "max", "first", "last").loose()),
			Doc: "Says how points are merged when there are more than can be shown, or than a common step allows. " +
				"Another text than those offered is an error only when points have to be merged.",
			Run: func(c *Call) ([]*Series, error) { return c.consolidateBy(c.Text("consolidationFunc")) },
		},
		{
			Name: "cumulative", Group: "Special", Params: with(),
			Doc: "Merges points by adding them, as consolidateBy with sum.",
			Run: func(c *Call) ([]*Series, error) { return c.consolidateBy("sum") },
		},
		{
			Name: "setXFilesFactor", Aliases: []string{"xFilesFactor"}, Group: "Special",
			Params: with(need("xFilesFactor", Float)),
			Doc: "Sets the share of known points that merging asks for, of these series and of all that " +
				"the request evaluates after them.",
			Run: func(c *Call) ([]*Series, error) {
				factor := c.Float("xFilesFactor")
				c.sc.xff = factor
				return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
					t := s.renamed(s.Name).tagged("xFilesFactor", pyvalue.Repr(factor))
					t.XFilesFactor = factor
					return t
				})
			},
		},
		{
			Name: "fallbackSeries", Group: "Special", Params: with(need("fallback", SeriesList)),
			Doc: "The first list, or the second if the first is empty.",
			Run: func(c *Call) ([]*Series, error) {
				if in := c.Series("seriesList"); len(in) > 0 {
					return in, nil
				}
				return c.Series("fallback"), nil
			},
		},
		{
			Name: seriesByTagName, Group: "Special",
			Params: []Param{{Name: "tagExpressions", Type: String, Required: true, Multiple: true}},
			Doc: "The series whose tags fulfil all expressions: tag=value, tag!=value, tag=~regex, tag!=~regex. " +
				"At least one must not match the empty value.",
			Run: func(*Call) ([]*Series, error) { panic("BUG: seriesByTag is evaluated as a pattern") },
		},
		{
			Name: "events", Group: "Special", Params: []Param{{Name: "tags", Type: String, Required: true, Multiple: true}},
			Doc: "How many events with all of the tags there were in each second; \"*\" counts every event.",
			Run: events,
		},
	}
}

func (c *Call) consolidateBy(how string) ([]*Series, error) {
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		t := s.edited("consolidateBy("+s.Name+`,"`+how+`")`, s.Values).tagged("consolidateBy", how)
		t.Consolidate = how
		return t
	})
}

func events(c *Call) ([]*Series, error) {
	name, tags := `events("`, []string{}
	for i, t := range c.Many("tags") {
		if i > 0 {
			name += `", "`
		}
		name += t.(string)
		tags = append(tags, t.(string))
	}
	if len(tags) == 1 && tags[0] == "*" {
		tags = nil
	}
	w := c.Window()
	if err := c.Charge(w.Until - w.From); err != nil {
		return nil, err
	}
	out := nulls(int(w.Until - w.From))
	if source := c.ev.e.o.Events; source != nil {
		times, err := source.EventTimes(c.ev.ctx, tags, w.From, w.Until)
		if err != nil {
			return nil, &Error{Kind: Unavailable, Func: "events", Msg: "cannot read events: " + err.Error(), Err: err}
		}
		for _, t := range times {
			if i := t - w.From; i >= 0 && i < int64(len(out)) {
				out[i] = zeroed(out[i]) + 1
			}
		}
	}
	s := c.newSeries(name+`")`, w.From, w.Until, 1, out)
	s.Consolidate, s.Int = "sum", true
	return []*Series{s}, nil
}
