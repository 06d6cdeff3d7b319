package index

import (
	"slices"
	"strings"
)

// A snapshot is a set of names as a tree in flat arrays. It needs a little more than eight bytes
// per node, and the text of each distinct word once. Nodes are numbered level by level from the
// root, which is 0. The children of a node are adjacent, in the order of their words.
//
// The shape never changes. Deleting a name, or adding it again, changes a bit. A find that runs
// meanwhile sees the old or the new state.
type snapshot struct {
	words *wordTable
	word  []uint32   // of each node; the root's has no meaning
	kids  []uint32   // the first child of each node, where the children of the previous node end; at last the end of all
	leaf  sharedBits // nodes that are names
	gone  sharedBits // nodes with no name at or below them

	leaves  int // names; guarded by the Tree
	deleted int // how often a name was deleted; guarded by the Tree
}

// newSnapshot makes a snapshot of distinct valid names, which are sorted as if each had a dot at
// its end. Its words cannot be looked up before words.hash is called.
func newSnapshot(names []string) *snapshot {
	n := numberer{numbers: make(map[string]uint32, len(names))}
	rows := make([][]uint32, len(names))
	flat := make([]uint32, 0, 4*len(names)) // the words of all names
	var last []uint32
	for i, name := range names {
		start, depth := len(flat), 0
		for w := range strings.SplitSeq(name, ".") {
			if depth < len(last) && n.words[last[depth]] == w { // the usual case
				flat = append(flat, last[depth])
			} else {
				flat = append(flat, n.number(w))
			}
			depth++
		}
		last = flat[start:len(flat):len(flat)]
		rows[i] = last
	}
	words, numbers := n.sorted()
	for _, row := range rows {
		for i, w := range row {
			row[i] = numbers[w]
		}
	}
	s := &snapshot{words: newWordTable(words), leaves: len(names)}
	s.grow(rows)
	return s
}

// A numberer gives each distinct word a number.
type numberer struct {
	numbers map[string]uint32
	words   []string
}

func (n *numberer) number(word string) uint32 {
	i, known := n.numbers[word]
	if !known {
		i = uint32(len(n.words))
		n.numbers[word] = i
		n.words = append(n.words, word)
	}
	return i
}

// sorted returns the words in the order of a table, and the position of each word in it.
func (n *numberer) sorted() (words []string, places []uint32) {
	order := make([]uint32, len(n.words))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return compareWords(n.words[a], n.words[b]) })
	words, places = make([]string, len(order)), make([]uint32, len(order))
	for place, i := range order {
		words[place], places[i] = n.words[i], uint32(place)
	}
	return words, places
}

// grow makes the nodes. The names are given as rows of words.
func (s *snapshot) grow(rows [][]uint32) {
	type span struct{ from, to int } // rows that have a node in common
	s.word = []uint32{0}
	var leaves []uint32
	level := []span{{0, len(rows)}}
	for depth := 0; len(level) > 0; depth++ {
		var next []span
		base := len(s.word)
		for i, at := range level {
			node := uint32(base - len(level) + i)
			s.kids = append(s.kids, uint32(len(s.word)))
			from := at.from
			if from < at.to && len(rows[from]) == depth {
				leaves = append(leaves, node)
				from++
			}
			for from < at.to {
				to := from + 1
				for to < at.to && rows[to][depth] == rows[from][depth] {
					to++
				}
				s.word = append(s.word, rows[from][depth])
				next = append(next, span{from, to})
				from = to
			}
		}
		level = next
	}
	s.kids = append(s.kids, uint32(len(s.word)))
	s.leaf, s.gone = newSharedBits(len(s.word)), newSharedBits(len(s.word))
	for _, n := range leaves {
		s.leaf.set(n)
	}
}

// child returns the child of node that has the word.
func (s *snapshot) child(node uint32, word string) (uint32, bool) {
	number, ok := s.words.find(word)
	if !ok {
		return 0, false
	}
	from, to := s.kids[node], s.kids[node+1]
	i, ok := slices.BinarySearch(s.word[from:to], number)
	return from + uint32(i), ok
}

// freeze returns a copy that deletions do not change.
func (s *snapshot) freeze() *snapshot {
	c := *s
	c.leaf, c.gone = s.leaf.clone(), s.gone.clone()
	return &c
}

// node returns the node of a path.
func (s *snapshot) node(path string) (node uint32, ok bool) {
	for part := range strings.SplitSeq(path, ".") {
		if node, ok = s.child(node, part); !ok {
			return 0, false
		}
	}
	return node, true
}

func (s *snapshot) has(name string) bool {
	node, ok := s.node(name)
	return ok && s.leaf.has(node)
}

// set makes name a leaf, or removes the leaf, and reports whether that changed anything. A name
// without a node cannot become a leaf.
func (s *snapshot) set(name string, leaf bool) bool {
	way := make([]uint32, 0, 16)
	node, ok := uint32(0), true
	for part := range strings.SplitSeq(name, ".") {
		if node, ok = s.child(node, part); !ok {
			return false
		}
		way = append(way, node)
	}
	if s.leaf.has(node) == leaf {
		return false
	}
	if leaf {
		s.leaf.set(node)
		s.leaves++
		for i := len(way) - 1; i >= 0 && s.gone.has(way[i]); i-- {
			s.gone.clear(way[i])
		}
		return true
	}
	s.leaf.clear(node)
	s.leaves--
	s.deleted++
	for i := len(way) - 1; i >= 0 && !s.leaf.has(way[i]) && !s.branch(way[i]); i-- {
		s.gone.set(way[i])
	}
	return true
}

// branch reports whether there are names below node.
func (s *snapshot) branch(node uint32) bool {
	for i, to := s.kids[node], s.kids[node+1]; i < to; i++ {
		if !s.gone.has(i) {
			return true
		}
	}
	return false
}
