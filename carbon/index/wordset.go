package index

import (
	"math"
	"slices"
	"strings"
)

// A wordSet is the set of the words of one table that match a glob. It matches each word at most
// once. It is not safe for concurrent use.
type wordSet struct {
	words    *wordTable
	glob     *glob
	from, to uint32   // the words that may match
	list     []uint32 // for globWord and globWords the words that match, sorted; nil for other kinds
	tested   bits     // words that were compared with the glob, counted from from; nil for globAny
	matched  bits     // those of them that match
	tried    uint32   // how many were compared, or allTried
}

// allTried says that matched is complete.
const allTried = math.MaxUint32

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
		s.tested = newBits(int(s.to - s.from))
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

// has reports whether a word matches.
func (s *wordSet) has(word uint32) bool {
	switch {
	case s.list != nil:
		_, found := slices.BinarySearch(s.list, word)
		return found
	case s.tested == nil:
		return true
	case word < s.from || word >= s.to:
		return false
	}
	i := word - s.from
	if s.tried == allTried || s.tested.has(i) {
		return s.matched.has(i)
	}
	// Single words are scattered in memory. If there are many, matching all words in order is
	// faster.
	if s.tried++; s.tried > 64+(s.to-s.from)/64 {
		s.fill()
		return s.matched.has(i)
	}
	s.tested.set(i)
	if !s.glob.match(s.words.at(word)) {
		return false
	}
	s.matched.set(i)
	return true
}

// fill matches all words. If the glob has a literal besides its prefix, it searches the text of the
// table for the literal.
func (s *wordSet) fill() {
	s.tried = allTried
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
