package carbon

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"graphited/carbon/wire"
)

// outcome is what the rules have decided about one received name. It stands for the name in the
// order of a connection, as a series does without rules: next is what came after it last time.
type outcome struct {
	name   string      // as received
	series *series     // nil: refused
	reason wire.Reason // why it is refused
	next   atomic.Pointer[outcome]
}

// stale reports that the series has been removed since.
func (o *outcome) stale() bool { return o.series != nil && o.series.dead.Load() }

const (
	admissionShards = 64      // a power of two
	minOutcomes     = 1 << 18 // names that an admission remembers at least, before it forgets
)

// admission applies one value of the rules and remembers what came out, so that rules cost once per
// name and not once per point; refused names included. Other rules are another admission: what was
// decided by the old ones goes with it. It is safe for concurrent use.
type admission struct {
	rules  *NameRules
	cache  *Cache
	seed   maphash.Seed
	shards [admissionShards]struct {
		mu       sync.Mutex
		outcomes map[string]*outcome
	}
}

func newAdmission(rules *NameRules, c *Cache) *admission {
	a := &admission{rules: rules, cache: c, seed: maphash.MakeSeed()}
	for i := range a.shards {
		a.shards[i].outcomes = map[string]*outcome{}
	}
	return a
}

// lookup returns what was decided about a name, nil when nothing was yet.
func (a *admission) lookup(name []byte) *outcome {
	sh := &a.shards[maphash.Bytes(a.seed, name)&(admissionShards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.outcomes[string(name)]
}

// remember keeps an outcome. Names without end, refused or all rewritten to a few series, must not
// fill the memory: a shard with far more names than there are series forgets all of its own, and
// decides anew.
func (a *admission) remember(o *outcome) {
	sh := &a.shards[maphash.String(a.seed, o.name)&(admissionShards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if int64(len(sh.outcomes)) >= (minOutcomes+2*a.cache.Known())/admissionShards {
		for _, old := range sh.outcomes {
			old.next.Store(nil) // else the forgotten would hold one another
		}
		clear(sh.outcomes)
	}
	sh.outcomes[o.name] = o
}

// gatekeeper holds the admission of the rules that are in force.
type gatekeeper struct {
	rules func() *NameRules // nil: there are none
	cache *Cache
	now   atomic.Pointer[admission]
}

// current returns the admission for the present rules, nil when names go on as they come.
func (g *gatekeeper) current() *admission {
	if g.rules == nil {
		return nil
	}
	rules, a := g.rules(), g.now.Load()
	switch {
	case rules.Empty():
		if a != nil {
			g.now.CompareAndSwap(a, nil)
		}
		return nil
	case a != nil && a.rules == rules:
		return a
	}
	fresh := newAdmission(rules, g.cache)
	if g.now.CompareAndSwap(a, fresh) {
		return fresh
	}
	return g.current()
}

// admit returns what the rules say of a received name. As without rules, the guess from the
// connection's order is right almost always.
func (in *intake) admit(a *admission, src *connection, name []byte) *outcome {
	if src.by != a {
		src.by, src.lastName = a, nil
	}
	last := src.lastName
	if last != nil {
		if o := last.next.Load(); o != nil && o.name == string(name) && !o.stale() {
			src.lastName = o
			return o
		}
	}
	o := a.lookup(name)
	if o == nil || o.stale() {
		o = in.decide(a, src, name)
	}
	if o.series == nil && (o.reason == wire.TooManySeries || o.reason == wire.OverQuota) {
		return o // and forgotten: another time there may be room
	}
	if last != nil {
		last.next.Store(o)
	}
	src.lastName = o
	return o
}

// decide applies the rules to a name that they have not seen.
func (in *intake) decide(a *admission, src *connection, name []byte) *outcome {
	o := &outcome{name: string(name)}
	to, reason, ok := a.rules.apply(o.name, nil)
	if o.reason = reason; ok {
		if canon, valid := canonical([]byte(to)); valid {
			if o.series = in.join(src, canon); o.series == nil {
				o.reason = in.why
				return o
			}
			if o.series.name == o.name {
				o.name = o.series.name
			}
		} else {
			o.reason = wire.BadName
		}
	}
	if len(name) <= maxReceived {
		a.remember(o)
	}
	return o
}
