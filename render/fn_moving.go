package render

import (
	"context"
	"graphited/carbon/pyvalue"
	"math"
	"slices"
	"strings"
)

// movingFuncs look at a window of points that ends with each point. They read
// that much more before the beginning.
func movingFuncs() []Func {
	window := Param{Name: "windowSize", Type: IntOrInterval, Required: true}.
		suggest(5, 7, 10, "1min", "5min", "10min", "30min", "1hour")
	xff := option("xFilesFactor", Float, nil)
	moving := func(name, agg, doc string) Func {
		return Func{
			Name: name, Group: "Calculate", Params: with(window, xff), Windows: earlierWindows, Doc: doc,
			Run: func(c *Call) ([]*Series, error) { return c.moving(agg) },
		}
	}
	return []Func{
		{
			Name: "movingWindow", Group: "Calculate", Params: with(window, option("func", AggFunc, "average"), xff),
			Windows: earlierWindows,
			Doc:     "The named aggregation of the window of points, or of time, that ends with each point.",
			Run:     func(c *Call) ([]*Series, error) { return c.moving(c.Text("func")) },
		},
		moving("movingAverage", "average", "The mean of the window of points, or of time, that ends with each point."),
		moving("movingMedian", "median", "The median of the window of points, or of time, that ends with each point."),
		moving("movingSum", "sum", "The sum of the window of points, or of time, that ends with each point."),
		moving("movingMin", "min", "The smallest value in the window of points, or of time, that ends with each point."),
		moving("movingMax", "max", "The largest value in the window of points, or of time, that ends with each point."),
		{
			Name: "exponentialMovingAverage", Group: "Calculate", Params: with(window), Windows: earlierWindows,
			Doc: "A mean in which a point weighs the less the older it is: alpha is 2/(window+1), of points or of seconds.",
			Run: exponentialMovingAverage,
		},
	}
}

// earlierWindows is the caller's window, whose series decide whether there is
// a result at all, and the one extended by windowSize. The first is left out
// where it cannot be empty unless the second is.
func earlierWindows(c *Call) ([]Window, error) {
	w := c.Window()
	span := c.Raw("windowSize").(Span)
	before := span.N
	if span.Points {
		step, err := c.Step()
		if err != nil {
			return nil, err
		}
		before *= step
	}
	longer := Window{w.From - before, w.Until}
	if !span.Points && c.IsPath() && w.From <= c.ev.q.Now {
		return []Window{longer}, nil
	}
	return []Window{w, longer}, nil
}

// bootstrapped returns the series of the last window, none where the first has
// none, and how many points of s make up the window before the caller's range.
func (c *Call) bootstrapped() (in []*Series, before int64, size func(*Series) int) {
	span := c.Raw("windowSize").(Span)
	if len(c.SeriesIn(0)) == 0 {
		return nil, 0, nil
	}
	in, before = c.SeriesIn(c.Windows()-1), span.N
	if span.Points {
		step := int64(0)
		for _, s := range c.SeriesIn(0) {
			step = max(step, s.Step)
		}
		return in, step * span.N, func(*Series) int { return int(span.N) }
	}
	return in, before, func(s *Series) int { return int(min(before/max(s.Step, 1), math.MaxInt32)) }
}

func (c *Call) moving(agg string) ([]*Series, error) {
	in, before, size := c.bootstrapped()
	span := c.Raw("windowSize").(Span)
	name := "moving" + strings.ToUpper(agg[:1]) + strings.ToLower(agg[1:])
	slide := sliders[agg]
	if slide == nil {
		slide = slideOver(aggregators[agg].over)
	}
	return c.forEach(in, func(s *Series) *Series {
		n := size(s)
		out := make([]float64, max(len(s.Values)-n, 0))
		if n > 0 && len(out) > 0 {
			slide(c.ev.ctx, s.Values, n, out)
			dropScarce(s.Values, n, out, c.FloatOr("xFilesFactor", s.XFilesFactor))
		} else {
			out = nulls(len(out))
		}
		t := s.copied(name+"("+s.Name+","+span.String()+")", out)
		t.From += before
		t.Int = s.Int && aggregators[agg].isInt || agg == "count"
		return t.tagged(name, span.Text)
	})
}

