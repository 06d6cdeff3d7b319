package fn

import (
	"context"
	"errors"
	"strings"
	"testing"

	"graphited/render"
	"graphited/whisper"
)

// one is a member of a cluster that has one series for each pattern.
type one struct{}

func (one) Fetch(_ context.Context, patterns []render.Pattern, from, until, _ int64) (r render.RemoteResult, _ error) {
	for i := range patterns {
		r.Series = append(r.Series, render.RemoteSeries{Pattern: i, Name: "s.remote", Series: whisper.Series{From: 60, Step: 60, Until: 120, Values: []float64{1}}})
	}
	return r, nil
}

func (one) Merge(known, _ whisper.Series) whisper.Series { return known }

// TestLimitsAtTheirEdge: a query may have as much as the limit says, and not one more.
func TestLimitsAtTheirEdge(t *testing.T) {
	const seriesPoints = 24 // that a series counts as, beside its values
	const values = 50       // of a series in the window of query
	read := int64(seriesPoints + values)
	twenty := "group(" + strings.Repeat("s.0000,", 19) + "s.0000)"
	for _, c := range []struct {
		name, target string
		kind         render.Kind
		limit        int64
		set          func(o *render.EngineOptions, limit int64)
	}{
		{"series", "s.*", render.TooLarge, 10, func(o *render.EngineOptions, n int64) { o.MaxSeries = int(n) }},
		{"series of others, too", "s.*", render.TooLarge, 11, func(o *render.EngineOptions, n int64) { o.MaxSeries, o.Remote = int(n), one{} }},
		{"points read", "s.0000", render.TooLarge, read, func(o *render.EngineOptions, n int64) { o.MaxPoints = n }},
		{"points made", "identity('x')", render.TooLarge, values, func(o *render.EngineOptions, n int64) { o.MaxPoints = n }},
		{"points in use", twenty, render.TooLarge, 20 * read / 2, func(o *render.EngineOptions, n int64) { o.MaxPoints = n }},
		{"ranges", "timeStack(s.0000,'1h',0,9)", render.BadRequest, 10, func(o *render.EngineOptions, n int64) { o.MaxWindows = int(n) }},
		{"parts", "scale(s.0000,2)", render.TooLarge, 3, func(o *render.EngineOptions, n int64) { o.MaxNodes = int(n) }},
		{"bytes of a regular expression", "grep(s.0000,'s.0{4}')", render.BadRequest, 6, func(o *render.EngineOptions, n int64) { o.MaxRegex = int(n) }},
	} {
		for _, less := range []int64{0, 1} {
			e := newTestEngine(t, manyStore(t, 10), func(o *render.EngineOptions) { c.set(o, c.limit-less) })
			_, err := e.Eval(t.Context(), query(c.target))
			var got *render.Error
			if (err != nil) != (less > 0) || err != nil && (!errors.As(err, &got) || got.Kind != c.kind) {
				t.Errorf("%s, a limit of %d: %v", c.name, c.limit-less, err)
			}
		}
	}
}

// TestTextsBesideOneAnother: how deep the targets that functions make may be in one another does not
// bound how many there may be.
func TestTextsBesideOneAnother(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 1), nil)
	target := "group(" + strings.Repeat("applyByNode(s.*,1,'%'),", 2*8) + "s.0000)"
	r, err := e.Eval(t.Context(), query(target))
	if err != nil || len(r.Series) != 2*8+1 {
		t.Errorf("%d series, %v", len(r.Series), err)
	}
}

func TestEmptyRange(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 1), nil)
	for until, fails := range map[int64]bool{59: true, 60: true, 61: false} {
		if _, err := e.Eval(t.Context(), render.Query{Targets: []string{"s.0000"}, From: 60, Until: until, Now: 3600}); (err != nil) != fails {
			t.Errorf("from 60 until %d: %v", until, err)
		}
	}
}
