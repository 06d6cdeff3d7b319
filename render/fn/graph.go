package fn

import (
	"graphited/carbon/pyvalue"
	"graphited/render"
	"graphited/render/agg"
)

// graphFuncs say how series are drawn. Most change nothing else; some show up
// in the name, and stacked changes the values.
func graphFuncs() []render.Func {
	return []render.Func{
		{
			Name: "alpha", Group: "Graph", Params: with(need("alpha", render.Float)),
			Doc: "Draws the series with this opacity, from 0 to 1.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				v := c.Float("alpha")
				return draw(c, func(g *render.GraphOptions) { g.Alpha = &v })
			},
		},
		{
			Name: "areaBetween", Group: "Graph", Params: with(),
			Doc: "Fills the area between exactly two series, the lower one first.",
			Run: func(c *render.Call) ([]*render.Series, error) { return areaBetween(c.Series("seriesList")) },
		},
		{
			Name: "color", Group: "Graph", Params: with(need("theColor", render.String)),
			Doc: "Draws the series in this colour, a name or hexadecimal.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				v := c.Text("theColor")
				return draw(c, func(g *render.GraphOptions) { g.Color = v })
			},
		},
		{
			Name: "dashed", Group: "Graph", Params: with(option("dashLength", render.Integer, int64(5)).Lenient()),
			Doc: "Draws the series with dashes of this length.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				v, tag := c.Float("dashLength"), pyvalue.Str(c.Raw("dashLength"))
				return drawNamed(c, "dashed", ", "+pyvalue.FormatG(v), tag, func(g *render.GraphOptions) { g.Dashed = v })
			},
		},
		{
			Name: "drawAsInfinite", Group: "Graph", Params: with(),
			Doc: "Draws a vertical line wherever the series is not 0.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return drawNamed(c, "drawAsInfinite", "", "1", func(g *render.GraphOptions) { g.DrawAsInfinite = true })
			},
		},
		{
			Name: "lineWidth", Group: "Graph", Params: with(need("width", render.Float).Lenient()),
			Doc: "Draws the series with lines of this width.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				if !c.Has("width") { // a text: only graphs would mind
					return c.Series("seriesList"), nil
				}
				v := c.Float("width")
				return draw(c, func(g *render.GraphOptions) { g.LineWidth = &v })
			},
		},
		{
			Name: "secondYAxis", Group: "Graph", Params: with(),
			Doc: "Draws the series by the scale on the right.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return drawNamed(c, "secondYAxis", "", "1", func(g *render.GraphOptions) { g.SecondYAxis = true })
			},
		},
		{
			Name: "stacked", Group: "Graph", Params: with(option("stack", render.String, nil)),
			Signature: "seriesLists, stackName='__DEFAULT__'",
			Doc:       "Puts each series on top of those before that are stacked under the same name.",
			Run:       stacked,
		},
	}
}

// draw changes the drawing options alone.
func draw(c *render.Call, change func(*render.GraphOptions)) ([]*render.Series, error) {
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series { return s.Renamed(s.Name).Drawn(change) })
}

// drawNamed changes the drawing options, the name and a tag; the path stays.
func drawNamed(c *render.Call, name, args, tag string, change func(*render.GraphOptions)) ([]*render.Series, error) {
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		return s.Renamed(name+"("+s.Name+args+")").Tagged(name, tag).Drawn(change)
	})
}

func areaBetween(in []*render.Series) ([]*render.Series, error) {
	if len(in) != 2 {
		return nil, render.BadRequestf("expected exactly 2 series, not %d", len(in))
	}
	name := "areaBetween(" + in[1].Path + ")"
	tags := render.WithTag(in[1].Tags, "areaBetween", "1")
	lower := in[0].Renamed(name).Drawn(func(g *render.GraphOptions) { g.Stacked, g.Invisible = true, true })
	upper := in[1].Renamed(name).Drawn(func(g *render.GraphOptions) { g.Stacked = true })
	lower.Tags, upper.Tags = tags, tags
	return []*render.Series{lower, upper}, nil
}

const defaultStack = "__DEFAULT__"

func stacked(c *render.Call) ([]*render.Series, error) {
	stack := c.TextOr("stack", defaultStack)
	stacks := c.Stacks()
	total := stacks[stack]
	out, err := c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		for len(total) < len(s.Values) {
			total = append(total, 0)
		}
		values := make([]float64, len(s.Values))
		for i, v := range s.Values {
			values[i] = agg.Null
			if v == v {
				total[i] += v
				values[i] = total[i]
			}
		}
		t := s.Copied(s.Name, values)
		if stack == defaultStack {
			t = s.Copied("stacked("+s.Name+")", values).Tagged("stacked", stack)
		}
		return t.Drawn(func(g *render.GraphOptions) { g.Stacked = true })
	})
	stacks[stack] = total
	return out, err
}
