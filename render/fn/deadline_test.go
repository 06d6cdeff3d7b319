package fn

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
	"graphited/whisper"
)

// looked is a context that notes the longest time between two looks at it.
type looked struct {
	context.Context
	mu    sync.Mutex
	last  time.Time
	most  time.Duration
	looks int
}

func (l *looked) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	now := time.Now()
	l.most, l.last = max(l.most, now.Sub(l.last)), now
	return l.Context.Err()
}

// example returns a call of a function with all that it needs.
func example(f *render.Func) string {
	switch f.Name {
	case "mapSeries", "reduceSeries":
		return "reduceSeries(mapSeries(s.*.*,1),'asPercent',2,'a','b')"
	case "applyByNode":
		return "applyByNode(s.*.*,1,'scale(%.a,2)')"
	case "divideSeries":
		return "divideSeries(s.*.a,s.0001.b)"
	}
	var args []string
	for i, p := range f.Params {
		if !p.Required && !(p.Multiple && i == 1) {
			break
		}
		v := "1"
		switch p.Type {
		case render.SeriesList, render.SeriesArg, render.SeriesLists:
			v = "s.*." + string("abc"[min(i, 2)])
		case render.Interval, render.IntOrInterval, render.Date:
			v = "'1h'"
		case render.AggFunc, render.AggOrSeriesFunc:
			v = "'median'"
		case render.String, render.Any:
			v = "'[0-9]'"
			if len(p.Options) > 0 {
				v = fmt.Sprintf("'%v'", p.Options[0])
			}
		case render.TagArg:
			v = "'name'"
		}
		args = append(args, v)
	}
	return f.Name + "(" + strings.Join(args, ",") + ")"
}

// manySeries is an engine that has the series s.0000.a, s.0000.b, s.0001.a and so on.
func manySeries(t testing.TB, pairs, points int) *render.Engine {
	m := rendertest.New(t)
	for i := range pairs {
		m.Add(fmt.Sprintf("s.%04d.a", i), 60, 0, nil)
		m.Add(fmt.Sprintf("s.%04d.b", i), 60, 0, nil)
	}
	v := make([]float64, 2*points)
	for i := range v {
		if v[i] = float64(i%97) + 0.25; i%50 == 7 {
			v[i] = math.NaN()
		}
	}
	e, err := render.NewEngine(render.EngineOptions{Functions: All(), Store: benchStore{m, whisper.Series{Step: 60, Values: v}}, Limits: render.Limits{MaxPoints: 100_000_000}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func look(e *render.Engine, target string, points int) (*looked, error) {
	c := &looked{Context: context.Background(), last: time.Now()}
	_, err := e.Eval(c, render.Query{Targets: []string{target}, From: 864000, Until: 864000 + int64(points)*60, Now: 1 << 31})
	_ = c.Err()
	return c, err
}

// TestLooks: what goes over many series looks at the context for each, or each pair or
// group; what goes over a long one, every so often.
func TestLooks(t *testing.T) {
	f := func(e *render.Engine, points, atLeast int, target string) {
		t.Helper()
		before, err := look(e, "s.*.*", points) // the reads look, too
		if err != nil {
			t.Fatal(err)
		}
		c, err := look(e, target, points)
		if got := c.looks - before.looks; err != nil || got < atLeast {
			t.Errorf("%s: %d looks, want %d; %v", target, got, atLeast, err)
		}
	}
	const pairs = 100
	many := manySeries(t, pairs, 10)
	for _, target := range []string{
		"scale(s.*.a,2)", "asPercent(s.*.a,s.*.b)", "asPercent(s.*.*)", "asPercent(s.*.*,None,1)", "aggregateSeriesLists(s.*.a,s.*.b,'sum')",
		"powSeriesLists(s.*.a,s.*.b)", "divideSeriesLists(s.*.a,s.*.b)", "groupByNode(s.*.*,1,'median')", "groupByTags(s.*.*,'sum','name')",
		"sumSeriesWithWildcards(s.*.*,2)", "reduceSeries(mapSeries(s.*.*,1),'asPercent',2,'a','b')", "applyByNode(s.*.*,1,'scale(%.a,2)')", "fft(s.*.a)",
	} {
		f(many, 10, pairs, target)
	}
	const points = 2 << 20
	long := manySeries(t, 1, points)
	for _, target := range []string{"sumSeries(s.*.*)", "medianSeries(s.*.*)", "percentileOfSeries(s.*.*,95)", "powSeries(s.*.*)", "movingMedian(s.*.a,5)"} {
		f(long, points, 4, target)
	}
	f(manySeries(t, 1, 1<<12), 1<<12, 12, "fft(s.*.a)")
	f(manySeries(t, 1, 100), 100, 8, "polyfit(s.*.a,8)")
}

// TestReduceInParts: rows reduced in several goes are the same as in one.
func TestReduceInParts(t *testing.T) {
	g := grid{rows: pointsAtOnce}
	for i := range 3 {
		col := make([]float64, pointsAtOnce>>i)
		for j := range col {
			col[j] = float64((i + 1) * (j % 1000))
		}
		g.cols = append(g.cols, col)
	}
	for name, a := range agg.Funcs {
		got, err := g.reduce(t.Context(), a, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, known := nulls(g.rows), make([]int32, g.rows)
		if a.Across(g.cols, want, known); !sameFloats(got, want) {
			t.Errorf("%s differs", name)
		}
	}
}

// BenchmarkLooks runs every function over 2,000 series of 2,000 points and tells the
// longest time between two looks at the context: by so much can it overrun a deadline.
func BenchmarkLooks(b *testing.B) {
	const points = 2000
	e := manySeries(b, 1000, points)
	for _, name := range e.Registry().Names(true) {
		f, _ := e.Registry().Lookup(name)
		if f.Name != name {
			continue
		}
		b.Run(name, func(b *testing.B) {
			most := time.Duration(0)
			for b.Loop() {
				c, err := look(e, example(f), points)
				if most = max(most, c.most); err != nil {
					b.Skip(err) // it wants other arguments
				}
			}
			b.ReportMetric(most.Seconds()*1000, "longest-ms")
		})
	}
}
