package render

import (
	"graphited/carbon/pyvalue"
	"math"
)

// calculateFuncs draw statistics of a series.
func calculateFuncs() []Func {
	return []Func{
		{
			Name: "aggregateLine", Group: "Calculate",
			Params: with(option("func", AggFunc, "average"), option("keepStep", Boolean, false)),
			Doc:    "A horizontal line at the named aggregation of each series.",
			Run:    aggregateLine,
		},
		{
			Name: "linearRegression", Group: "Calculate",
			Params:  with(option("startSourceAt", Date, nil), option("endSourceAt", Date, nil)),
			Doc:     "The straight line that fits each series best, judged by the data between the two times.",
			Windows: regressionWindows,
			Run:     linearRegression,
		},
		{
			Name: "nPercentile", Group: "Calculate", Params: with(need("n", Float)),
			Doc: "A horizontal line at the n-th percentile of each series.",
			Run: nPercentile,
		},
		{
			Name: "stdev", Group: "Calculate",
			Params: with(need("points", Integer), option("windowTolerance", Float, 0.1)),
			Doc: "The standard deviation of so many points that end with each point; " +
				"null where the share of known points is below windowTolerance.",
			Run: stdev,
		},
	}
}

func aggregateLine(c *Call) ([]*Series, error) {
	a := aggregators[c.Text("func")]
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		v := a.over(s.Values)
		isInt := a.isInt && s.Int || c.Text("func") == "count"
		text := "None"
		if v == v {
			text = pyvalue.FormatG(v)
		}
		name := "aggregateLine(" + s.Name + ", " + text + ")"
		if c.Bool("keepStep") {
			out := make([]float64, len(s.Values))
			for i := range out {
				out[i] = v
			}
			t := s.copied(name, out)
			t.Int = isInt
			return t
		}
		t := c.constantLine(v, formatValue(v, isInt))
		t.Name, t.Path, t.Int = name, name, isInt
		return t
	})
}

// regressionWindows are the range of the line and that of the data it is made of.
func regressionWindows(c *Call) ([]Window, error) {
	return []Window{c.Window(), c.regressionSource()}, nil
}

func (c *Call) regressionSource() Window {
	w := c.Window()
	if t, ok := c.Raw("startSourceAt").(int64); ok {
		w.From = t
	}
	if t, ok := c.Raw("endSourceAt").(int64); ok {
		w.Until = t
	}
	return w
}

func linearRegression(c *Call) ([]*Series, error) {
	src := c.regressionSource()
	from, until := pyvalue.Str(src.From), pyvalue.Str(src.Until)
	in, sources := c.SeriesIn(0), c.SeriesIn(1)
	var out []*Series
	for i := range min(len(in), len(sources)) {
		factor, offset, ok := fitLine(sources[i])
		if !ok {
			continue
		}
		s := in[i]
		values := make([]float64, len(s.Values))
		for j := range values {
			values[j] = offset + float64(s.From+int64(j)*s.Step)*factor
		}
		t := c.newSeries("linearRegression("+s.Name+", "+from+", "+until+")", s.From, s.Until, s.Step, values)
		t.XFilesFactor = s.XFilesFactor
		t.Tags = withTag(s.Tags, "linearRegressions", from+", "+until)
		out = append(out, t)
	}
	return out, c.Err()
}

// fitLine finds value = factor*time + offset by least squares.
func fitLine(s *Series) (factor, offset float64, ok bool) {
	var n, sumI, sumV, sumII, sumIV float64
	for i, v := range s.Values {
		if v == v {
			x := float64(i)
			n, sumI, sumV, sumII, sumIV = n+1, sumI+x, sumV+v, sumII+x*x, sumIV+x*v
		}
	}
	d := n*sumII - sumI*sumI
	if d == 0 || s.Step == 0 {
		return 0, 0, false
	}
	factor = (n*sumIV - sumI*sumV) / d / float64(s.Step)
	offset = (sumII*sumV-sumIV*sumI)/d - factor*float64(s.From)
	return factor, offset, true
}

func nPercentile(c *Call) ([]*Series, error) {
	n := c.Float("n")
	if n >= 0 || math.IsNaN(n) {
		if err := checkPercent(n); err != nil {
			return nil, err
		}
	}
	extra := int64(0) // a shifted series can have fewer points than its range
	for _, s := range c.Series("seriesList") {
		extra += max((s.Until-s.From)/max(s.Step, 1)-int64(len(s.Values)), 0)
	}
	if err := c.Charge(extra); err != nil {
		return nil, err
	}
	in := c.Series("seriesList")
	out := make([]*Series, 0, len(in))
	err := c.some(len(in), func(i int) error {
		s := in[i]
		sorted := sortedKnown(s.Values)
		if len(sorted) == 0 {
			return nil
		}
		if n < 0 && !countsFromEnd(n, len(sorted)) {
			return badRequest("parameter \"n\" is %s, which is beyond the %d points of %s", pyvalue.FormatG(n), len(sorted), s.Name)
		}
		v := negativePercentile(sorted, n)
		line := make([]float64, max((s.Until-s.From)/max(s.Step, 1), 0))
		for i := range line {
			line[i] = v
		}
		out = append(out, s.copied("nPercentile("+s.Name+", "+pyvalue.FormatG(n)+")", line).tagged("nPercentile", pyvalue.Repr(n)))
		return nil
	})
	return out, err
}

// countsFromEnd reports whether a negative percentage stands for one of size points.
func countsFromEnd(n float64, size int) bool { return n/100*float64(size+1) > -float64(size) }

// negativePercentile is percentile, with a negative n counted from the highest
// value down, as a Python list counts negative positions.
func negativePercentile(sorted []float64, n float64) float64 {
	rank := int(n / 100 * float64(len(sorted)+1))
	if n > 0 || rank == 0 {
		return percentile(sorted, n, false)
	}
	return sorted[len(sorted)+rank-1]
}

// stdev keeps running sums as graphite-web does: on series of one huge value
// among small ones its rounding differs from a textbook's, and so does ours. What is
// left of the sums of a constant is 0, next to it, or null where it is negative. Products
// are rounded on every processor, none is joined with the sum that it is added to.
func stdev(c *Call) ([]*Series, error) {
	points, tolerance := int(max(min(c.Int("points"), math.MaxInt32), math.MinInt32)), c.Float("windowTolerance")
	if points <= 0 {
		return nil, badRequest("parameter \"points\" is %d, expected more than 0", points)
	}
	shown := pyvalue.Str(c.Int("points"))
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		var n, total, squares float64
		for i, v := range s.Values {
			if i >= points {
				if old := s.Values[i-points]; old == old {
					n, total, squares = n-1, total-old, squares-float64(old*old)
				}
			}
			if v == v {
				n, total, squares = n+1, total+v, squares+float64(v*v)
			}
			out[i] = null
			if n > 0 && n/float64(points) >= tolerance {
				out[i] = math.Sqrt(float64(n*squares)-float64(total*total)) / n // null below zero
			}
		}
		t := s.copied("stdev("+s.Name+","+shown+")", out).tagged("stdev", shown)
		t.Int = false
		return t
	})
}
