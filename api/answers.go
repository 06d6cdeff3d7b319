package api

import (
	"container/list"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// answers keeps replies for a time, the ones asked for last within a number of
// bytes. A nil one keeps nothing.
type answers struct {
	mu    sync.Mutex
	limit int
	size  int
	order *list.List // of *kept, the one asked for last in front
	byKey map[string]*list.Element
}

type kept struct {
	key   string
	until time.Time
	size  int
	*reply
}

// keptCost is about what a reply takes besides its bytes, of which there may be packed ones, too.
const keptCost = 512

func newAnswers(limit int) *answers {
	if limit <= 0 {
		return nil
	}
	return &answers{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

// get returns what was kept for key, nil when that is nothing or too old.
func (a *answers) get(key string, now time.Time) *reply {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.byKey[key]
	if e == nil {
		return nil
	}
	k := e.Value.(*kept)
	if !now.Before(k.until) {
		a.drop(e)
		return nil
	}
	a.order.MoveToFront(e)
	return k.reply
}

// put keeps a reply, unless it would take more than a quarter of all room.
func (a *answers) put(key string, r *reply, until time.Time) {
	k := &kept{key: key, until: until, size: len(key) + len(r.body)*3/2 + keptCost, reply: r}
	if a == nil || k.size > a.limit/4 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.byKey[key]; old != nil {
		a.drop(old)
	}
	a.byKey[key] = a.order.PushFront(k)
	for a.size += k.size; a.size > a.limit; {
		a.drop(a.order.Back())
	}
}

func (a *answers) drop(e *list.Element) {
	k := a.order.Remove(e).(*kept)
	delete(a.byKey, k.key)
	a.size -= k.size
}

// replyOf takes an answer from its request. The body is copied, unless it is large:
// then no pool takes it back, and it can be shared as it is.
func replyOf(q *request, err error) *reply {
	if err != nil {
		return &reply{err: err, targets: q.targets}
	}
	r := &reply{body: q.Response.Body()}
	if cap(r.body) <= largeBody {
		r.body = slices.Clone(r.body)
	}
	for _, name := range [...]string{"Content-Type", "Cache-Control", "Expires", "Content-Security-Policy", warningHeader, errorsHeader, seriesHeader} {
		if v := q.Response.Header.Peek(name); len(v) > 0 {
			r.headers = append(r.headers, [2]string{name, string(v)})
		}
	}
	return r
}

// give makes r the answer. The body is shared by all who are given it.
func (r *reply) give(q *request) error {
	if r.err != nil {
		q.targets = r.targets
		return r.err
	}
	q.reply = r
	q.Response.SetBodyRaw(r.body)
	for _, h := range r.headers {
		q.Response.Header.Set(h[0], h[1])
	}
	return nil
}

// renderKey names what a request to /render asks for: its parameters in order, without
// those that begin with an underscore, which only make it unlike others.
func renderKey(p params) string {
	p = slices.DeleteFunc(slices.Clone(p), func(x param) bool { return strings.HasPrefix(x.name, "_") })
	slices.SortStableFunc(p, func(a, b param) int { return strings.Compare(a.name, b.name) })
	n := 0
	for _, x := range p {
		n += len(x.name) + len(x.value) + 2
	}
	key := make([]byte, 0, n)
	for _, x := range p {
		key = append(append(append(append(key, x.name...), 0), x.value...), 0)
	}
	return string(key)
}

// sharedRender answers /render: from what is kept, by what is computed for somebody
// else, or by computing it with h.
func sharedRender(h handler) handler {
	return func(q *request) error {
		if q.protocol() == protoV3 {
			return h(q)
		}
		s, key := q.s, renderKey(q.p)
		mayKeep := s.answers != nil && !q.p.has("noCache") && q.replaying == ""
		if mayKeep {
			if r := s.answers.get(key, s.now()); r != nil {
				s.metrics.hits.Add(1)
				return r.give(q)
			}
			s.metrics.misses.Add(1)
		}
		f, compute := s.flights.join(key)
		if !compute {
			return s.await(q, f)
		}
		q.flight = f
		r := &reply{err: &failure{fasthttp.StatusInternalServerError, "internal error, see the log"}} // should h panic
		defer func() { s.flights.land(key, f, r) }()
		if err := f.wait(q.ctx); err != nil {
			r = &reply{err: err}
			return err
		}
		err := h(q)
		shared := s.flights.shared(f)
		keep := mayKeep && err == nil && q.keepFor > 0 && len(q.Response.Header.Peek(warningHeader)) == 0 && len(q.Response.Header.Peek(errorsHeader)) == 0
		if !shared && !keep {
			r = nil
			return err
		}
		r = replyOf(q, err)
		q.reply = r
		if keep {
			s.answers.put(key, r, s.now().Add(q.keepFor))
		}
		return err
	}
}

// await answers by what is computed for somebody else.
func (s *Server) await(q *request, f *flight) error {
	defer q.watch(nil).end()
	defer s.flights.quit(f)
	select {
	case <-f.done:
	case <-q.ctx.Done():
		return q.ctx.Err()
	}
	s.metrics.shared.Add(1)
	return f.reply.give(q)
}
