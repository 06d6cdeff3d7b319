package tally

import (
	"strings"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{-time.Second, 0, histogramFirst, histogramFirst + 1, 2 * histogramFirst, time.Second, 1000 * time.Hour} {
		h.Observe(d)
	}
	got := h.Tallied()
	for bucket, want := range map[int]int64{0: 3, 1: 2, 17: 1, histogramBuckets: 1} {
		if got[bucket] != want {
			t.Errorf("bucket %d has %d, want %d", bucket, got[bucket], want)
		}
	}
	text := string(AppendHistogram(nil, "x_seconds", "Help.", &h))
	for _, want := range []string{"# TYPE x_seconds histogram\n", `x_seconds_bucket{le="1e-05"} 3` + "\n", `x_seconds_bucket{le="2e-05"} 5` + "\n", `x_seconds_bucket{le="+Inf"} 7` + "\n", "x_seconds_count 7\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestQuantile(t *testing.T) {
	var h Histogram
	if q := Quantile(Tallied{}, h.Tallied(), 0.5); q != 0 {
		t.Errorf("of nothing: %v", q)
	}
	h.Observe(time.Hour)
	before := h.Tallied()
	for range 90 {
		h.Observe(30 * time.Microsecond) // between 20 and 40
	}
	for range 10 {
		h.Observe(1500 * time.Millisecond) // between 1.31 and 2.62 s
	}
	f := func(share float64, least, most time.Duration) {
		t.Helper()
		if q := Quantile(before, h.Tallied(), share); q < least || q > most {
			t.Errorf("%v is %v, want %v to %v", share, q, least, most)
		}
	}
	f(0.5, 20*time.Microsecond, 40*time.Microsecond)
	f(0.9, 20*time.Microsecond, 40*time.Microsecond)
	f(0.95, 1300*time.Millisecond, 2700*time.Millisecond)
	f(1, 1300*time.Millisecond, 2700*time.Millisecond)
	before = h.Tallied()
	h.Observe(1000 * time.Hour)
	f(0.5, histogramBound(histogramBuckets-1), histogramBound(histogramBuckets-1))
}
