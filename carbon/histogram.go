package carbon

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

// histogram counts durations by size. It is safe for concurrent use.
type histogram struct {
	counts [histogramBuckets + 1]atomic.Int64 // of those in each bucket alone; the last is for what is longer than every bound
	sum    atomic.Int64                       // nanoseconds
}

// histogramBound returns up to where a bucket goes.
func histogramBound(bucket int) time.Duration { return histogramFirst << bucket }

// observe counts one duration. One below zero is of a clock that was put back, and counts as zero.
// It costs two atomic additions.
func (h *histogram) observe(d time.Duration) {
	d = max(0, d)
	i := 0
	for i < histogramBuckets && d > histogramBound(i) {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// tallied is what a histogram has tallied up to one moment.
type tallied [histogramBuckets + 1]int64

func (h *histogram) tallied() (t tallied) {
	for i := range t {
		t[i] = h.counts[i].Load()
	}
	return t
}

// quantile returns what a share of the durations tallied since an earlier moment is not longer than,
// as far as the buckets tell: within one, evenly spread durations are taken for granted. What is
// longer than the last bound is taken for that. It is 0 when nothing was tallied since.
func quantile(since, now tallied, share float64) time.Duration {
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

// appendHistogram appends a histogram as a family of Prometheus' text format, in seconds.
func appendHistogram(dst []byte, name, help string, h *histogram) []byte {
	dst = prom.Family(dst, name, "histogram", help)
	total, t := int64(0), h.tallied()
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
