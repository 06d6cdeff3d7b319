package index

import (
	"slices"
	"strings"
)

// A walker yields the paths of a snapshot that match a query.
type walker struct {
	*snapshot
	q     *query
	sets  []wordSet // of each glob
	path  []byte    // of the current node, with a dot at the end
	names nameMaker
	yield func(string, bool) bool
	steps [][]int // the open steps of each level, for **
}

// find yields the matches, sorted. It reports whether the reader wants more.
func (s *snapshot) find(q *query, yield func(string, bool) bool) bool {
	if q.path != "" {
		node, ok := s.node(q.path)
		return !ok || (!s.branch(node) || yield(q.path, false)) && (!s.leaf.has(node) || yield(q.path, true))
	}
	w := walker{snapshot: s, q: q, yield: yield, sets: make([]wordSet, len(q.globs))}
	for i := range q.globs {
		w.sets[i] = newWordSet(s.words, &q.globs[i])
	}
	if !q.deep {
		return w.level(0, 0)
	}
	return w.deep(0, q.open(nil, 0), 0)
}

// level visits the children of node that match glob number depth.
func (w *walker) level(node uint32, depth int) bool {
	set := &w.sets[depth]
	from, to := w.kids[node], w.kids[node+1]
	if depth == len(w.sets)-1 {
		return w.last(set, from, to)
	}
	if set.list != nil {
		for _, word := range set.list {
			i, found := slices.BinarySearch(w.word[from:to], word)
			from += uint32(i)
			if found && !w.down(from, depth) {
				return false
			}
		}
		return true
	}
	from, to = w.within(set, from, to)
	for ; from < to; from++ {
		if set.has(w.word[from]) && !w.down(from, depth) {
			return false
		}
	}
	return true
}

// within narrows a range of children to those whose words may match.
func (w *walker) within(set *wordSet, from, to uint32) (uint32, uint32) {
	if set.from > 0 {
		i, _ := slices.BinarySearch(w.word[from:to], set.from)
		from += uint32(i)
	}
	if set.to < uint32(w.words.len()) {
		i, _ := slices.BinarySearch(w.word[from:to], set.to)
		to = from + uint32(i)
	}
	return from, to
}

func (w *walker) down(node uint32, depth int) bool {
	if w.gone.has(node) {
		return true
	}
	size := w.enter(node)
	more := w.level(node, depth+1)
	w.path = w.path[:size]
	return more
}

func (w *walker) enter(node uint32) (size int) {
	size = len(w.path)
	w.path = append(w.path, w.words.at(w.word[node])...)
	w.path = append(w.path, '.')
	return size
}

// last yields the children from <= i < to that match the last glob.
func (w *walker) last(set *wordSet, from, to uint32) bool {
	if set.list == nil && !w.words.uneven {
		for from, to = w.within(set, from, to); from < to; from++ {
			if set.has(w.word[from]) && !w.emit(from) {
				return false
			}
		}
		return true
	}
	var found []uint32
	if set.list != nil {
		for _, word := range set.list {
			i, ok := slices.BinarySearch(w.word[from:to], word)
			if from += uint32(i); ok {
				found = append(found, from)
			}
		}
	} else {
		for from, to = w.within(set, from, to); from < to; from++ {
			if set.has(w.word[from]) {
				found = append(found, from)
			}
		}
	}
	w.sortByName(found)
	for _, n := range found {
		if !w.emit(n) {
			return false
		}
	}
	return true
}

func (w *walker) at(node uint32) string { return w.words.at(w.word[node]) }

// sortByName sorts siblings, which are in the order of the table, by their words alone.
func (w *walker) sortByName(nodes []uint32) {
	if !w.words.uneven {
		return
	}
	for i := 1; i < len(nodes); i++ {
		if strings.HasPrefix(w.at(nodes[i-1]), w.at(nodes[i])) {
			slices.SortFunc(nodes, func(a, b uint32) int { return strings.Compare(w.at(a), w.at(b)) })
			return
		}
	}
}

// emit yields node, as a branch, as a leaf or as both.
func (w *walker) emit(node uint32) bool {
	leaf := w.leaf.has(node)
	branch := w.branch(node)
	if !leaf && !branch {
		return true
	}
	name := w.names.make(w.path, w.at(node))
	return (!branch || w.yield(name, false)) && (!leaf || w.yield(name, true))
}

// deep visits the children of node, where steps are open. A child and the paths below it need not
// be adjacent: siblings may come between them ("a", "a-b", "a.c").
func (w *walker) deep(node uint32, steps []int, depth int) bool {
	from, to := w.kids[node], w.kids[node+1]
	if len(steps) == 1 && steps[0] < len(w.sets) { // not a **, which would open the step after it, too
		from, to = w.within(&w.sets[steps[0]], from, to)
	}
	var apart []uint32 // children that match, if they are not adjacent to the paths below them
	uneven := w.unevenAmong(from, to)
	if uneven {
		for i := from; i < to; i++ {
			if w.matches(w.next(i, steps, depth)) {
				apart = append(apart, i)
			}
		}
		w.sortByName(apart)
	}
	for i := from; i < to; i++ {
		next := w.next(i, steps, depth)
		if len(next) == 0 || w.gone.has(i) {
			continue
		}
		for len(apart) > 0 && beforeBranch(w.at(apart[0]), w.at(i)) {
			if !w.emit(apart[0]) {
				return false
			}
			apart = apart[1:]
		}
		if !uneven && w.matches(next) && !w.emit(i) {
			return false
		}
		size := w.enter(i)
		more := w.deep(i, next, depth+1)
		w.path = w.path[:size]
		if !more {
			return false
		}
	}
	for _, i := range apart {
		if !w.emit(i) {
			return false
		}
	}
	return true
}

// next returns the steps that are open below a child. The slice is valid until the next call with
// the same depth.
func (w *walker) next(child uint32, steps []int, depth int) []int {
	if depth == len(w.steps) {
		w.steps = append(w.steps, nil)
	}
	word := w.word[child]
	w.steps[depth] = w.q.nextFunc(w.steps[depth][:0], steps, func(step int) bool { return w.sets[step].has(word) })
	return w.steps[depth]
}

// matches reports whether the pattern may end after steps.
func (w *walker) matches(steps []int) bool { return slices.Contains(steps, len(w.sets)) }

// unevenAmong reports whether the siblings from <= i < to have another order by their words alone.
func (w *walker) unevenAmong(from, to uint32) bool {
	if !w.words.uneven {
		return false
	}
	for i := from + 1; i < to; i++ {
		if strings.HasPrefix(w.at(i-1), w.at(i)) {
			return true
		}
	}
	return false
}

// A nameMaker makes strings with less than one allocation each. They share pieces of memory, which
// grow to 4 KiB.
type nameMaker struct {
	b    strings.Builder
	size int
}

func (m *nameMaker) make(path []byte, word string) string {
	n := len(path) + len(word)
	if m.b.Cap()-m.b.Len() < n {
		m.size = min(max(2*m.size, 64), 4096)
		m.b = strings.Builder{}
		m.b.Grow(max(m.size, n))
	}
	start := m.b.Len()
	m.b.Write(path)
	m.b.WriteString(word)
	return m.b.String()[start:]
}
