package pace

import (
	"context"
	"math"
	"sync"
	"time"
)

// Bucket is a token bucket: so many tokens a period, at most one period's worth saved up, or one. A
// nil bucket has no limit.
type Bucket struct {
	mu       sync.Mutex
	tokens   float64
	capacity float64
	perSec   float64
	last     time.Time
}

// NewBucket returns a full bucket, nil when n is infinite. Without a token in a period it stays
// empty.
func NewBucket(n float64, period time.Duration) *Bucket {
	if math.IsInf(n, 1) {
		return nil
	}
	capacity := n
	if n > 0 {
		capacity = max(1, n)
	}
	return &Bucket{tokens: capacity, capacity: capacity, perSec: n / period.Seconds(), last: time.Now()}
}

func (b *Bucket) fill() {
	now := time.Now()
	b.tokens = min(b.capacity, b.tokens+now.Sub(b.last).Seconds()*b.perSec)
	b.last = now
}

// Left returns how many tokens there are.
func (b *Bucket) Left() int {
	if b == nil {
		return math.MaxInt
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	return int(b.tokens)
}

// TryTake takes a token if there is one.
func (b *Bucket) TryTake() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// Take waits for a token; false when ctx ended first.
func (b *Bucket) Take(ctx context.Context) bool {
	if b == nil {
		return true
	}
	for !b.TryTake() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return true
}
