package index

import (
	"hash/maphash"
	mathbits "math/bits"
	"sort"
	"strings"
)

// Words are sorted as if each had a dot at its end. In that order the names below words are sorted
// like whole paths ("a-b.x" before "a.x"), and words with the same prefix are adjacent.
//
// The order of the words alone differs if one word is a prefix of another and the next byte is less
// than a dot, as with "a" and "a-b". In any part of a list in the order above, each word that the
// other order would place elsewhere follows a word that begins with it.

// compareWords compares two words in that order.
func compareWords(a, b string) int {
	n := min(len(a), len(b))
	if c := strings.Compare(a[:n], b[:n]); c != 0 {
		return c
	}
	switch {
	case len(a) > n:
		return int(a[n]) - '.'
	case len(b) > n:
		return '.' - int(b[n])
	}
	return 0
}

// beforeBranch reports whether the path name comes before the paths below its sibling branch.
func beforeBranch(name, branch string) bool {
	n := min(len(name), len(branch))
	if c := strings.Compare(name[:n], branch[:n]); c != 0 {
		return c < 0
	}
	return len(name) <= len(branch) || name[n] < '.'
}

// A wordTable holds distinct words in order. A word's number is its index. The table is immutable.
type wordTable struct {
	text   string
	offset []uint32 // of each word in text, and at last the end of text
	uneven bool     // the order of the words alone differs
	upper  bool     // there are capital letters

	seed  maphash.Seed
	slots []uint32 // a hash table with number+1 of each word, or 0; its size is a power of two, and at least a quarter is empty
}

func (t *wordTable) len() int { return len(t.offset) - 1 }

func (t *wordTable) at(i uint32) string { return t.text[t.offset[i]:t.offset[i+1]] }

// find returns the number of word.
func (t *wordTable) find(word string) (uint32, bool) {
	for i := t.slot(word); t.slots[i] > 0; i = (i + 1) & (len(t.slots) - 1) {
		if n := t.slots[i] - 1; t.at(n) == word {
			return n, true
		}
	}
	return 0, false
}

// slot returns the first slot in which a word may be.
func (t *wordTable) slot(word string) int {
	return int(maphash.String(t.seed, word) & uint64(len(t.slots)-1))
}

// hash makes the hash table, which find needs.
func (t *wordTable) hash() {
	t.seed = maphash.MakeSeed()
	t.slots = make([]uint32, 1<<mathbits.Len(uint(t.len()+t.len()/3)))
	for n := range uint32(t.len()) {
		i := t.slot(t.at(n))
		for t.slots[i] > 0 {
			i = (i + 1) & (len(t.slots) - 1)
		}
		t.slots[i] = n + 1
	}
}

// withPrefix returns the range of the words that begin with prefix.
func (t *wordTable) withPrefix(prefix string) (from, to uint32) {
	n := t.len()
	if prefix == "" {
		return 0, uint32(n)
	}
	i := sort.Search(n, func(i int) bool {
		w := t.at(uint32(i))
		return strings.HasPrefix(w, prefix) || compareWords(w, prefix) >= 0
	})
	j := i + sort.Search(n-i, func(k int) bool { return !strings.HasPrefix(t.at(uint32(i+k)), prefix) })
	return uint32(i), uint32(j)
}

// newWordTable makes a table of sorted words, which may repeat.
func newWordTable(words []string) *wordTable {
	size := 0
	for _, w := range words {
		size += len(w)
	}
	t := &wordTable{offset: make([]uint32, 0, len(words)+1)}
	var text strings.Builder
	text.Grow(size)
	for i, w := range words {
		if i > 0 && words[i-1] == w {
			continue
		}
		t.uneven = t.uneven || i > 0 && strings.HasPrefix(words[i-1], w)
		t.offset = append(t.offset, uint32(text.Len()))
		text.WriteString(w)
	}
	t.offset = append(t.offset, uint32(text.Len()))
	t.text = text.String()
	t.upper = hasUpper(t.text)
	return t
}

// mergeWords returns a table of the words of a and b, and the new number of each word of both
// tables. If used is not nil, it leaves out the words of a that are not in used.
func mergeWords(a *wordTable, used bits, b *wordTable) (t *wordTable, fromA, fromB []uint32) {
	m := wordMerger{a: a, used: used, fromA: make([]uint32, a.len())}
	m.offset = make([]uint32, 0, a.len()+b.len()+1)
	m.text.Grow(len(a.text) + len(b.text))
	m.uneven = a.uneven || b.uneven
	fromB = make([]uint32, b.len())
	i := 0
	for j := range fromB {
		word := b.at(uint32(j))
		to := a.gallop(i, word)
		m.copy(i, to)
		i = to
		if i < a.len() && a.at(uint32(i)) == word {
			m.fromA[i] = uint32(len(m.offset))
			i++
		}
		fromB[j] = m.add(word)
	}
	m.copy(i, a.len())
	m.offset = append(m.offset, uint32(m.text.Len()))
	t = &wordTable{text: m.text.String(), offset: m.offset, uneven: m.uneven, upper: a.upper || b.upper}
	return t, m.fromA, fromB
}

// gallop returns the first word from number from on that is not before word. It is fast if that
// word is near.
func (t *wordTable) gallop(from int, word string) int {
	step := 1
	for from+step <= t.len() && compareWords(t.at(uint32(from+step-1)), word) < 0 {
		from += step
		step *= 2
	}
	return from + sort.Search(min(step, t.len()-from), func(k int) bool { return compareWords(t.at(uint32(from+k)), word) >= 0 })
}

type wordMerger struct {
	a      *wordTable
	used   bits
	fromA  []uint32
	text   strings.Builder
	offset []uint32
	uneven bool
	last   string
}

func (m *wordMerger) add(word string) uint32 {
	m.uneven = m.uneven || len(m.offset) > 0 && strings.HasPrefix(m.last, word)
	m.offset = append(m.offset, uint32(m.text.Len()))
	m.text.WriteString(word)
	m.last = word
	return uint32(len(m.offset) - 1)
}

// copy adds the words from <= i < to of a.
func (m *wordMerger) copy(from, to int) {
	if m.used != nil || from == to {
		for i := from; i < to; i++ {
			if m.used.has(uint32(i)) {
				m.fromA[i] = m.add(m.a.at(uint32(i)))
			}
		}
		return
	}
	m.fromA[from] = m.add(m.a.at(uint32(from)))
	moved := uint32(m.text.Len()) - m.a.offset[from+1]
	for i := from + 1; i < to; i++ {
		m.fromA[i] = uint32(len(m.offset))
		m.offset = append(m.offset, m.a.offset[i]+moved)
	}
	m.text.WriteString(m.a.text[m.a.offset[from+1]:m.a.offset[to]])
	m.last = m.a.at(uint32(to - 1))
}

// lowerASCII returns s with ASCII letters in lower case.
func lowerASCII(s string) string {
	if !hasUpper(s) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			return true
		}
	}
	return false
}

// foldIndex returns the index of the first occurrence of small in s, whose case is ignored, or -1.
// small must be in lower case.
func foldIndex(s, small string) int {
	for i := range max(0, len(s)-len(small)+1) {
		if foldEqual(s[i:i+len(small)], small) {
			return i
		}
	}
	return -1
}

// foldEqual reports whether s in lower case equals small. Both must have the same length.
func foldEqual(s, small string) bool {
	for i := range len(small) {
		if c := s[i]; c != small[i] && ('A' > c || c > 'Z' || c+'a'-'A' != small[i]) {
			return false
		}
	}
	return true
}
