package carbon

import (
	"context"
	"math"
	"sync"
	"time"
)

// bucket is a token bucket: so many tokens a period, at most one period's worth saved up, or one. A
// nil bucket has no limit.
type bucket struct {
	mu       sync.Mutex
	tokens   float64
	capacity float64
	perSec   float64
	last     time.Time
}

// newBucket returns a full bucket, nil when n is infinite. Without a token in a period it stays
// empty.
func newBucket(n float64, period time.Duration) *bucket {
	if math.IsInf(n, 1) {
		return nil
	}
	capacity := n
	if n > 0 {
		capacity = max(1, n)
	}
	return &bucket{tokens: capacity, capacity: capacity, perSec: n / period.Seconds(), last: time.Now()}
}

func (b *bucket) fill() {
	now := time.Now()
	b.tokens = min(b.capacity, b.tokens+now.Sub(b.last).Seconds()*b.perSec)
	b.last = now
}

// left returns how many tokens there are.
func (b *bucket) left() int {
	if b == nil {
		return math.MaxInt
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	return int(b.tokens)
}

// tryTake takes a token if there is one.
func (b *bucket) tryTake() bool {
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

// take waits for a token; false when ctx ended first.
func (b *bucket) take(ctx context.Context) bool {
	if b == nil {
		return true
	}
	for !b.tryTake() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return true
}
