package render

import (
	"graphited/carbon/pyvalue"
	"math"
	"math/rand/v2"
)

// lineFuncs make series out of nothing.
func lineFuncs() []Func {
	name := need("name", String)
	step := option("step", Integer, int64(60))
	return []Func{
		{
			Name: "constantLine", Group: "Special", Params: []Param{need("value", Float)},
			Doc: "A horizontal line: three points over the whole range.",
			Run: func(c *Call) ([]*Series, error) {
				return []*Series{c.constantLine(c.Float("value"), pyvalue.Repr(c.Float("value")))}, nil
			},
		},
		{
			Name: "identity", Group: "Calculate", Params: []Param{name},
			Doc: "The Unix time as a series of one point a minute.",
			Run: func(c *Call) ([]*Series, error) {
				out, err := c.generate(60, func(t int64) float64 { return float64(t) })
				for _, s := range out {
					s.Int, s.Path = true, `identity("`+s.Name+`")`
				}
				return out, err
			},
		},
		{
			Name: "timeFunction", Aliases: []string{"time"}, Group: "Transform", Params: []Param{name, step},
			Doc: "The Unix time as a series with a point every step seconds.",
			Run: func(c *Call) ([]*Series, error) {
				return c.generate(c.Int("step"), func(t int64) float64 { return float64(t) })
			},
		},
		{
			Name: "sinFunction", Aliases: []string{"sin"}, Group: "Transform",
			Params: []Param{name, option("amplitude", Integer, int64(1)).loose(), step},
			Doc:    "The sine of the Unix time, times amplitude, with a point every step seconds.",
			Run: func(c *Call) ([]*Series, error) {
				amplitude := c.Float("amplitude")
				return c.generate(c.Int("step"), func(t int64) float64 { return math.Sin(float64(t)) * amplitude })
			},
		},
		{
			Name: "randomWalkFunction", Aliases: []string{"randomWalk"}, Group: "Special", Params: []Param{name, step},
			Doc: "A random walk from 0 with steps of up to a half, with a point every step seconds. It is another one each time.",
			Run: func(c *Call) ([]*Series, error) {
				at := 0.0
				return c.generate(c.Int("step"), func(int64) float64 {
					v := at
					at += rand.Float64() - 0.5
					return v
				})
			},
		},
		{
			Name: "threshold", Group: "Graph", Params: []Param{need("value", Float), option("label", String, nil), option("color", String, nil)},
			Doc: "A horizontal line with a label and a colour.",
			Run: threshold,
		},
		{
			Name: "verticalLine", Group: "Graph", Params: []Param{need("ts", Date), option("label", String, nil), option("color", String, nil)},
			Doc: "A vertical line at a time within the range, with a label and a colour.",
			Run: verticalLine,
		},
	}
}

// constantLine has a point at the beginning, the middle and the end.
func (c *Call) constantLine(v float64, text string) *Series {
	w := c.Window()
	s := c.newSeries(text, w.From, w.Until, (w.Until-w.From)/2, []float64{v, v, v})
	s.Path = "constantLine(" + text + ")"
	return s
}

// generate makes the series "name" with the value of f at each step of the window.
func (c *Call) generate(step int64, f func(t int64) float64) ([]*Series, error) {
	if step < 1 {
		return nil, badRequest("parameter \"step\" is %d, expected 1 second or more", step)
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
	return []*Series{c.newSeries(c.Text("name"), w.From, w.Until, step, out)}, c.Err()
}

func threshold(c *Call) ([]*Series, error) {
	s := c.constantLine(c.Float("value"), pyvalue.Repr(c.Float("value")))
	if label := c.TextOr("label", ""); label != "" {
		s.Name = label
	}
	if color := c.TextOr("color", ""); color != "" {
		s.drawn(func(g *GraphOptions) { g.Color = color })
	}
	return []*Series{s}, nil
}

func verticalLine(c *Call) ([]*Series, error) {
	ts, w := c.Int("ts"), c.Window()
	switch {
	case ts < w.From:
		return nil, badRequest("timestamp %d lies before the start of the range", ts)
	case ts > w.Until:
		return nil, badRequest("timestamp %d lies after the end of the range", ts)
	}
	s := c.newSeries(c.TextOr("label", "None"), ts, ts, 1, []float64{1, 1})
	color := c.TextOr("color", "")
	s.drawn(func(g *GraphOptions) { g.DrawAsInfinite, g.Color = true, color })
	return []*Series{s}, nil
}
