package pace

import (
	"context"
	"math"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	if NewBucket(math.Inf(1), time.Second) != nil {
		t.Error("no limit needs no bucket")
	}
	b := NewBucket(3, time.Hour)
	for i := range 5 {
		if got := b.TryTake(); got != (i < 3) {
			t.Errorf("token %d: %v", i, got)
		}
	}
	b.last = b.last.Add(-20 * time.Minute)
	if !b.TryTake() || b.TryTake() {
		t.Error("after a third of the period there is one token")
	}
	slow := NewBucket(0.5, time.Second)
	if !slow.TryTake() || slow.TryTake() {
		t.Error("a rate below one begins with one token")
	}
	slow.last = slow.last.Add(-2 * time.Second)
	if !slow.TryTake() {
		t.Error("at half a token a second there is one after two seconds")
	}
	if NewBucket(0, time.Second).TryTake() {
		t.Error("a rate of 0 gives a token")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if b.Take(ctx) {
		t.Error("take must end with its context")
	}
}
