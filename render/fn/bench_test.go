package fn

import (
	"context"
	"fmt"
	"math"
	"testing"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
	"graphited/whisper"
)

// benchStore has the same values for every series, and gives them away without a copy.
type benchStore struct {
	*rendertest.Store
	series whisper.Series
}

func (s benchStore) Fetch(_ context.Context, _ string, from, until, _ int64) (whisper.Series, error) {
	r := s.series
	r.From, r.Until = from+r.Step, until+r.Step
	if n := (until - from) / r.Step; n < int64(len(r.Values)) {
		r.Values = r.Values[:n]
	}
	return r, nil
}

// BenchmarkEval evaluates one target of each family over 100 series of 1440
// points. The time is for one point of the input.
func BenchmarkEval(b *testing.B) {
	const series, points = 100, 1440
	for _, target := range []string{
		"s.*", "sumSeries(s.*)", "stddevSeries(s.*)", "aggregate(s.*,'median')", "scale(s.*,2)", "perSecond(s.*)",
		"round(scale(s.*,0.1),2)", "keepLastValue(s.*)", "summarize(s.*,'1h')", "hitcount(s.*,'1h')", "movingAverage(s.*,'1h')",
		"movingMedian(s.*,'1h')", "movingMax(s.*,'1h')", "movingWindow(s.*,'1h','stddev')", "holtWintersForecast(s.*,'1h')",
		"nPercentile(s.*,95)", "highestAverage(s.*,10)", "grep(s.*,'[0-4]$')", "aliasByNode(s.*,1)", "aliasSub(s.*,'(.*)$','x\\1')",
		"groupByNode(s.*,0,'sum')", "asPercent(s.*)", "stacked(s.*)", "sin('x',1,1)",
	} {
		b.Run(target, func(b *testing.B) { benchEval(b, target, series, points) })
	}
	b.Run("sum of 2343 x 360", func(b *testing.B) { benchEval(b, "sumSeries(s.*)", 2343, 360) })
}

func benchEval(b *testing.B, target string, series, points int) {
	m := rendertest.New(b)
	v := make([]float64, 2*points)
	for i := range v {
		v[i] = float64(i%97) + 0.25
		if i%50 == 7 {
			v[i] = math.NaN()
		}
	}
	for i := range series {
		m.Add(fmt.Sprintf("s.%04d", i), 60, 0, nil)
	}
	e, err := render.NewEngine(render.EngineOptions{Functions: All(), Store: benchStore{m, whisper.Series{Step: 60, Values: v}}})
	if err != nil {
		b.Fatal(err)
	}
	q := render.Query{Targets: []string{target}, From: 86400, Until: 86400 + int64(points)*60, Now: 1 << 31}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := e.Eval(context.Background(), q); err != nil || len(r.Series) == 0 {
			b.Fatalf("%d series, %v", len(r.Series), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(series*points), "ns/point")
}

// BenchmarkAggregate measures combining alone, on what a query has read.
func BenchmarkAggregate(b *testing.B) {
	const series, points = 2343, 360
	g := grid{rows: points}
	for range series {
		v := make([]float64, points)
		for i := range v {
			v[i] = float64(i)
		}
		g.cols = append(g.cols, v)
	}
	for _, name := range []string{"sum", "max", "multiply", "stddev", "median"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(8 * series * points)
			for b.Loop() {
				if _, err := g.reduce(b.Context(), agg.Funcs[name], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPlan evaluates a dashboard's targets where there are no series: parsing and planning are
// most of it.
func BenchmarkPlan(b *testing.B) {
	e, err := render.NewEngine(render.EngineOptions{Functions: All(), Store: rendertest.New(b)})
	if err != nil {
		b.Fatal(err)
	}
	q := render.Query{From: 86400, Until: 172800, Now: 172800, Targets: []string{
		`aliasByNode(movingAverage(summarize(nonNegativeDerivative(servers.{web,db}-*.cpu.*.user), '5min', 'sum', false), '1h'), 1, 3)`,
		`alias(asPercent(sumSeries(web.*.errors), sumSeries(web.*.hits)), 'errors')`,
		`timeStack(web.total.hits, '1d', 1, 7)`,
		`seriesByTag('name=cpu', 'dc=~eu.*')|perSecond()|groupByTags('sum', 'host')`,
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Eval(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}
