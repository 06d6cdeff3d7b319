package render

import "graphited/carbon/pyvalue"

// graphFuncs say how series are drawn. Most change nothing else; some show up
// in the name, and stacked changes the values.
func graphFuncs() []Func {
	return []Func{
		{
			Name: "alpha", Group: "Graph", Params: with(need("alpha", Float)),
			Doc: "Draws the series with this opacity, from 0 to 1.",
			Run: func(c *Call) ([]*Series, error) {
				v := c.Float("alpha")
				return c.draw(func(g *GraphOptions) { g.Alpha = &v })
			},
		},
		{
			Name: "areaBetween", Group: "Graph", Params: with(),
			Doc: "Fills the area between exactly two series, the lower one first.",
			Run: func(c *Call) ([]*Series, error) { return areaBetween(c.Series("seriesList")) },
		},
		{
			Name: "color", Group: "Graph", Params: with(need("theColor", String)),
			Doc: "Draws the series in this colour, a name or hexadecimal.",
			Run: func(c *Call) ([]*Series, error) {
				v := c.Text("theColor")
				return c.draw(func(g *GraphOptions) { g.Color = v })
			},
		},
		{
			Name: "dashed", Group: "Graph", Params: with(option("dashLength", Integer, int64(5)).loose()),
			Doc: "Draws the series with dashes of this length.",
			Run: func(c *Call) ([]*Series, error) {
				v, tag := c.Float("dashLength"), pyvalue.Str(c.Raw("dashLength"))
				return c.drawNamed("dashed", ", "+pyvalue.FormatG(v), tag, func(g *GraphOptions) { g.Dashed = v })
			},
		},
		{
			Name: "drawAsInfinite", Group: "Graph", Params: with(),
			Doc: "Draws a vertical line wherever the series is not 0.",
			Run: func(c *Call) ([]*Series, error) {
				return c.drawNamed("drawAsInfinite", "", "1", func(g *GraphOptions) { g.DrawAsInfinite = true })
			},
		},
		{
			Name: "lineWidth", Group: "Graph", Params: with(need("width", Float).loose()),
			Doc: "Draws the series with lines of this width.",
			Run: func(c *Call) ([]*Series, error) {
				if !c.Has("width") { // a text: only graphs would mind
					return c.Series("seriesList"), nil
				}
				v := c.Float("width")
				return c.draw(func(g *GraphOptions) { g.LineWidth = &v })
			},
		},
		{
			Name: "secondYAxis", Group: "Graph", Params: with(),
			Doc: "Draws the series by the scale on the right.",
			Run: func(c *Call) ([]*Series, error) {
				return c.drawNamed("secondYAxis", "", "1", func(g *GraphOptions) { g.SecondYAxis = true })
			},
		},
		{
			Name: "stacked", Group: "Graph", Params: with(option("stack", String, nil)),
			Signature: "seriesLists, stackName='__DEFAULT__'",
			Doc:       "Puts each series on top of those before that are stacked under the same name.",
			Run:       stacked,
		},
	}
}

// draw changes the drawing options alone.
func (c *Call) draw(change func(*GraphOptions)) ([]*Series, error) {
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series { return s.renamed(s.Name).drawn(change) })
}

// drawNamed changes the drawing options, the name and a tag; the path stays.
func (c *Call) drawNamed(name, args, tag string, change func(*GraphOptions)) ([]*Series, error) {
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		return s.renamed(name+"("+s.Name+args+")").tagged(name, tag).drawn(change)
	})
}

func areaBetween(in []*Series) ([]*Series, error) {
	if len(in) != 2 {
		return nil, badRequest("expected exactly 2 series, not %d", len(in))
	}
	name := "areaBetween(" + in[1].Path + ")"
	tags := withTag(in[1].Tags, "areaBetween", "1")
	lower := in[0].renamed(name).drawn(func(g *GraphOptions) { g.Stacked, g.Invisible = true, true })
	upper := in[1].renamed(name).drawn(func(g *GraphOptions) { g.Stacked = true })
	lower.Tags, upper.Tags = tags, tags
	return []*Series{lower, upper}, nil
}

const defaultStack = "__DEFAULT__"

func stacked(c *Call) ([]*Series, error) {
	stack := c.TextOr("stack", defaultStack)
	if c.sc.stacks == nil {
		c.sc.stacks = map[string][]float64{}
	}
	total := c.sc.stacks[stack]
	out, err := c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		for len(total) < len(s.Values) {
			total = append(total, 0)
		}
		values := make([]float64, len(s.Values))
		for i, v := range s.Values {
			values[i] = null
			if v == v {
				total[i] += v
				values[i] = total[i]
			}
		}
		t := s.copied(s.Name, values)
		if stack == defaultStack {
			t = s.copied("stacked("+s.Name+")", values).tagged("stacked", stack)
		}
		return t.drawn(func(g *GraphOptions) { g.Stacked = true })
	})
	c.sc.stacks[stack] = total
	return out, err
}
