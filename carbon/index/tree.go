package index

import (
	"iter"
	"slices"
	"sync"
)

// A Tree is the set of metric names, as a tree with a level for each node between dots. It is safe
// for concurrent use.
//
// It is for untagged names: tagged ones (with a ;) belong into Tags, because their values may have
// dots.
type Tree struct {
	mu      sync.RWMutex
	parts   []*snapshot    // what was merged, never empty; a name is in one of them at most; replaced, not changed, so that a find reads on without mu; guarded by mu
	live    *live          // names that no part has; guarded by mu
	frozen  *live          // what is being merged; nil when nothing is; guarded by mu
	redo    []string       // names that were deleted during the merge; guarded by mu
	done    chan struct{}  // closed when the merge ends; nil when none is running; guarded by mu
	closed  bool           // guarded by mu
	changes uint64         // names that came or went; guarded by mu
	merging sync.WaitGroup // the goroutine of a merge
}

// New returns an empty Tree. It has a goroutine only while it merges, which Close waits for.
func New() *Tree {
	return &Tree{parts: []*snapshot{mergeAll(nil, nil)}, live: &live{}}
}

// merged tells whether a part has name. The caller holds mu.
func (t *Tree) merged(name string) bool {
	for _, p := range t.parts {
		if p.has(name) {
			return true
		}
	}
	return false
}

// Has tells whether name is in the index as a leaf.
func (t *Tree) Has(name string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.hasLocked(name)
}

func (t *Tree) hasLocked(name string) bool {
	return t.live.has(name) || t.merged(name) || t.frozen != nil && t.frozen.has(name)
}

// Len returns the number of names.
func (t *Tree) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.live.len()
	for _, p := range t.parts {
		n += p.leaves
	}
	if t.frozen != nil {
		n += t.frozen.len()
	}
	return n
}

// Changes returns how many names have come or gone so far.
func (t *Tree) Changes() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changes
}

// Find yields what matches pattern, with true for a leaf and false for a branch; a path that is
// both comes twice, the branch first. Paths come sorted by their bytes.
//
// The pattern is Graphite's: * ? [a-z] [!a] {a,b} within a node, and ** for any number of nodes,
// also none; ** at the end is all paths below. Backslashes mean nothing. A pattern with an empty
// node finds nothing.
//
// The reader may take its time and call other methods; names that come and go meanwhile are found
// or not. The strings of one find share memory in pieces of some KiB: who keeps one of many for
// long should clone it.
func (t *Tree) Find(pattern string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if q, ok := newQuery(pattern); ok {
			t.find(&q, yield)
		}
	}
}

// Names yields every name, sorted by its bytes, on the conditions of Find.
func (t *Tree) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		q := allNames()
		t.find(&q, func(path string, leaf bool) bool { return !leaf || yield(path) })
	}
}

// find streams what the largest part has and puts between it what is elsewhere, which it collects
// before.
func (t *Tree) find(q *query, yield func(string, bool) bool) {
	t.mu.RLock()
	parts := t.parts
	hits := t.live.find(nil, q)
	if t.frozen != nil {
		hits = t.frozen.find(hits, q)
	}
	t.mu.RUnlock()
	base := parts[0]
	for _, p := range parts[1:] {
		p.find(q, func(path string, leaf bool) bool {
			hits = append(hits, hit{path, leaf})
			return true
		})
	}
	if len(hits) == 0 {
		base.find(q, yield)
		return
	}
	slices.SortFunc(hits, compareHits)
	hits = slices.Compact(hits)
	more := base.find(q, func(path string, leaf bool) bool {
		at := hit{path, leaf}
		for len(hits) > 0 {
			c := compareHits(hits[0], at)
			if c > 0 {
				break
			}
			h := hits[0]
			hits = hits[1:]
			if c < 0 && !yield(h.path, h.leaf) {
				return false
			}
		}
		return yield(path, leaf)
	})
	for more && len(hits) > 0 {
		more = yield(hits[0].path, hits[0].leaf)
		hits = hits[1:]
	}
}
