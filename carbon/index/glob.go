package index

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A glob is one compiled node of a find pattern. It is used by one goroutine only, because its
// automaton grows while it matches.
type glob struct {
	kind   globKind
	prefix string   // every word that matches begins with it; the word itself for globWord
	words  []string // globWords: sorted, without duplicates
	mids   []string // globStars: what must follow the prefix, in this order
	suffix string   // globStars: how the word must end
	dfa    *dfa     // globAutomaton
}

type globKind uint8

const (
	globWord      globKind = iota // one word, no wildcard
	globWords                     // a few words: braces without wildcards
	globAny                       // *
	globStars                     // literals with stars between them
	globAutomaton                 // all else
	globDeep                      // **: any number of nodes, also none
)

// newGlob compiles one node of a pattern. ok is false when no word can match.
func newGlob(s string) (g glob, ok bool) {
	if s == "" {
		return glob{}, false
	}
	if !strings.ContainsAny(s, "*?[{") {
		return glob{kind: globWord, prefix: s}, true
	}
	seq, ok := parseBraces(s)
	if !ok {
		return glob{}, false
	}
	switch seq.stars() & (1<<1 | 1<<2) {
	case 1 << 1:
		return glob{kind: globAny}, true
	case 1 << 2, 1<<1 | 1<<2:
		return glob{kind: globDeep}, true
	}
	if seq.few() {
		words := seq.words()
		slices.Sort(words)
		words = slices.Compact(words)
		if len(words) > 0 && words[0] == "" { // {a,} may leave nothing, and no node is named so
			words = words[1:]
		}
		return glob{kind: globWords, words: words}, len(words) > 0
	}
	if g, ok := newStars(s, seq); ok {
		return g, true
	}
	return glob{kind: globAutomaton, prefix: seq.prefix(), dfa: newDFA(seq)}, true
}

// newStars makes the usual form, literals and stars only, which needs no automaton.
func newStars(s string, seq sequence) (glob, bool) {
	if len(seq) != 1 || seq[0].alts != nil || !utf8.ValidString(s) {
		return glob{}, false
	}
	for _, t := range seq[0].tokens {
		if t.kind != tokenText && t.kind != tokenStar {
			return glob{}, false
		}
	}
	p := strings.Split(s, "*")
	last := len(p) - 1
	g := glob{kind: globStars, prefix: p[0], suffix: p[last]}
	for _, m := range p[1:last] {
		if m != "" {
			g.mids = append(g.mids, m)
		}
	}
	return g, true
}

// match tells whether word matches.
func (g *glob) match(word string) bool {
	switch g.kind {
	case globWord:
		return word == g.prefix
	case globWords:
		_, found := slices.BinarySearch(g.words, word)
		return found
	case globStars:
		return g.matchStars(word)
	case globAutomaton:
		return g.dfa.match(word)
	}
	return true
}

// matchStars takes each literal where it comes first: with nothing but stars between them that
// leaves the most for the rest.
func (g *glob) matchStars(word string) bool {
	if len(word) < len(g.prefix)+len(g.suffix) || !strings.HasPrefix(word, g.prefix) || !strings.HasSuffix(word, g.suffix) {
		return false
	}
	word = word[len(g.prefix) : len(word)-len(g.suffix)]
	for _, m := range g.mids {
		i := strings.Index(word, m)
		if i < 0 {
			return false
		}
		word = word[i+len(m):]
	}
	return true
}
