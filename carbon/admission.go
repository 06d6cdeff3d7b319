package carbon

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"graphited/carbon/cache"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
)

// outcome is what the rules have decided about one received name. It stands for the name in the
// order of a connection, as a series does without rules: next is what came after it last time.
type outcome struct {
	name   string        // as received
	series *cache.Series // nil: refused
	reason wire.Reason   // why it is refused
	next   atomic.Pointer[outcome]
}

// stale reports that the series has been removed since.
func (o *outcome) stale() bool { return o.series != nil && o.series.Removed() }

const (
	outcomeShards = 64      // a power of two
	minOutcomes   = 1 << 18 // names whose outcomes are remembered at least
)

// decisions are the outcomes of one value of the rules, so that rules cost once per name and not
// once per point; those of refused names included. Other rules have other decisions. It is safe for
// concurrent use.
type decisions struct {
	rules  *NameRules
	cache  *cache.Cache
	seed   maphash.Seed
	shards [outcomeShards]struct {
		mu       sync.Mutex
		outcomes map[string]*outcome
	}
}

func newDecisions(rules *NameRules, c *cache.Cache) *decisions {
	d := &decisions{rules: rules, cache: c, seed: maphash.MakeSeed()}
	for i := range d.shards {
		d.shards[i].outcomes = map[string]*outcome{}
	}
	return d
}

// lookup returns what was decided about a name, nil when nothing was yet.
func (d *decisions) lookup(name []byte) *outcome {
	sh := &d.shards[maphash.Bytes(d.seed, name)&(outcomeShards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.outcomes[string(name)]
}

// remember keeps an outcome. Names without end, refused or all rewritten to a few series, must not
// fill the memory: a shard with far more names than there are series forgets all of its own, which
// are then decided again.
func (d *decisions) remember(o *outcome) {
	sh := &d.shards[maphash.String(d.seed, o.name)&(outcomeShards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if int64(len(sh.outcomes)) >= (minOutcomes+2*d.cache.Known())/outcomeShards {
		for _, old := range sh.outcomes {
			old.next.Store(nil) // else the forgotten would hold one another
		}
		clear(sh.outcomes)
	}
	sh.outcomes[o.name] = o
}

// namesInForce holds the decisions of the rules for names that are in force.
type namesInForce struct {
	rules func() *NameRules // nil: there are none
	cache *cache.Cache
	now   atomic.Pointer[decisions]
}

func newNamesInForce(rules func() *NameRules, c *cache.Cache) *namesInForce {
	return &namesInForce{rules: rules, cache: c}
}

// current returns the decisions of the present rules, nil when names go on as they come.
func (n *namesInForce) current() *decisions {
	if n.rules == nil {
		return nil
	}
	rules, d := n.rules(), n.now.Load()
	switch {
	case rules.Empty():
		if d != nil {
			n.now.CompareAndSwap(d, nil)
		}
		return nil
	case d != nil && d.rules == rules:
		return d
	}
	fresh := newDecisions(rules, n.cache)
	if n.now.CompareAndSwap(d, fresh) {
		return fresh
	}
	return n.current()
}

// decided returns what the rules say of a received name. As without rules, the guess from the
// connection's order is right almost always.
func (in *intake) decided(d *decisions, src *connection, name []byte) *outcome {
	if src.by != d {
		src.by, src.lastName = d, nil
	}
	last := src.lastName
	if last != nil {
		if o := last.next.Load(); o != nil && o.name == string(name) && !o.stale() {
			src.lastName = o
			return o
		}
	}
	o := d.lookup(name)
	if o == nil || o.stale() {
		o = in.decide(d, src, name)
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
func (in *intake) decide(d *decisions, src *connection, name []byte) *outcome {
	o := &outcome{name: string(name)}
	to, reason, ok := d.rules.apply(o.name, nil)
	if o.reason = reason; ok {
		if canon, valid := naming.Canonical([]byte(to)); valid {
			if o.series, o.reason = in.join(src, canon); o.series == nil {
				return o
			}
			if o.series.Name == o.name {
				o.name = o.series.Name
			}
		} else {
			o.reason = wire.BadName
		}
	}
	if len(name) <= maxReceived {
		d.remember(o)
	}
	return o
}
