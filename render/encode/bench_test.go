package encode

import (
	"math/rand"
	"testing"

	"graphited/render"
	"graphited/whisper"
)

// sample makes n series of points values each. value makes each value.
func sample(n, points int, value func(*rand.Rand) float64) []*render.Series {
	rng := rand.New(rand.NewSource(1))
	out := make([]*render.Series, n)
	for i := range out {
		v := make([]float64, points)
		for j := range v {
			v[j] = value(rng)
		}
		out[i] = &render.Series{
			Series: whisper.Series{From: 1500000000, Until: 1500000000 + int64(points)*60, Step: 60, Values: v},
			Name:   "servers.web01.cpu.user", Path: "servers.*.cpu.user",
			Tags: []render.Tag{{Key: "name", Value: "servers.web01.cpu.user"}},
		}
	}
	return out
}

var valueKinds = map[string]func(*rand.Rand) float64{
	"whole":   func(r *rand.Rand) float64 { return float64(r.Intn(100000)) },
	"decimal": func(r *rand.Rand) float64 { return float64(r.Intn(100000)) / 1000 },
	"full":    func(r *rand.Rand) float64 { return r.Float64() * 100 },
}

func BenchmarkAppendJSON(b *testing.B) {
	for name, f := range valueKinds {
		b.Run(name, func(b *testing.B) { benchmark(b, f, appendJSON(b, JSONOptions{})) })
	}
}

// appendJSON returns an encoder that calls AppendJSON and fails the test on an error.
func appendJSON(t testing.TB, o JSONOptions) func([]byte, []*render.Series) []byte {
	return func(dst []byte, s []*render.Series) []byte {
		t.Helper()
		dst, err := AppendJSON(t.Context(), dst, s, o)
		if err != nil {
			t.Fatal(err)
		}
		return dst
	}
}

func BenchmarkAppendJSONConsolidated(b *testing.B) {
	benchmark(b, valueKinds["decimal"], appendJSON(b, JSONOptions{MaxDataPoints: 100}))
}

func BenchmarkAppendPickle(b *testing.B)  { benchmark(b, valueKinds["decimal"], AppendPickle) }
func BenchmarkAppendMsgpack(b *testing.B) { benchmark(b, valueKinds["decimal"], AppendMsgpack) }
func BenchmarkAppendRaw(b *testing.B) {
	benchmark(b, valueKinds["decimal"], func(dst []byte, s []*render.Series) []byte { return AppendRaw(b.Context(), dst, s) })
}

// benchmark also reports values per second.
func benchmark(b *testing.B, f func(*rand.Rand) float64, enc func([]byte, []*render.Series) []byte) {
	s := sample(100, 1000, f)
	dst := enc(nil, s)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		dst = enc(dst[:0], s)
	}
	b.ReportMetric(float64(b.N)*100*1000/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}
