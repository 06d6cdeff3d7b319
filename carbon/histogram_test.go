package carbon

import (
	"strings"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h histogram
	for _, d := range []time.Duration{-time.Second, 0, histogramFirst, histogramFirst + 1, 2 * histogramFirst, time.Second, 1000 * time.Hour} {
		h.observe(d)
	}
	got := h.tallied()
	for bucket, want := range map[int]int64{0: 3, 1: 2, 17: 1, histogramBuckets: 1} {
		if got[bucket] != want {
			t.Errorf("bucket %d has %d, want %d", bucket, got[bucket], want)
		}
	}
	text := string(appendHistogram(nil, "x_seconds", "Help.", &h))
	for _, want := range []string{"# TYPE x_seconds histogram\n", `x_seconds_bucket{le="1e-05"} 3` + "\n", `x_seconds_bucket{le="2e-05"} 5` + "\n", `x_seconds_bucket{le="+Inf"} 7` + "\n", "x_seconds_count 7\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestQuantile(t *testing.T) {
	var h histogram
	if q := quantile(tallied{}, h.tallied(), 0.5); q != 0 {
		t.Errorf("of nothing: %v", q)
	}
	h.observe(time.Hour)
	before := h.tallied()
	for range 90 {
		h.observe(30 * time.Microsecond) // between 20 and 40
	}
	for range 10 {
		h.observe(1500 * time.Millisecond) // between 1.31 and 2.62 s
	}
	f := func(share float64, least, most time.Duration) {
		t.Helper()
		if q := quantile(before, h.tallied(), share); q < least || q > most {
			t.Errorf("%v is %v, want %v to %v", share, q, least, most)
		}
	}
	f(0.5, 20*time.Microsecond, 40*time.Microsecond)
	f(0.9, 20*time.Microsecond, 40*time.Microsecond)
	f(0.95, 1300*time.Millisecond, 2700*time.Millisecond)
	f(1, 1300*time.Millisecond, 2700*time.Millisecond)
	before = h.tallied()
	h.observe(1000 * time.Hour)
	f(0.5, histogramBound(histogramBuckets-1), histogramBound(histogramBuckets-1))
}
