package carbon

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrNotRunning tells that the daemon takes nothing in, because it has not begun yet or is ending.
var ErrNotRunning = errors.New("not running")

// running is the time in which the daemon takes requests: its end waits for those that have begun,
// and those that come before or after it are refused. It is safe for concurrent use.
type running struct {
	mu  sync.RWMutex
	ctx context.Context // nil: not running
}

// begin begins a request. It returns a context that ends when the daemon does, and what to call at
// the end of the request; the error wraps ErrNotRunning.
func (r *running) begin(ctx context.Context) (_ context.Context, done func(), err error) {
	r.mu.RLock()
	if r.ctx == nil || r.ctx.Err() != nil {
		r.mu.RUnlock()
		return nil, nil, fmt.Errorf("cannot take points in: %w", ErrNotRunning)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.ctx, func() { cancel(ErrNotRunning) })
	return ctx, func() {
		stop()
		cancel(nil)
		r.mu.RUnlock()
	}, nil
}

// open lets requests in until ctx ends.
func (r *running) open(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = ctx
}

// close lets none in any more. When it returns, none is at work.
func (r *running) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = nil
}
