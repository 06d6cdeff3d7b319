package index

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
)

// A live is a tree of maps: the names that came since the last merge. It is guarded by its Tree, with one exception: while a merge
// reads the names nothing but leaf changes.
type live struct {
	root liveNode
	text uint64 // bytes of all words, distinct or not
}

type liveNode struct {
	kids   map[string]*liveNode
	leaf   atomic.Bool
	leaves int // at or below this node; a node with none is as good as absent
}

// A hit is one answer of a find.
type hit struct {
	path string
	leaf bool
}

// compareHits orders by path, the branch before the leaf.
func compareHits(a, b hit) int {
	if c := cmp.Compare(a.path, b.path); c != 0 || a.leaf == b.leaf {
		return c
	}
	if b.leaf {
		return -1
	}
	return 1
}

func (l *live) len() int { return l.root.leaves }

// add makes name a leaf and tells whether it was none.
func (l *live) add(name string) bool {
	n := &l.root
	way := make([]*liveNode, 0, 16)
	for part := range strings.SplitSeq(name, ".") {
		way = append(way, n)
		kid := n.kids[part]
		if kid == nil {
			kid = &liveNode{}
			if n.kids == nil {
				n.kids = make(map[string]*liveNode)
			}
			n.kids[strings.Clone(part)] = kid
			l.text += uint64(len(part))
		}
		n = kid
	}
	if n.leaf.Load() {
		return false
	}
	n.leaf.Store(true)
	n.leaves++
	for _, n := range way {
		n.leaves++
	}
	return true
}

// delete makes name no leaf and tells whether it was one.
func (l *live) delete(name string) bool {
	if !l.has(name) {
		return false
	}
	n := &l.root
	n.leaves--
	for part := range strings.SplitSeq(name, ".") {
		n = n.kids[part]
		n.leaves--
	}
	n.leaf.Store(false)
	return true
}

func (l *live) has(name string) bool {
	n := &l.root
	for part := range strings.SplitSeq(name, ".") {
		if n = n.kids[part]; n == nil {
			return false
		}
	}
	return n.leaf.Load()
}

// names returns all names, sorted as with a dot after each.
func (l *live) names() []string {
	var names []string
	var path []byte
	var walk func(n *liveNode)
	walk = func(n *liveNode) {
		if n.leaf.Load() {
			names = append(names, string(path))
		}
		words := make([]string, 0, len(n.kids))
		for w := range n.kids {
			words = append(words, w)
		}
		sortWords(words)
		size := len(path)
		for _, w := range words {
			if size > 0 {
				path = append(path, '.')
			}
			path = append(path, w...)
			walk(n.kids[w])
			path = path[:size]
		}
	}
	walk(&l.root)
	return names
}

// find appends what matches, in no order.
func (l *live) find(dst []hit, q *query) []hit {
	if l.len() == 0 {
		return dst
	}
	f := liveFinder{q: q, hits: dst}
	f.walk(&l.root, q.open(nil, 0))
	return f.hits
}

type liveFinder struct {
	q    *query
	path []byte
	hits []hit
}

func (f *liveFinder) walk(n *liveNode, steps []int) {
	if len(steps) == 1 && steps[0] < len(f.q.globs) && f.q.globs[steps[0]].kind == globWord {
		word := f.q.globs[steps[0]].prefix
		if kid := n.kids[word]; kid != nil {
			f.visit(kid, word, steps)
		}
		return
	}
	for word, kid := range n.kids {
		f.visit(kid, word, steps)
	}
}

func (f *liveFinder) visit(n *liveNode, word string, steps []int) {
	if n.leaves == 0 {
		return
	}
	next := f.q.next(nil, steps, word)
	if len(next) == 0 {
		return
	}
	size := len(f.path)
	if size > 0 {
		f.path = append(f.path, '.')
	}
	f.path = append(f.path, word...)
	if slices.Contains(next, len(f.q.globs)) {
		path, leaf := string(f.path), n.leaf.Load()
		if n.leaves > 1 || !leaf {
			f.hits = append(f.hits, hit{path, false})
		}
		if leaf {
			f.hits = append(f.hits, hit{path, true})
		}
	}
	f.walk(n, next)
	f.path = f.path[:size]
}
