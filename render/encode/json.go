package encode

import (
	"context"
	"math"
	"slices"
	"strconv"

	"graphited/carbon/pyvalue"
	"graphited/render"
)

// JSONOptions are the parameters of /render that shape format=json.
type JSONOptions struct {
	// MaxDataPoints is the largest number of points of a series. Longer series are consolidated. 0
	// means no limit.
	MaxDataPoints int
	// NoNullPoints omits points without a value and series without a point.
	NoNullPoints bool
	// Pretty indents by two spaces.
	Pretty bool
}

// AppendJSON appends the series as graphite-web's format=json: a list of {"target", "tags",
// "datapoints": [[value, timestamp], ...]}. If no series has a point, the list is empty. AppendJSON
// allocates only dst and what consolidation needs. It returns an error if a consolidation function
// is unknown, or the error of ctx.
func AppendJSON(ctx context.Context, dst []byte, series []*render.Series, o JSONOptions) ([]byte, error) {
	w := Writer{Buf: dst, Indent: o.Pretty}
	w.Open('[')
	if slices.ContainsFunc(series, func(s *render.Series) bool { return len(s.Values) > 0 }) {
		span := spanOf(series)
		for _, s := range series {
			if err := ctx.Err(); err != nil {
				return w.Buf, err
			}
			p, err := pointsOf(s, span, o.MaxDataPoints)
			if err != nil {
				return w.Buf, err
			}
			if o.NoNullPoints && !p.any() {
				continue
			}
			w.Open('{')
			w.Key("target")
			w.String(s.Name)
			w.Key("tags")
			w.Open('{')
			for _, t := range s.Tags {
				w.Key(t.Key)
				w.String(t.Value)
			}
			w.Close('}')
			w.Key("datapoints")
			if o.Pretty {
				p.write(&w, o.NoNullPoints)
			} else {
				w.value()
				w.Buf = p.append(w.Buf, o.NoNullPoints)
			}
			w.Close('}')
		}
	}
	w.Close(']')
	return w.Buf, nil
}

// spanOf returns the seconds from the earliest start to the latest end.
func spanOf(series []*render.Series) int64 {
	from, until := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range series {
		from, until = min(from, s.From), max(until, s.Until)
	}
	return until - from
}

// points are the data points of one series as they will be written.
type points struct {
	values     []float64
	from, step int64
	whole      bool
}

// pointsOf consolidates s to at most most points. 0 means no limit. Like graphite-web, it first
// moves the start to a multiple of the bucket size, so that a graph does not jitter when it is
// redrawn: earlier values are lost, and a bucket is labelled one step after its first value.
func pointsOf(s *render.Series, span int64, most int) (points, error) {
	p := points{values: s.Values, from: s.From, step: s.Step, whole: s.Int}
	per := int64(1) // values per point
	switch n := float64(span) / float64(s.Step); {
	case most <= 0 || s.Step <= 0:
	case most == 1:
		per = max(1, int64(len(s.Values)))
	case float64(most) < n:
		per = int64(math.Ceil(n / float64(most)))
		bucket := per * s.Step
		nudge := bucket + pyvalue.FloorMod(s.From, s.Step) - pyvalue.FloorMod(s.From, bucket)
		p.from += nudge
		p.values = p.values[min(int64(len(p.values)), max(0, nudge/s.Step-1)):]
	}
	if per > 1 {
		t := *s
		t.Values = p.values
		merged, err := t.Merged(per)
		if err != nil {
			return p, err
		}
		p.values, p.step = merged, p.step*per
		p.whole = s.Int && keepsWhole(s.Consolidate)
	}
	if p.step > 0 {
		// Timestamps go up to and including the end of the series.
		count := max(0, (s.Until-p.from+p.step)/p.step)
		p.values = p.values[:min(int64(len(p.values)), count)]
	}
	return p, nil
}

// keepsWhole reports whether Graphite's consolidation of Python ints returns an int.
func keepsWhole(name string) bool {
	switch name {
	case "sum", "min", "max", "first", "last":
		return true
	}
	return false
}

// any reports whether any point has a value.
func (p *points) any() bool {
	return slices.ContainsFunc(p.values, func(v float64) bool { return v == v })
}

// append appends the points as a compact list.
func (p *points) append(dst []byte, skipNull bool) []byte {
	dst = append(dst, '[')
	begin := len(dst)
	t := p.from
	for _, v := range p.values {
		if v == v || !skipNull {
			if len(dst) > begin {
				dst = append(dst, ", "...)
			}
			dst = append(dst, '[')
			dst = appendValue(dst, v, p.whole)
			dst = append(dst, ", "...)
			dst = strconv.AppendInt(dst, t, 10)
			dst = append(dst, ']')
		}
		t += p.step
	}
	return append(dst, ']')
}

// write writes the points as an indented list.
func (p *points) write(w *Writer, skipNull bool) {
	w.Open('[')
	for i, v := range p.values {
		if v != v && skipNull {
			continue
		}
		w.Open('[')
		w.number(v, p.whole)
		w.Int(p.from + int64(i)*p.step)
		w.Close(']')
	}
	w.Close(']')
}
