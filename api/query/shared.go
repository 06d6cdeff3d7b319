package query

import (
	"sync/atomic"

	"graphited/api/call"
)

// Shared lets requests to /render share answers: equal ones that run at the same time, and later
// ones as long as an answer may be kept.
type Shared struct {
	Joined       atomic.Int64 // requests that were answered with what was computed for another one
	Hits, Misses atomic.Int64 // of the cache

	flights flights
	answers *answers // nil: none are kept
}

// NewShared returns a Shared that keeps answers of at most cacheSize bytes, 0 for none.
func NewShared(cacheSize int) *Shared {
	return &Shared{flights: flights{lanes: map[string]*lane{}}, answers: newAnswers(cacheSize)}
}

// Load returns how many requests compute an answer or will, and how many wait for one of these.
func (s *Shared) Load() (computing, waiting int) {
	s.flights.mu.Lock()
	defer s.flights.mu.Unlock()
	for _, l := range s.flights.lanes {
		for _, f := range [...]*flight{l.running, l.waiting} {
			if f != nil {
				computing, waiting = computing+1, waiting+f.others
			}
		}
	}
	return computing, waiting
}

// await answers with what is computed for another request.
func (s *Shared) await(q *call.Request, f *flight) error {
	defer q.Watch()()
	defer s.flights.quit(f)
	select {
	case <-f.done:
	case <-q.Ctx.Done():
		return q.Ctx.Err()
	}
	s.Joined.Add(1)
	return f.reply.Give(q)
}