// dropScarce makes null of the windows with too few known points.
func dropScarce(values []float64, n int, out []float64, factor float64) {
	k := known(values[:min(n, len(values))])
	for i := range out {
		if values[i] == values[i] {
			k--
		}
		if values[i+n] == values[i+n] {
			k++
		}
		if !enough(k, n, factor) {
			out[i] = null
		}
	}
}

// sliders compute out[i] of values[i+1 : i+1+n], the n points that end with
// i+n, in less time than looking at each window anew. Others use slideOver.
// There must be one window at least. Those that are not linear give up when ctx is done.
var sliders = map[string]slider{
	"sum":      slideSum,
	"total":    slideSum,
	"average":  slideAverage,
	"avg":      slideAverage,
	"avg_zero": slideAverage, // nulls are left out before, so there is no difference
	"min":      slideExtreme(func(a, b float64) bool { return a <= b }),
	"max":      slideExtreme(func(a, b float64) bool { return a >= b }),
	"median":   slideMedian,
}

type slider func(ctx context.Context, values []float64, n int, out []float64)

// askEvery is after how many windows a slider looks at its context.
const askEvery = 256

func slideOver(over func([]float64) float64) slider {
	return func(ctx context.Context, values []float64, n int, out []float64) {
		row := make([]float64, 0, min(n, len(values)))
		for i := range out {
			if i%askEvery == 0 && ctx.Err() != nil {
				return
			}
			row = row[:0]
			for _, v := range values[i+1 : i+1+n] {
				if v == v {
					row = append(row, v)
				}
			}
			out[i] = over(row)
		}
	}
}

func slideAverage(ctx context.Context, values []float64, n int, out []float64) {
	slideSum(ctx, values, n, out)
	k := known(values[:min(n, len(values))])
	for i := range out {
		if values[i] == values[i] {
			k--
		}
		if values[i+n] == values[i+n] {
			k++
		}
		out[i] /= float64(k)
	}
}

// slideExtreme keeps a queue of the points that can still become the extreme.
func slideExtreme(better func(a, b float64) bool) slider {
	return func(_ context.Context, values []float64, n int, out []float64) {
		var queue []int
		for i := 1; i < n+len(out); i++ {
			for len(queue) > 0 && queue[0] <= i-n {
				queue = queue[1:]
			}
			if v := values[i]; v == v {
				for len(queue) > 0 && better(v, values[queue[len(queue)-1]]) {
					queue = queue[:len(queue)-1]
				}
				queue = append(queue, i)
			}
			if i >= n {
				out[i-n] = null
				if len(queue) > 0 {
					out[i-n] = values[queue[0]]
				}
			}
		}
	}
}

// slideMedian keeps the window sorted.
func slideMedian(ctx context.Context, values []float64, n int, out []float64) {
	sorted := make([]float64, 0, n)
	for i := 1; i < n+len(out); i++ {
		if i%askEvery == 0 && ctx.Err() != nil {
			return
		}
		if i > n {
			if old := values[i-n]; old == old {
				at, _ := slices.BinarySearch(sorted, old)
				sorted = slices.Delete(sorted, at, at+1)
			}
		}
		if v := values[i]; v == v {
			at, _ := slices.BinarySearch(sorted, v)
			sorted = slices.Insert(sorted, at, v)
		}
		if i >= n {
			out[i-n] = middle(sorted)
		}
	}
}

func exponentialMovingAverage(c *Call) ([]*Series, error) {
	in, before, size := c.bootstrapped()
	span := c.Raw("windowSize").(Span)
	alpha := 2 / float64(span.N+1)
	return c.forEach(in, func(s *Series) *Series {
		n := min(size(s), len(s.Values))
		ema := average(s.Values[:n])
		if math.IsNaN(ema) {
			ema = 0
		}
		out := make([]float64, 0, len(s.Values)-n+1)
		out = append(out, pyvalue.Round(ema, 6))
		for _, v := range s.Values[n:] {
			if v == v {
				ema = alpha*v + (1-alpha)*ema
				v = pyvalue.Round(ema, 6)
			}
			out = append(out, v)
		}
		t := s.copied("exponentialMovingAverage("+s.Name+","+span.String()+")", out)
		t.From += before
		t.Int = false
		return t.tagged("exponentialMovingAverage", span.Text)
	})
}
