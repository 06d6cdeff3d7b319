package fn

import (
	"math"
	"math/rand/v2"

	"graphited/carbon/pyvalue"
	"graphited/render"
)

// lineFuncs make series out of nothing.
func lineFuncs() []render.Func {
	name := need("name", render.String)
	step := option("step", render.Integer, int64(60))
	return []render.Func{
		{
			Name: "constantLine", Group: "Special", Params: []render.Param{need("value", render.Float)},
			Doc: "A horizontal line: three points over the whole range.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return []*render.Series{constantLine(c, c.Float("value"), pyvalue.Repr(c.Float("value")))}, nil
			},
		},
		{
			Name: "identity", Group: "Calculate", Params: []render.Param{name},
			Doc: "The Unix time as a series of one point a minute.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				out, err := generate(c, 60, func(t int64) float64 { return float64(t) })
				for _, s := range out {
					s.Int, s.Path = true, `identity("`+s.Name+`")`
				}
				return out, err
			},
		},
		{
			Name: "timeFunction", Aliases: []string{"time"}, Group: "Transform", Params: []render.Param{name, step},
			Doc: "The Unix time as a series with a point every step seconds.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return generate(c, c.Int("step"), func(t int64) float64 { return float64(t) })
			},
		},
		{
			Name: "sinFunction", Aliases: []string{"sin"}, Group: "Transform",
			Params: []render.Param{name, option("amplitude", render.Integer, int64(1)).Lenient(), step},
			Doc:    "The sine of the Unix time, times amplitude, with a point every step seconds.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				amplitude := c.Float("amplitude")
				return generate(c, c.Int("step"), func(t int64) float64 { return math.Sin(float64(t)) * amplitude })
			},
		},
		{
			Name: "randomWalkFunction", Aliases: []string{"randomWalk"}, Group: "Special", Params: []render.Param{name, step},
			Doc: "A random walk from 0 with steps of up to a half, with a point every step seconds. It is another one each time.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				at := 0.0
				return generate(c, c.Int("step"), func(int64) float64 {
					v := at
					at += rand.Float64() - 0.5
					return v
				})
			},
		},
		{
			Name: "threshold", Group: "Graph", Params: []render.Param{need("value", render.Float), option("label", render.String, nil), option("color", render.String, nil)},
			Doc: "A horizontal line with a label and a colour.",
			Run: threshold,
		},
		{
			Name: "verticalLine", Group: "Graph", Params: []render.Param{need("ts", render.Date), option("label", render.String, nil), option("color", render.String, nil)},
			Doc: "A vertical line at a time within the range, with a label and a colour.",
			Run: verticalLine,
		},
	}
}

// constantLine has a point at the beginning, the middle and the end.
func constantLine(c *render.Call, v float64, text string) *render.Series {
	w := c.Window()
	s := c.NewSeries(text, w.From, w.Until, (w.Until-w.From)/2, []float64{v, v, v})
	s.Path = "constantLine(" + text + ")"
	return s
}

// generate makes the series "name" with the value of f at each step of the window.
func generate(c *render.Call, step int64, f func(t int64) float64) ([]*render.Series, error) {
	if step < 1 {
		return nil, render.BadRequestf("parameter \"step\" is %d, expected 1 second or more", step)
	}
	w := c.Window()
	points := (w.Until - w.From + step - 1) / step
	if err := c.Charge(points); err != nil {
		return nil, err
	}
	out := make([]float64, points)
	for i := range out {
		out[i] = f(w.From + int64(i)*step)
	}
	return []*render.Series{c.NewSeries(c.Text("name"), w.From, w.Until, step, out)}, c.Err()
}

func threshold(c *render.Call) ([]*render.Series, error) {
	s := constantLine(c, c.Float("value"), pyvalue.Repr(c.Float("value")))
	if label := c.TextOr("label", ""); label != "" {
		s.Name = label
	}
	if color := c.TextOr("color", ""); color != "" {
		s.Drawn(func(g *render.GraphOptions) { g.Color = color })
	}
	return []*render.Series{s}, nil
}

