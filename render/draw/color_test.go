package draw

import (
	"math"
	"testing"
)

// TestCorrection blends like the raster and compares the light of the result with that of paper and
// line mixed by coverage.
func TestCorrection(t *testing.T) {
	white, black := ink{255, 255, 255, 255}, ink{0, 0, 0, 255}
	light := func(v float64) float64 { return math.Pow(v, gamma) }
	for _, c := range []struct{ line, paper ink }{{white, black}, {black, white}, {ink{104, 139, 233, 255}, ink{21, 25, 30, 255}}, {ink{0, 88, 204, 255}, white}} {
		table := correction(c.line, c.paper)
		if table[0] != 0 || table[255] != 255 {
			t.Errorf("%v on %v: coverage 0 becomes %d, 255 becomes %d", c.line, c.paper, table[0], table[255])
		}
		for i := 1; i < 256; i++ {
			a := float64(table[i]) / 255
			got := light(c.line.luma()*a + c.paper.luma()*(1-a))
			share := float64(i) / 255
			want := light(c.line.luma())*share + light(c.paper.luma())*(1-share)
			if math.Abs(got-want) > 0.01 || table[i] < table[i-1] {
				t.Errorf("%v on %v: coverage %d becomes %d, light %.3f, want %.3f", c.line, c.paper, i, table[i], got, want)
			}
		}
	}
	same := correction(white, ink{250, 250, 250, 255})
	if same[128] != 128 {
		t.Errorf("a line of the paper's colour is covered by %d of 128", same[128])
	}
}
