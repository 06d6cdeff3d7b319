package fn

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
)

// leftToRight is what Python 3.11's sum gives for the known points of a window.
func leftToRight(window []float64) float64 {
	total := 0.0
	for _, v := range window {
		if v == v {
			total += v
		}
	}
	return total
}

// exactly is the exact sum of a window, rounded once.
func exactly(window []float64) float64 {
	total := new(big.Float).SetPrec(4000)
	for _, v := range window {
		if v == v {
			total.Add(total, new(big.Float).SetFloat64(v))
		}
	}
	v, _ := total.Float64()
	return v
}

// sums slides sum over values.
func sums(values []float64, n int) []float64 {
	out := make([]float64, len(values)-n)
	slideSum(context.Background(), values, n, out)
	return out
}

// TestSumsOfAConstant: of equal windows the sum is the same at each place, and the one
// that graphite-web shows.
func TestSumsOfAConstant(t *testing.T) {
	for _, v := range []float64{0.1, 0.7, 1.1, 99.9, 1e300, 5e-324, -0.3, 3} {
		for _, n := range []int{1, 2, 5, 6, 7, 8, 9, 10, 60, 999, 1000, 1001, 1440, 5000} {
			values := make([]float64, n+3000)
			for i := range values {
				values[i] = v
			}
			want := leftToRight(values[:n])
			if n > longestInOrder {
				want = exactly(values[:n])
			}
			for i, got := range sums(values, n) {
				if got != want {
					t.Fatalf("%d times %v is %v at %d, want %v", n, v, got, i, want)
				}
			}
		}
	}
}

// TestMovingConstant: nothing of a constant changes where a window begins.
func TestMovingConstant(t *testing.T) {
	m := rendertest.New(t)
	values := make([]float64, 700)
	for i := range values {
		values[i] = 0.1
	}
	m.Add("a.b", 60, 0, values)
	e := newTestEngine(t, m, nil)
	for _, target := range []string{
		"changed(movingAverage(a.b,10))", "perSecond(movingAverage(a.b,10))", "changed(movingSum(a.b,'10min'))", "changed(movingWindow(a.b,7,'stddev'))",
		"movingWindow(scale(a.b,30),7,'stddev')", "changed(movingMedian(a.b,8))", "derivative(summarize(a.b,'5min','avg',true))",
	} {
		r, err := e.Eval(t.Context(), render.Query{Targets: []string{target}, From: 6000, Until: 39000, Now: 39000})
		if err != nil || len(r.Series) != 1 {
			t.Fatalf("%s: %d series, %v", target, len(r.Series), err)
		}
		for i, v := range r.Series[0].Values {
			if v != 0 && i > 0 {
				t.Errorf("%s: %v at %d", target, v, i)
				break
			}
		}
	}
}

// TestSumsOfWindows compares with adding each window anew, values of all sizes, nulls and
// infinities included.
func TestSumsOfWindows(t *testing.T) {
	value := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1, 1), rapid.Float64Range(1e15, 1e17), rapid.Just(agg.Null),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 5e-324, math.MaxFloat64, -math.MaxFloat64, 0.1, 1 << 52}),
		rapid.Map(rapid.IntRange(-1000, 1000), func(n int) float64 { return float64(n) / 4 }))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 2, 80).Draw(t, "values")
		n := rapid.IntRange(1, len(values)-1).Draw(t, "n")
		got, exact := sums(values, n), make([]float64, len(values)-n)
		z := make([]float64, len(values))
		for i, v := range values {
			z[i] = zeroed(v)
		}
		slideExact(context.Background(), z, n, exact)
		for i := range got {
			window := values[i+1 : i+1+n]
			if want := leftToRight(window); math.Float64bits(got[i]) != math.Float64bits(want) {
				t.Fatalf("sum of %v is %v, want %v", window, got[i], want)
			}
			if want := exactly(window); exact[i] != want {
				t.Fatalf("exact sum of %v is %v, want %v", window, exact[i], want)
			}
		}
	})
}

// TestSumsWithInfinities: an infinite value is gone when it is out of the window.
func TestSumsWithInfinities(t *testing.T) {
	inf := math.Inf(1)
	values := make([]float64, 5000)
	for i := range values {
		values[i] = 0.1
	}
	values[2000], values[2001], values[3500] = inf, -inf, -inf
	for _, n := range []int{7, 1200} {
		for i, got := range sums(values, n) {
			want, has := exactly(values[1:n+1]), values[i+1:i+1+n]
			if n <= longestInOrder {
				want = leftToRight(values[1 : n+1])
			}
			if s := leftToRight(has); math.IsInf(s, 0) || s != s {
				want = s
			}
			if !sameFloats([]float64{got}, []float64{want}) {
				t.Fatalf("window %d at %d: %v, want %v", n, i, got, want)
			}
		}
	}
}

// TestLongSumsAreExact: what is long is added exactly, in random order or not.
func TestLongSumsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 1500)
	for i := range values {
		values[i] = (r.Float64() - 0.5) * math.Pow10(r.IntN(40)-20)
		if r.IntN(10) == 0 {
			values[i] = agg.Null
		}
	}
	for i, got := range sums(values, 1200) {
		if want := exactly(values[i+1 : i+1201]); got != want {
			t.Fatalf("at %d: %v, want %v", i, got, want)
		}
	}
}

// BenchmarkSlideSum is for a series: of fractions, which are rounded, and of integers.
func BenchmarkSlideSum(b *testing.B) {
	for _, points := range []int{8640, 100_000} {
		for _, n := range []int{10, 100, 1000, 5000} {
			for name, unit := range map[string]float64{"fractions": 0.1, "integers": 1} {
				values := make([]float64, points+n)
				for i := range values {
					values[i] = float64(i%97) * unit
				}
				out := make([]float64, points)
				b.Run(fmt.Sprintf("%s/%d points/window %d", name, points, n), func(b *testing.B) {
					for b.Loop() {
						slideSum(b.Context(), values, n, out)
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(points), "ns/point")
				})
			}
		}
	}
}
