package call

import (
	"context"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// Gate limits how many queries run at the same time. A number of others wait for their turn, and
// all further ones are refused.
type Gate struct {
	slots   chan struct{}
	waiting atomic.Int32
	queue   int32
}

// NewGate returns a gate for so many queries that run and so many that wait. 0 means no limit.
func NewGate(inside, queue int) *Gate {
	const most = 1 << 20 // more than there can be connections
	within := func(limit int) int {
		if limit <= 0 {
			return most
		}
		return min(limit, most)
	}
	return &Gate{slots: make(chan struct{}, within(inside)), queue: int32(within(queue))}
}

// Enter waits for a slot until ctx ends. Leave gives the slot back.
func (g *Gate) Enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return &Failure{fasthttp.StatusTooManyRequests, "too many queries at the same time"}
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave gives back the slot of Enter.
func (g *Gate) Leave() { <-g.slots }

// Load returns how many queries run, and how many wait for their turn.
func (g *Gate) Load() (running, waiting int) { return len(g.slots), int(g.waiting.Load()) }
