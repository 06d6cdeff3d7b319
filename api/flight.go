package api

import (
	"context"
	"sync"
)

// reply is an answer apart from its request, so that others can be given it.
type reply struct {
	body    []byte
	headers [][2]string
	err     error    // then there is nothing else
	targets []string // that the error is about

	gzip, zstd struct {
		once sync.Once
		body []byte
	}
}

// pack returns the body as pack makes it, which is done once for each coding.
func (r *reply) pack(coding string, pack func(coding string, body []byte) []byte) []byte {
	p := &r.gzip
	if coding == "zstd" {
		p = &r.zstd
	}
	p.once.Do(func() { p.body = pack(coding, r.body) })
	return p.body
}

// flights lets equal requests share one answer. A point that was received before a
// request must be in its answer, so it never joins what is being computed already,
// which may have read the series before; it waits for that to end, and what is then
// computed is for all that wait. So of equal requests, however many there are, one
// is computed at a time, and each waits for two at most.
type flights struct {
	mu    sync.Mutex
	lanes map[string]*lane // by what is asked for; only those in use
}

// lane is what is under way for one question.
type lane struct {
	running *flight
	waiting *flight // begins when running has ended; nil: nobody waits
}

// flight is one computation, and who wants its reply.
type flight struct {
	begun  chan struct{} // closed when it may begin
	done   chan struct{} // closed when reply is there
	others int           // that wait for it besides the one that computes it
	reply  *reply
}

func newFlight() *flight {
	return &flight{begun: make(chan struct{}), done: make(chan struct{})}
}

// join returns the flight for key, and whether the caller is to compute it: then
// wait comes first, and land must follow in any case.
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

// shared tells whether somebody else wants the reply. Nobody joins once it began.
func (fs *flights) shared(f *flight) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return f.others > 0
}

// quit is the end of waiting for f, whether its reply is there or not.
func (fs *flights) quit(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.others--
}

// land gives the reply to all who wait for it, and lets the next flight begin.
func (fs *flights) land(key string, f *flight, r *reply) {
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
