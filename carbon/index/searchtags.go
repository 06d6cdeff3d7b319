package index

import (
	"maps"
	"slices"
	"strings"
)

// search returns the best series in no particular order. It looks at each value of each tag once,
// without the lock, and then at each series that has one of the terms.
func (t *Tags) search(terms *terms, limit int) []Found {
	type marked struct {
		value string
		set   uint64
	}
	hits, seen := map[string][]marked{}, uint64(0)
	t.mu.RLock()
	names := slices.Collect(maps.Keys(t.tags))
	t.mu.RUnlock()
	for _, tag := range names {
		for _, v := range t.valuesOf(tag) {
			if set := terms.tag(tag, v); set != 0 {
				hits[tag] = append(hits[tag], marked{v, set})
				seen |= set
			}
		}
	}
	if !terms.full(seen) {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	state := make([]uint64, len(t.names))
	for tag, values := range hits {
		x := t.tags[tag]
		if x == nil {
			continue
		}
		for _, v := range values {
			x.values[v.value].mark(state, v.set)
		}
	}
	best := newBest(limit, func(a, b uint32) int { return strings.Compare(t.names[a], t.names[b]) })
	for id, s := range state {
		if terms.full(s) {
			best.offer(terms.rank(0, s, len(t.names[id]), 1), uint32(id))
		}
	}
	var found []Found
	for _, r := range best.sorted() {
		found = append(found, Found{t.names[r.of], true, r.rank})
	}
	return found
}

// mark sets bits in the states of the series of a posting, which may be nil.
func (p *posting) mark(state []uint64, set uint64) {
	switch {
	case p == nil:
	case p.many == nil:
		state[p.one] |= set
	default:
		var ids [512]uint32
		for it := p.many.ManyIterator(); ; {
			n := it.NextMany(ids[:])
			if n == 0 {
				return
			}
			for _, id := range ids[:n] {
				state[id] |= set
			}
		}
	}
}

// tag returns the last bits of the chains that the value of a tag sets.
func (t *terms) tag(tag, value string) (set uint64) {
	text := value
	if tag != "name" {
		text = tag + "=" + value
	}
	for _, term := range t.whole {
		for at := foldIndex(text, term.text); at >= 0; {
			set |= term.ends[0]
			if at == 0 || isBoundary(text[at-1]) {
				set |= term.ends[1]
				if end := at + len(term.text); end == len(text) || isBoundary(text[end]) {
					set |= term.ends[2]
				}
			}
			next := foldIndex(text[at+1:], term.text)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	return set
}

// isBoundary reports whether c ends a node, a tag or a value.
func isBoundary(c byte) bool { return c == '.' || c == '=' }
