package query

import (
	"container/list"
	"sync"
	"time"

	"graphited/api/call"
)

// answers keeps replies for a time, within a number of bytes those that were requested last. A nil
// *answers keeps nothing.
type answers struct {
	mu    sync.Mutex
	limit int
	size  int
	order *list.List // of *kept, the one requested last in front
	byKey map[string]*list.Element
}

type kept struct {
	key   string
	until time.Time
	size  int
	*call.Reply
}

// keptCost is about the memory of a reply beside its bytes, of which there may be compressed ones,
// too.
const keptCost = 512

func newAnswers(limit int) *answers {
	if limit <= 0 {
		return nil
	}
	return &answers{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

// get returns the reply that was kept for key, or nil if there is none or it is too old.
func (a *answers) get(key string, now time.Time) *call.Reply {
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
	return k.Reply
}

// put keeps a reply, unless it would take more than a quarter of the limit.
func (a *answers) put(key string, r *call.Reply, until time.Time) {
	k := &kept{key: key, until: until, size: len(key) + len(r.Body)*3/2 + keptCost, Reply: r}
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
