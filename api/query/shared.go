package query

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/valyala/fasthttp"

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

// renderKey identifies what a request to /render asks for: its parameters in order, without those
// that begin with an underscore, which only make it different from others.
func renderKey(p call.Params) string {
	p = slices.DeleteFunc(slices.Clone(p), func(x call.Param) bool { return strings.HasPrefix(x.Name, "_") })
	slices.SortStableFunc(p, func(a, b call.Param) int { return strings.Compare(a.Name, b.Name) })
	n := 0
	for _, x := range p {
		n += len(x.Name) + len(x.Value) + 2
	}
	key := make([]byte, 0, n)
	for _, x := range p {
		key = append(append(append(append(key, x.Name...), 0), x.Value...), 0)
	}
	return string(key)
}

// replyHeaders are the headers that belong to an answer of /render.
var replyHeaders = []string{"Content-Type", "Cache-Control", "Expires", "Content-Security-Policy", call.WarningHeader, errorsHeader, problemsHeader, seriesHeader}

// Render answers /render: from the cache, with what is computed for another request, or by computing
// the answer.
func (v *Views) Render(q *call.Request) error {
	s, key := v.Shared, renderKey(q.Params)
	mayKeep := s.answers != nil && !q.Params.Has("noCache") && q.Replaying == ""
	if mayKeep {
		if r := s.answers.get(key, q.Site.Now()); r != nil {
			s.Hits.Add(1)
			return r.Give(q)
		}
		s.Misses.Add(1)
	}
	f, compute := s.flights.join(key)
	if !compute {
		return s.await(q, f)
	}
	q.Wanted = func() bool { return s.flights.shared(f) }
	r := &call.Reply{Err: call.Fail(fasthttp.StatusInternalServerError, "internal error, see the log")} // in case of a panic
	defer func() { s.flights.land(key, f, r) }()
	if err := f.wait(q.Ctx); err != nil {
		r = &call.Reply{Err: err}
		return err
	}
	keepFor, err := v.render(q)
	shared := s.flights.shared(f)
	keep := mayKeep && err == nil && keepFor > 0 && len(q.Response.Header.Peek(call.WarningHeader)) == 0 && len(q.Response.Header.Peek(errorsHeader)) == 0
	if !shared && !keep {
		r = nil
		return err
	}
	r = call.ReplyOf(q, err, replyHeaders...)
	q.Reply = r
	if keep {
		s.answers.put(key, r, q.Site.Now().Add(keepFor))
	}
	return err
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
