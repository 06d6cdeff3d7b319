package query

import (
	"context"
	"sync"

	"graphited/api/call"
)

// flights lets equal requests share one answer. A point that was received before a request must be
// in its answer. So a request never joins a computation that has begun, which may have read the
// series before, but waits for its end. The next computation is for all requests that wait. So of
// any number of equal requests one is computed at a time, and each waits for at most two.
type flights struct {
	mu    sync.Mutex
	lanes map[string]*lane // by question; only those in use
}

// lane holds the computations for one question.
type lane struct {
	running *flight
	waiting *flight // begins when running has ended; nil: no request waits
}

// flight is one computation, with the number of requests that want its reply.
type flight struct {
	begun  chan struct{} // closed when it may begin
	done   chan struct{} // closed when reply is there
	others int           // requests that wait for it beside the one that computes it
	reply  *call.Reply
}

func newFlight() *flight {
	return &flight{begun: make(chan struct{}), done: make(chan struct{})}
}

// join returns the flight for key, and whether the caller must compute it. Then the caller must
// call wait first, and land in any case.
func (fs *flights) join(key string) (f *flight, compute bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	l := fs.lanes[key]
	if l == nil {
		f := newFlight()
		close(f.begun)
		fs.lanes[key] = &lane{running: f}
		return f, true
	}
	if l.waiting == nil {
		l.waiting = newFlight()
		return l.waiting, true
	}
	l.waiting.others++
	return l.waiting, false
}

// wait returns when the flight may begin, or ctx has ended.
func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.begun:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shared reports whether other requests want the reply. None joins after it has begun.
func (fs *flights) shared(f *flight) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return f.others > 0
}

// quit ends the waiting for f, with or without its reply.
func (fs *flights) quit(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.others--
}

// land gives the reply to all requests that wait for it, and lets the next flight begin.
func (fs *flights) land(key string, f *flight, r *call.Reply) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.reply = r
	close(f.done)
	l := fs.lanes[key]
	switch {
	case f == l.waiting: // its turn never came
		l.waiting = nil
		return
	case l.waiting == nil:
		delete(fs.lanes, key)
		return
	}
	l.running, l.waiting = l.waiting, nil
	close(l.running.begun)
}
