package render

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// values draws points, some of them null; exact: of integers, whose sums are free of rounding.
func values(exact bool) *rapid.Generator[[]float64] {
	return rapid.Custom(func(t *rapid.T) []float64 {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		out := make([]float64, n)
		for i := range out {
			switch {
			case rapid.IntRange(0, 3).Draw(t, "null") == 0:
				out[i] = null
			case exact:
				out[i] = float64(rapid.IntRange(-1000, 1000).Draw(t, "v"))
			default:
				out[i] = rapid.Float64Range(-1e6, 1e6).Draw(t, "v")
			}
		}
		return out
	})
}

// TestSlidersEqualWindows compares the sliding algorithms with looking at each window anew.
func TestSlidersEqualWindows(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		in := values(rapid.Bool().Draw(t, "exact")).Draw(t, "in")
		n := rapid.IntRange(1, 12).Draw(t, "window")
		factor := rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "factor")
		if len(in) <= n {
			t.Skip("no window")
		}
		for name, slide := range sliders {
			got, want := make([]float64, len(in)-n), make([]float64, len(in)-n)
			slide(ctx, in, n, got)
			dropScarce(in, n, got, factor)
			slideOver(aggregators[name].over)(ctx, in, n, want)
			for i := range want {
				if !enough(known(in[i+1:i+1+n]), n, factor) {
					want[i] = null
				}
			}
			if !sameFloats(got, want) {
				t.Fatalf("%s: got %v, want %v", name, got, want)
			}
		}
	})
}

// TestAcrossEqualsOver compares aggregating by column with aggregating row by row.
func TestAcrossEqualsOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{}
		for range rapid.IntRange(1, 5).Draw(t, "columns") {
			col := values(true).Draw(t, "column")
			g.cols = append(g.cols, col)
			g.rows = max(g.rows, len(col))
		}
		row := make([]float64, len(g.cols))
		for name, a := range aggregators {
			got, err := g.reduce(context.Background(), a, 0)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				want := null
				if rowAt(row, g.cols, i); known(row) > 0 {
					want = a.over(row)
				}
				if !sameFloats(got[i:i+1], []float64{want}) {
					t.Fatalf("%s of row %v: got %v, want %v", name, row, got[i], want)
				}
			}
		}
	})
}

// TestMergedEqualsBuckets compares with the definition.
func TestMergedEqualsBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Series{}
		s.Values = values(false).Draw(t, "values")
		s.XFilesFactor = rapid.Float64Range(0, 1).Draw(t, "factor")
		s.Consolidate = rapid.SampledFrom([]string{"", "sum", "max", "min", "last", "first", "avg_zero"}).Draw(t, "how")
		by := rapid.IntRange(2, 20).Draw(t, "by")
		got, err := s.Merged(int64(by))
		if err != nil || len(got) != (len(s.Values)+by-1)/by {
			t.Fatalf("%d buckets of %d values by %d, %v", len(got), len(s.Values), by, err)
		}
		for i, v := range got {
			bucket := s.Values[i*by : min((i+1)*by, len(s.Values))]
			want := null
			if enough(known(bucket), by, s.XFilesFactor) {
				want = mergers[s.Consolidate](bucket)
			}
			if !sameFloats([]float64{v}, []float64{want}) {
				t.Fatalf("bucket %d: got %v, want %v", i, v, want)
			}
		}
	})
}

func TestPercentileIsAnElement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sorted := sortedKnown(values(false).Draw(t, "values"))
		n := rapid.Float64Range(0, 100).Draw(t, "n")
		v := percentile(sorted, n, false)
		between := percentile(sorted, n, true)
		if len(sorted) == 0 {
			if v == v || between == between {
				t.Fatal("nothing has a percentile")
			}
			return
		}
		if !slices.Contains(sorted, v) || between < sorted[0] || between > sorted[len(sorted)-1] {
			t.Fatalf("%v and %v of %v", v, between, sorted)
		}
	})
}

// FuzzEval evaluates any text over a small store: it must answer or refuse.
func FuzzEval(f *testing.F) {
	r, err := builtins()
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range r.Names(true) {
		fn, _ := r.Lookup(name)
		f.Add(sampleCall(fn, name, i), int64(i*1000), int64(i*1000+600))
	}
	m := newMemStore(f)
	m.checks = false
	for i := range 4 {
		m.add(fmt.Sprintf("a.b%d", i), int64(10+50*(i%2)), 0, []float64{1, 2, null, 4, 5, -6, 7, null, null, 10, 1e18, 12})
	}
	m.add("t;x=1;y=2", 60, 0, []float64{1, 2, 3})
	e := newTestEngine(f, m, func(o *EngineOptions) { o.MaxPoints, o.MaxWindows = 100_000, 50 })
	f.Fuzz(func(t *testing.T, target string, from, until int64) {
		if from < 0 || until > 1<<33 || until-from > 1<<20 {
			return
		}
		q := Query{Targets: []string{target, "a.b1"}, From: from, Until: until, Now: until}
		r, err := e.Eval(context.Background(), q)
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("%v is no *Error", err)
			}
			return
		}
		for _, s := range r.Series {
			for _, tag := range s.Tags {
				if tag.Key == "" {
					t.Errorf("%q has a tag without a name: %v", s.Name, s.Tags)
				}
			}
			if s.Step < 0 {
				t.Errorf("%q has step %d", s.Name, s.Step)
			}
		}
	})
}

// sampleCall is a call with an argument for each parameter.
func sampleCall(f *Func, name string, seed int) string {
	samples := map[Type]string{
		Boolean: "true", Date: "'500'", Float: "50", Integer: "2", Interval: "'2min'", IntOrInterval: "2", IntOrInf: "1",
		Node: "1", NodeOrTag: "1", SeriesList: "a.*", SeriesLists: "map(a.*,1)", String: "'x'", TagArg: "'name'", Any: "None",
		AggFunc: "'max'", AggOrSeriesFunc: "'sumSeries'",
	}
	var args []string
	for i, p := range f.Params {
		a := samples[p.Type]
		if p.Type == SeriesList && (i+seed)%2 == 1 {
			a = "movingAverage(timeShift(a.*,'1min'),3)"
		}
		args = append(args, a)
	}
	return name + "(" + strings.Join(args, ",") + ")"
}
