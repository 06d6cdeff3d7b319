package fn

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
)

// TestTransform compares with the sum that defines the transform.
func TestTransform(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 5, 8, 12, 17, 64, 97, 100} {
		x := make([]complex128, n)
		for i := range x {
			x[i] = complex(rnd.Float64()*10-5, rnd.Float64())
		}
		got := transform(t.Context(), x, -1)
		for k := range got {
			var want complex128
			for j, v := range x {
				want += v * cmplx.Rect(1, -2*math.Pi*float64(j*k%n)/float64(n))
			}
			if cmplx.Abs(got[k]-want) > 1e-9 {
				t.Fatalf("%d points: [%d] is %v, want %v", n, k, got[k], want)
			}
		}
		for i, v := range transform(t.Context(), got, 1) {
			if cmplx.Abs(v/complex(float64(n), 0)-x[i]) > 1e-9 {
				t.Fatalf("%d points: there and back, [%d] is %v, want %v", n, i, v, x[i])
			}
		}
	}
}

func TestFitPolynomial(t *testing.T) {
	cubic := func(i int) float64 { x := float64(i); return 2 - x + 0.5*x*x - 0.01*x*x*x }
	v := make([]float64, 60)
	for i := range v {
		v[i] = cubic(i)
	}
	v[0], v[13], v[59] = agg.Null, agg.Null, agg.Null
	for i, got := range fitPolynomial(t.Context(), v, 3, 80) {
		if math.Abs(got-cubic(i)) > 1e-6 {
			t.Errorf("[%d] is %v, want %v", i, got, cubic(i))
		}
	}
	if got := fitPolynomial(t.Context(), []float64{agg.Null, 5, agg.Null}, 1, 4); agg.Present(got) != 0 || len(got) != 4 {
		t.Errorf("one point: got %v, want 4 nulls", got)
	}
}

func TestFFTModes(t *testing.T) {
	m := rendertest.New(t)
	m.Add("a", 60, 0, []float64{1, 2, agg.Null, 4, 5, 6, 7, 8})
	e := newTestEngine(t, m, nil)
	f := func(target string, want ...string) {
		t.Helper()
		r, err := e.Eval(context.Background(), render.Query{Targets: []string{target}, From: 0, Until: 420, Now: 420})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range r.Series {
			names = append(names, s.Name)
			if agg.Present(s.Values) != len(s.Values) {
				t.Errorf("%s: %v has nulls", s.Name, s.Values)
			}
		}
		if strings.Join(names, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got %q, want %q", target, names, want)
		}
	}
	f("fft(a)", "fft(a,abs)", "fft(a,phase)")
	f("fft(a,'phase')", "fft(a,phase)")
	f("fft(group(a,a),'all')", "fft(a,abs)", "fft(a,phase)", "fft(a,abs)", "fft(a,phase)")
	f("fft(nothing)")
	f("ifft(fft(a,'abs'),fft(a,'phase'))", "ifft(fft(a,abs),fft(a,phase))")
}

// TestBeyondIsMarked holds that graphite-web's list of functions is left as it is.
func TestBeyondIsMarked(t *testing.T) {
	r := All()
	own := len(r.Names(false))
	for i, name := range r.Names(true) {
		f, _ := r.Lookup(name)
		if (f.Beyond != "") != (i >= own) || (f.Beyond != "") != strings.HasSuffix(f.Doc, "not in Graphite.") {
			t.Errorf("%s: beyond is %q, the documentation %q", name, f.Beyond, f.Doc)
		}
	}
	for _, o := range optionsOf(r, render.AggOrSeriesFunc) {
		if f, ok := r.Lookup(o.(string)); ok && f.Beyond != "" && agg.Funcs[o.(string)].Over == nil {
			t.Errorf("graphite-web offers no %s as a callback", o)
		}
	}
}
