package render

import "graphited/render/agg"

// Merged returns the values of s with each run of n points merged into one by
// the series' consolidation function, from its first point on. A merged point
// is null unless it has known points and their share of n reaches XFilesFactor.
// n <= 1 returns the values themselves. An unknown function is an *Error.
func (s *Series) Merged(n int64) ([]float64, error) {
	if n <= 1 {
		return s.Values, nil
	}
	merge := agg.Mergers[s.Consolidate]
	if merge == nil {
		return nil, BadRequestf("series %q has the unknown consolidation function %q", s.Name, s.Consolidate)
	}
	size := int(min(n, int64(max(len(s.Values), 1))))
	out := make([]float64, 0, (len(s.Values)+size-1)/size)
	for lo := 0; lo < len(s.Values); lo += size {
		bucket := s.Values[lo:min(lo+size, len(s.Values))]
		v := agg.Null
		if k := agg.Present(bucket); k > 0 && float64(k)/float64(n) >= s.XFilesFactor {
			v = merge(bucket)
		}
		out = append(out, v)
	}
	return out, nil
}

// Mergeable tells whether the series' consolidation function is known.
func (s *Series) Mergeable() bool { return agg.Mergers[s.Consolidate] != nil }
