package index

import (
	"cmp"
	"slices"
)

// A merger builds a snapshot from two, level by level.
type merger struct {
	a, b         *snapshot
	fromA, fromB []uint32 // new numbers of the words
	out          *snapshot
	kids         uint32 // where the children of the next node begin
	next         []nodeSpan
}

// A nodeSpan is the source of a run of new nodes: adjacent nodes of a, or of b, or one of each with
// the same path.
type nodeSpan struct{ a, aTo, b, bTo uint32 }

// merge returns a snapshot with the names of both, neither of which may change meanwhile. It leaves
// out the nodes that are gone in a; none may be gone in b. It takes a few nanoseconds per node.
func merge(a, b *snapshot) *snapshot {
	m := &merger{a: a, b: b, kids: 1}
	var used bits
	if a.deleted > 0 {
		used = newBits(a.words.len())
		for i, w := range a.word {
			if i > 0 && !a.gone.has(uint32(i)) {
				used.set(w)
			}
		}
	}
	n := len(a.word) + len(b.word) - 1
	m.out = &snapshot{
		word: make([]uint32, 0, n),
		kids: make([]uint32, 0, n+1),
		leaf: newSharedBits(n),
		gone: newSharedBits(n),
	}
	m.out.words, m.fromA, m.fromB = mergeWords(a.words, used, b.words)
	level := []nodeSpan{{0, 1, 0, 1}}
	for len(level) > 0 {
		m.next = nil
		for _, s := range level {
			switch {
			case s.b == s.bTo:
				m.copy(m.a, m.fromA, s.a, s.aTo)
			case s.a == s.aTo:
				m.copy(m.b, m.fromB, s.b, s.bTo)
			default:
				m.join(s.a, s.b)
			}
		}
		level = m.next
	}
	m.out.kids = append(m.out.kids, uint32(len(m.out.word)))
	return m.out
}

// node appends one node.
func (m *merger) node(word uint32, leaf bool) {
	if leaf {
		m.out.leaf.set(uint32(len(m.out.word)))
		m.out.leaves++
	}
	m.out.word = append(m.out.word, word)
	m.out.kids = append(m.out.kids, m.kids)
}

// copy appends the nodes from <= i < to of s, which are not in the other snapshot.
func (m *merger) copy(s *snapshot, words []uint32, from, to uint32) {
	if s.deleted == 0 {
		for i := from; i < to; i++ {
			m.node(words[s.word[i]], s.leaf.has(i))
			m.kids += s.kids[i+1] - s.kids[i]
		}
		m.run(s, s.kids[from], s.kids[to])
		return
	}
	for i := from; i < to; i++ {
		m.node(words[s.word[i]], s.leaf.has(i))
		for c := s.kids[i]; c < s.kids[i+1]; c++ {
			if !s.gone.has(c) {
				m.kids++
				m.run(s, c, c+1)
			}
		}
	}
}

// run adds nodes that only s has to the next level. If they follow the last span, it extends that.
func (m *merger) run(s *snapshot, from, to uint32) {
	if from == to {
		return
	}
	var last *nodeSpan
	if n := len(m.next); n > 0 {
		last = &m.next[n-1]
	}
	switch {
	case s == m.a && last != nil && last.b == last.bTo && last.aTo == from:
		last.aTo = to
	case s == m.b && last != nil && last.a == last.aTo && last.bTo == from:
		last.bTo = to
	case s == m.a:
		m.next = append(m.next, nodeSpan{a: from, aTo: to})
	default:
		m.next = append(m.next, nodeSpan{b: from, bTo: to})
	}
}

// join appends the node that is a in one snapshot and b in the other.
func (m *merger) join(a, b uint32) {
	word := uint32(0)
	if a > 0 {
		word = m.fromA[m.a.word[a]]
	}
	m.node(word, m.a.leaf.has(a) || m.b.leaf.has(b))
	i, iTo := m.a.kids[a], m.a.kids[a+1]
	j, jTo := m.b.kids[b], m.b.kids[b+1]
	for i < iTo || j < jTo {
		if i < iTo && m.a.gone.has(i) {
			i++
			continue
		}
		m.kids++
		switch {
		case j == jTo || i < iTo && m.fromA[m.a.word[i]] < m.fromB[m.b.word[j]]:
			m.run(m.a, i, i+1)
			i++
		case i == iTo || m.fromA[m.a.word[i]] > m.fromB[m.b.word[j]]:
			m.run(m.b, j, j+1)
			j++
		default:
			m.next = append(m.next, nodeSpan{i, i + 1, j, j + 1})
			i++
			j++
		}
	}
}

// minMerge is how many new names, or deletions, are worth a merge.
const minMerge = 256

// mergeAll makes one snapshot of names and parts. It changes the order of names.
func mergeAll(names []string, parts []*snapshot) *snapshot {
	merged := snapshotOf(names)
	for _, p := range slices.Backward(parts) {
		merged = merge(p, merged)
	}
	merged.words.hash()
	return merged
}

// snapshotOf makes a snapshot of distinct names in any order. It splits many names into halves and
// merges their snapshots. That reads memory in order, whereas sorting all names would not.
func snapshotOf(names []string) *snapshot {
	if n := len(names) / 2; n >= 4*minMerge {
		return merge(snapshotOf(names[:n]), snapshotOf(names[n:]))
	}
	// In the order of a word table, with a name before those below it.
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(compareWords(a, b), len(a)-len(b)) })
	return newSnapshot(names)
}
