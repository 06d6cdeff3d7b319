package index

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// search returns the best paths in no particular order. It looks at each distinct word once and
// then at each node.
func (t *Tree) search(terms *terms, limit int) []Found {
	t.mu.RLock()
	parts := t.parts
	found := t.live.search(nil, terms)
	if t.frozen != nil {
		found = t.frozen.search(found, terms)
	}
	t.mu.RUnlock()
	for _, p := range parts {
		s := nodeSearch{snapshot: p, terms: terms, best: newBest(limit, cmp.Compare[uint32])}
		found = append(found, s.run()...)
	}
	return found
}

// A nodeSearch looks for the best nodes of a snapshot.
type nodeSearch struct {
	*snapshot
	terms  *terms
	marks  marks
	hidden uint32 // the node of hiddenBranch; 0, the root, if there is none
	best   best
	way    []uint32 // the nodes of the path
}

func (s *nodeSearch) run() []Found {
	if s.marks = s.words.mark(s.terms); s.marks.seen&s.terms.first != s.terms.first {
		return nil
	}
	if i, ok := s.child(0, hiddenBranch); ok {
		s.hidden = i
	}
	s.walk(0, 0, 1)
	return s.results()
}

// walk visits the children of the last node of s.way. state is the state of the path, and least is
// a lower bound of the length of a child's path. Nodes of one depth are visited in order, so that
// the first of two with equal ranks is the better one. walk reads a word only if its node is wanted
// and the path may be short enough, because words are scattered in memory.
func (s *nodeSearch) walk(node uint32, state uint64, least int) {
	for i, to := s.kids[node], s.kids[node+1]; i < to; i++ {
		below := s.terms.next(state, s.marks.of(s.word[i]))
		branch := s.kids[i] < s.kids[i+1]
		wanted := s.terms.full(below) && (s.best.worst.rank >= inherited || !s.terms.inherits(state, below))
		if !wanted && (!branch || s.hopeless(below)) || s.gone.has(i) || i == s.hidden {
			continue
		}
		s.way = append(s.way, i)
		size := least
		if wanted && s.terms.rank(state, below, least, len(s.way)) <= s.best.worst.rank {
			size = s.size()
			s.best.offer(s.terms.rank(state, below, size, len(s.way)), i)
		}
		if branch {
			s.walk(i, below, size+2)
		}
		s.way = s.way[:len(s.way)-1]
	}
}

// size returns the length of the path.
func (s *nodeSearch) size() int {
	n := len(s.way) - 1
	for _, node := range s.way {
		n += len(s.at(node))
	}
	return n
}

// hopeless reports whether nothing below a path is wanted, because the path has all terms as whole
// nodes and there are enough better results.
func (s *nodeSearch) hopeless(state uint64) bool {
	return state&s.terms.ends == s.terms.ends && s.best.worst.rank < inherited
}

func (s *nodeSearch) at(node uint32) string { return s.words.at(s.word[node]) }

func (s *nodeSearch) results() []Found {
	var found []Found
	for _, r := range s.best.sorted() {
		path := s.path(r.of)
		if s.branch(r.of) {
			found = append(found, Found{path, false, r.rank})
		}
		if s.leaf.has(r.of) {
			found = append(found, Found{path, true, r.rank})
		}
	}
	return found
}

// path returns the path of a node. Children are in the order of their parents, so the parent is the
// last node whose first child is not after the node.
func (s *snapshot) path(node uint32) string {
	var parts []string
	for node > 0 {
		parts = append(parts, s.words.at(s.word[node]))
		node = uint32(sort.Search(len(s.kids)-1, func(i int) bool { return s.kids[i+1] > node }))
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}

// marks are the bits that the words of a table set for a search.
type marks struct {
	more   bits     // the words that set more than always
	set    []uint64 // the bits of those words; this memory is seldom read
	always uint64
	seen   uint64 // all bits that some word sets
}

func (m *marks) of(word uint32) uint64 {
	if m.more.has(word) {
		return m.set[word]
	}
	return m.always
}

// mark finds the parts of terms in all words.
func (t *wordTable) mark(terms *terms) marks {
	m := marks{newBits(t.len()), make([]uint64, t.len()), terms.always, terms.always}
	const step = 4096 // words that are converted to lower case at a time, if the table has capitals
	for from := 0; from < t.len(); {
		to := t.len()
		if t.upper {
			to = min(to, from+step)
		}
		text := t.text[t.offset[from]:t.offset[to]]
		if t.upper {
			text = lowerASCII(text)
		}
		for i := range terms.parts {
			if p := &terms.parts[i]; p.text != "" {
				m.part(t, p, from, text)
			}
		}
		from = to
	}
	return m
}

// part finds one part in the words from number i on, whose text in lower case is given. An
// occurrence may extend across two words and does not count then.
func (m *marks) part(t *wordTable, p *part, i int, text string) {
	start := t.offset[i]
	for at := 0; ; {
		n := strings.Index(text[at:], p.text)
		if n < 0 {
			return
		}
		at += n
		for t.offset[i+1]-start <= uint32(at) {
			i++
		}
		from, to := int(t.offset[i]-start), int(t.offset[i+1]-start)
		if at+len(p.text) > to {
			at++
			continue
		}
		set := p.at(text[from:to], at-from)
		m.more.set(uint32(i))
		m.set[i] |= set | m.always
		m.seen |= set
		at = to
	}
}

// search appends the paths that have all terms in no particular order. It appends a branch for each
// name below it.
func (l *live) search(dst []Found, terms *terms) []Found {
	for _, name := range l.names {
		state, depth := uint64(0), 0
		for start := 0; start < len(name); {
			end := len(name)
			if n := strings.IndexByte(name[start:], '.'); n >= 0 {
				end = start + n
			}
			if depth++; depth == 1 && name[:end] == hiddenBranch {
				break
			}
			below := terms.next(state, terms.word(name[start:end]))
			if terms.full(below) {
				dst = append(dst, Found{name[:end], end == len(name), terms.rank(state, below, end, depth)})
			}
			state, start = below, end+1
		}
	}
	return dst
}
