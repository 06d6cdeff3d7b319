package tally

import (
	"strconv"
	"sync/atomic"
	"time"

	"graphited/carbon/prom"
)

const (
	histogramBuckets = 30                    // bounds of a histogram, each twice the one before
	histogramFirst   = 10 * time.Microsecond // the first; the last is an hour and a half
)

// Histogram counts durations by size. It is safe for concurrent use.
type Histogram struct {
	counts [histogramBuckets + 1]atomic.Int64 // of those in each bucket alone; the last is for what is longer than every bound
	sum    atomic.Int64                       // nanoseconds
}

// histogramBound returns up to where a bucket goes.
func histogramBound(bucket int) time.Duration { return histogramFirst << bucket }

// Observe counts one duration. One below zero is of a clock that was put back, and counts as zero.
// It costs two atomic additions.
func (h *Histogram) Observe(d time.Duration) {
	d = max(0, d)
	i := 0
	for i < histogramBuckets && d > histogramBound(i) {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// Tallied is what a histogram has tallied up to one moment.
type Tallied [histogramBuckets + 1]int64

// Tallied returns what has been counted up to now.
func (h *Histogram) Tallied() (t Tallied) {
	for i := range t {
		t[i] = h.counts[i].Load()
	}
	return t
}

// Quantile returns what a share of the durations tallied since an earlier moment is not longer than,
// as far as the buckets tell: within one, evenly spread durations are taken for granted. What is
// longer than the last bound is taken for that. It is 0 when nothing was tallied since.
func Quantile(since, now Tallied, share float64) time.Duration {
	total := int64(0)
	for i := range now {
		total += now[i] - since[i]
	}
	rank, below := share*float64(total), 0.0
	lower := time.Duration(0)
	for i := range histogramBuckets {
		n := float64(now[i] - since[i])
		upper := histogramBound(i)
		if n > 0 && below+n >= rank {
			return lower + time.Duration(float64(upper-lower)*(rank-below)/n)
		}
		below, lower = below+n, upper
	}
	if total == 0 {
		return 0
	}
	return lower
}

// AppendHistogram appends a histogram as a family of Prometheus' text format, in seconds.
func AppendHistogram(dst []byte, name, help string, h *Histogram) []byte {
	dst = prom.Family(dst, name, "histogram", help)
	total, t := int64(0), h.Tallied()
	for i, n := range t {
		total += n
		le := "+Inf"
		if i < histogramBuckets {
			le = strconv.FormatFloat(histogramBound(i).Seconds(), 'g', -1, 64)
		}
		dst = prom.Sample(dst, name+"_bucket", float64(total), "le", le)
	}
	dst = prom.Sample(dst, name+"_sum", time.Duration(h.sum.Load()).Seconds())
	return prom.Sample(dst, name+"_count", float64(total))
}
