package fn

import (
	"graphited/carbon/pyvalue"
	"graphited/render"
)

// grid is several series brought to one step, as graphite-web's normalize does
// it: rows are taken by index, not by time, and short columns end in nulls.
type grid struct {
	cols              [][]float64
	rows              int // length of the longest column
	from, until, step int64
}

// normalize merges the points of each series so that all have the least common
// step. The columns are the series' own values where nothing has to be merged.
// There must be at least one series.
func normalize(in []*render.Series) (grid, error) {
	g := grid{cols: make([][]float64, len(in)), from: in[0].From, until: in[0].Until, step: in[0].Step}
	for _, s := range in[1:] {
		if s.Step == g.step {
			continue
		}
		if g.step = lcm(g.step, s.Step); g.step > maxStep || g.step <= 0 {
			return grid{}, render.BadRequestf("the series have no common step: it would be beyond %d s", int64(maxStep))
		}
	}
	for i, s := range in {
		g.from, g.until = min(g.from, s.From), max(g.until, s.Until)
		col, err := s.Merged(g.step / max(s.Step, 1))
		if err != nil {
			return grid{}, err
		}
		g.cols[i] = col
		g.rows = max(g.rows, len(col))
	}
	if g.step > 0 {
		g.until -= pyvalue.FloorMod(g.until-g.from, g.step)
	}
	return g, nil
}

// oneStep brings series to one step. It looks at the context first, since it is
// what functions do with each pair and each group of many.
func oneStep(c *render.Call, in []*render.Series) (grid, error) {
	if err := c.Err(); err != nil {
		return grid{}, err
	}
	return normalize(in)
}

func lcm(a, b int64) int64 {
	if a <= 0 || b <= 0 {
		return max(a, b, 1)
	}
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	if a/x > maxStep/b {
		return maxStep + 1
	}
	return a / x * b
}

// maxStep bounds the common step of a query: about 35,000 years.
const maxStep = 1 << 40
