package index

import (
	"math"
	"slices"
	"strings"
)

// A wordSet is the words of one table that match a glob. Each word is matched at most once. It is used by one goroutine.
type wordSet struct {
	words    *wordTable
	glob     *glob
	from, to uint32   // the words that may match
	list     []uint32 // those of globWord and globWords, sorted; nil for other kinds
	known    bits     // words already matched, counted from from; nil for globAny
	matched  bits
	tried    uint32 // how many are known; full when all are
}

const full = math.MaxUint32

func newWordSet(words *wordTable, g *glob) wordSet {
	s := wordSet{words: words, glob: g, to: uint32(words.len())}
	switch g.kind {
	case globWord:
		s.list = s.appendWord([]uint32{}, g.prefix)
	case globWords:
		s.list = []uint32{}
		for _, w := range g.words {
			s.list = s.appendWord(s.list, w)
		}
		slices.Sort(s.list)
	case globStars, globAutomaton:
		s.from, s.to = words.withPrefix(g.prefix)
		s.matched = newBits(int(s.to - s.from))
		s.known = newBits(int(s.to - s.from))
	}
	return s
}

func (s *wordSet) appendWord(dst []uint32, word string) []uint32 {
	if i, ok := s.words.find(word); ok {
		dst = append(dst, i)
	}
	return dst
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
	// Words asked for one by one lie scattered in memory. When it comes to many, going through all of them is cheaper.
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

// fill matches all words, at the speed of searching a text where the glob has a literal in its middle.
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
