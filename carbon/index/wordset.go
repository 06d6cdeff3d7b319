package index

import (
	"math"
	"slices"
	"strings"
)

// A wordSet is the words of one table that match a glob. Each word is matched at most once. It is
// used by one goroutine.
type wordSet struct {
	words    *wordTable
	glob     *glob
	from, to uint32   // the words that may match
	list     []uint32 // those that do match, of globWord and globWords, sorted; nil for other kinds
	known    bits     // words already matched, counted from from; nil for globAny
	matched  bits
	tried    uint32 // how many are known; full when all are
}

const full = math.MaxUint32

func newWordSet(words *wordTable, g *glob) wordSet {
	s := wordSet{words: words, glob: g, to: uint32(words.len())}
	switch g.kind {
	case globWord:
		s.setList(g.prefix)
	case globWords:
		s.setList(g.words...)
	case globStars, globAutomaton:
		s.from, s.to = words.withPrefix(g.prefix)
		s.matched = newBits(int(s.to - s.from))
		s.known = newBits(int(s.to - s.from))
	}
	return s
}

func (s *wordSet) setList(words ...string) {
	s.list = make([]uint32, 0, len(words))
	for _, w := range words {
		if i, ok := s.words.find(w); ok {
			s.list = append(s.list, i)
		}
	}
	slices.Sort(s.list)
	s.from, s.to = 0, 0
	if n := len(s.list); n > 0 {
		s.from, s.to = s.list[0], s.list[n-1]+1
	}
}

// has tells whether a word matches.
func (s *wordSet) has(word uint32) bool {
	switch {
	case s.list != nil:
		_, found := slices.BinarySearch(s.list, word)
		return found
	case s.known == nil:
		return true
	case word < s.from || word >= s.to:
		return false
	}
	i := word - s.from
	if s.tried == full || s.known.has(i) {
		return s.matched.has(i)
	}
	// Words asked for one by one lie scattered in memory. When it comes to many, going through all
	// of them is cheaper.
	if s.tried++; s.tried > 64+(s.to-s.from)/64 {
		s.fill()
		return s.matched.has(i)
	}
	s.known.set(i)
	if !s.glob.match(s.words.at(word)) {
		return false
	}
	s.matched.set(i)
	return true
}

// fill matches all words, at the speed of searching a text where the glob has a literal in its
// middle.
func (s *wordSet) fill() {
	s.tried = full
	rare := s.glob.suffix
	for _, m := range s.glob.mids {
		if len(m) > len(rare) {
			rare = m
		}
	}
	for i := s.from; i < s.to; i++ {
		if rare != "" { // no word before the one with the next occurrence can match
			n := strings.Index(s.words.text[s.words.offset[i]:s.words.offset[s.to]], rare)
			if n < 0 {
				return
			}
			for at := s.words.offset[i] + uint32(n); s.words.offset[i+1] <= at; {
				i++
			}
		}
		if s.glob.match(s.words.at(i)) {
			s.matched.set(i - s.from)
		}
	}
}
