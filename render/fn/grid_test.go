package fn

import (
	"testing"

	"graphited/render"
	"graphited/whisper"
)

func TestNormalize(t *testing.T) {
	mk := func(from, until, step int64, values ...float64) *render.Series {
		return &render.Series{Series: whisper.Series{From: from, Until: until, Step: step, Values: values}}
	}
	g, err := normalize([]*render.Series{mk(60, 240, 60, 1, 2, 3), mk(120, 360, 120, 10, 20)})
	if err != nil || g.from != 60 || g.until != 300 || g.step != 120 || g.rows != 2 || !sameFloats(g.cols[0], []float64{1.5, 3}) {
		t.Errorf("got %+v, %v", g, err)
	}
	if _, err := normalize([]*render.Series{mk(0, 1, 1<<39-1), mk(0, 1, 1<<39-7)}); err == nil {
		t.Error("no error for an endless common step")
	}
	if g, err := normalize([]*render.Series{mk(5, 5, 0, 1), mk(5, 5, 7, 1)}); err != nil || g.step != 7 {
		t.Errorf("got %+v, %v", g, err)
	}
}

func sameFloats(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return true
}
