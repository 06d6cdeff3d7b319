package index

import (
	"iter"
	"slices"
	"sync"
)

// A Tree is a set of metric names, as a tree with a level for each node between dots. It is safe
// for concurrent use.
//
// It holds names without tags. Names with tags (with a ;) belong in Tags, because their values may
// have dots.
type Tree struct {
	mu      sync.RWMutex
	parts   []*snapshot    // merged names; never empty; a name is in at most one; replaced, not changed, so that a find can read it without mu; guarded by mu
	live    *live          // names that are in no part; guarded by mu
	frozen  *live          // names that are being merged, or nil; guarded by mu
	redo    []string       // names that were deleted during the merge; guarded by mu
	done    chan struct{}  // closed at the end of the running merge, nil if there is none; guarded by mu
	closed  bool           // guarded by mu
	changes uint64         // names added or deleted; guarded by mu
	merging sync.WaitGroup // the goroutine of a merge
}

// New returns an empty Tree. It has a goroutine only during a merge, and Close waits for it.
func New() *Tree {
	return &Tree{parts: []*snapshot{mergeAll(nil, nil)}, live: &live{}}
}

// merged reports whether name is in a part. The caller must hold mu.
func (t *Tree) merged(name string) bool {
	for _, p := range t.parts {
		if p.has(name) {
			return true
		}
	}
	return false
}

// Has reports whether name is in the index as a leaf.
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

// Changes returns how many names have been added or deleted so far.
func (t *Tree) Changes() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changes
}

// Find yields the paths that match pattern, with true for a leaf and false for a branch. It yields
// a path that is both twice, the branch first. Paths are sorted by their bytes.
//
// The pattern is Graphite's: * ? [a-z] [!a] {a,b} within a node, and ** for any number of nodes,
// including none. ** at the end matches all paths below. Backslashes are ignored. A pattern with an
// empty node finds nothing.
//
// The reader may be slow and may call other methods. Find may or may not find names that are added
// or deleted meanwhile. The strings of one find share pieces of memory of a few KiB, so a caller
// that stores one of many for long should clone it.
func (t *Tree) Find(pattern string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if q, ok := newQuery(pattern); ok {
			t.find(&q, yield)
		}
	}
}

// Names yields every name, sorted by its bytes. What Find says about its reader applies here, too.
func (t *Tree) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		q := allNames()
		t.find(&q, func(path string, leaf bool) bool { return !leaf || yield(path) })
	}
}

// find streams the matches of the largest part and inserts the matches of everything else, which it
// collects first.
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
