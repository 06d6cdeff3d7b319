package render

import "graphited/carbon/pyvalue"

// grid is several series brought to one step, as graphite-web's normalize does
// it: rows are taken by index, not by time, and short columns end in nulls.
type grid struct {
	cols              [][]float64
	rows              int // length of the longest column
	from, until, step int64
}

// maxStep bounds the common step of a query: about 35,000 years.
const maxStep = 1 << 40

// normalize merges the points of each series so that all have the least common
// step. The columns are the series' own values where nothing has to be merged.
// There must be at least one series.
func normalize(in []*Series) (grid, error) {
	g := grid{cols: make([][]float64, len(in)), from: in[0].From, until: in[0].Until, step: in[0].Step}
	for _, s := range in[1:] {
		if s.Step == g.step {
			continue
		}
		if g.step = lcm(g.step, s.Step); g.step > maxStep || g.step <= 0 {
			return grid{}, badRequest("the series have no common step: it would be beyond %d s", int64(maxStep))
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

// Merged returns the values of s with each run of n points merged into one by
// the series' consolidation function, from its first point on. A merged point
// is null unless it has known points and their share of n reaches XFilesFactor.
// n <= 1 returns the values themselves. An unknown function is an *Error.
func (s *Series) Merged(n int64) ([]float64, error) {
	if n <= 1 {
		return s.Values, nil
	}
	merge := mergers[s.Consolidate]
	if merge == nil {
		return nil, badRequest("series %q has the unknown consolidation function %q", s.Name, s.Consolidate)
	}
	size := int(min(n, int64(max(len(s.Values), 1))))
	out := make([]float64, 0, (len(s.Values)+size-1)/size)
	for lo := 0; lo < len(s.Values); lo += size {
		bucket := s.Values[lo:min(lo+size, len(s.Values))]
		v := null
		if k := known(bucket); k > 0 && float64(k)/float64(n) >= s.XFilesFactor {
			v = merge(bucket)
		}
		out = append(out, v)
	}
	return out, nil
}

// Mergeable tells whether the series' consolidation function is known.
func (s *Series) Mergeable() bool { return mergers[s.Consolidate] != nil }

// mergers are the consolidation functions, as in datalib.py. Read only.
var mergers = map[string]func([]float64) float64{
	"":         average,
	"average":  average,
	"avg":      average,
	"avg_zero": averageZero,
	"sum":      sum,
	"max":      maximum,
	"min":      minimum,
	"first":    first,
	"last":     last,
}

// first is the first value that is not null. For consolidation only: it is no
// aggregation function in graphite-web.
func first(values []float64) float64 {
	for _, v := range values {
		if v == v {
			return v
		}
	}
	return null
}

// enough is graphite-web's xff: whether the known points suffice.
func enough(known, total int, factor float64) bool {
	return known > 0 && total > 0 && float64(known)/float64(total) >= factor
}
