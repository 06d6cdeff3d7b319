package api

import (
	"context"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// gate lets only so many in at a time; some more wait, the rest are refused. 0 is
// no limit of either.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int32
	queue   int32
}

func newGate(inside, queue int) *gate {
	const all = 1 << 20 // more than there can be connections
	return &gate{slots: make(chan struct{}, min(all, atMost(inside, all))), queue: int32(min(all, atMost(queue, all)))}
}

// enter waits for a slot until ctx ends; leave gives it back.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return &failure{fasthttp.StatusTooManyRequests, "too many queries at the same time"}
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.slots }