func verticalLine(c *render.Call) ([]*render.Series, error) {
	ts, w := c.Int("ts"), c.Window()
	switch {
	case ts < w.From:
		return nil, render.BadRequestf("timestamp %d lies before the start of the range", ts)
	case ts > w.Until:
		return nil, render.BadRequestf("timestamp %d lies after the end of the range", ts)
	}
	s := c.NewSeries(c.TextOr("label", "None"), ts, ts, 1, []float64{1, 1})
	color := c.TextOr("color", "")
	s.Drawn(func(g *render.GraphOptions) { g.DrawAsInfinite, g.Color = true, color })
	return []*render.Series{s}, nil
}

// specialFuncs are what fits nowhere else.
func specialFuncs() []render.Func {
	return []render.Func{
		{
			Name: "consolidateBy", Group: "Special", Params: with(need("consolidationFunc", render.String).
				OneOf("sum", "average", "avg", "avg_zero", "min", "max", "first", "last").Lenient()),
			Doc: "Says how points are merged when there are more than can be shown, or than a common step allows. " +
				"Another text than those offered is an error only when points have to be merged.",
			Run: func(c *render.Call) ([]*render.Series, error) { return consolidateBy(c, c.Text("consolidationFunc")) },
		},
		{
			Name: "cumulative", Group: "Special", Params: with(),
			Doc: "Merges points by adding them, as consolidateBy with sum.",
			Run: func(c *render.Call) ([]*render.Series, error) { return consolidateBy(c, "sum") },
		},
		{
			Name: "setXFilesFactor", Aliases: []string{"xFilesFactor"}, Group: "Special",
			Params: with(need("xFilesFactor", render.Float)),
			Doc: "Sets the share of known points that merging asks for, of these series and of all that " +
				"the request evaluates after them.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				factor := c.Float("xFilesFactor")
				c.SetXFilesFactor(factor)
				return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
					t := s.Renamed(s.Name).Tagged("xFilesFactor", pyvalue.Repr(factor))
					t.XFilesFactor = factor
					return t
				})
			},
		},
		{
			Name: "fallbackSeries", Group: "Special", Params: with(need("fallback", render.SeriesList)),
			Doc: "The first list, or the second if the first is empty.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				if in := c.Series("seriesList"); len(in) > 0 {
					return in, nil
				}
				return c.Series("fallback"), nil
			},
		},
		{
			Name: render.SeriesByTag, Group: "Special",
			Params: []render.Param{{Name: "tagExpressions", Type: render.String, Required: true, Multiple: true}},
			Doc: "The series whose tags fulfil all expressions: tag=value, tag!=value, tag=~regex, tag!=~regex. " +
				"At least one must not match the empty value.",
			Run: func(*render.Call) ([]*render.Series, error) { panic("BUG: seriesByTag is evaluated as a pattern") },
		},
		{
			Name: "events", Group: "Special", Params: []render.Param{{Name: "tags", Type: render.String, Required: true, Multiple: true}},
			Doc: "How many events with all of the tags there were in each second; \"*\" counts every event.",
			Run: events,
		},
	}
}

func consolidateBy(c *render.Call, how string) ([]*render.Series, error) {
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		t := s.Edited("consolidateBy("+s.Name+`,"`+how+`")`, s.Values).Tagged("consolidateBy", how)
		t.Consolidate = how
		return t
	})
}

func events(c *render.Call) ([]*render.Series, error) {
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
	if source := c.Events(); source != nil {
		times, err := source.EventTimes(c.Context(), tags, w.From, w.Until)
		if err != nil {
			return nil, &render.Error{Kind: render.Unavailable, Func: "events", Msg: "cannot read events: " + err.Error(), Err: err}
		}
		for _, t := range times {
			if i := t - w.From; i >= 0 && i < int64(len(out)) {
				out[i] = zeroed(out[i]) + 1
			}
		}
	}
	s := c.NewSeries(name+`")`, w.From, w.Until, 1, out)
	s.Consolidate, s.Int = "sum", true
	return []*render.Series{s}, nil
}
