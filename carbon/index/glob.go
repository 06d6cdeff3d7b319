package index

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A glob is one compiled node of a pattern. It is not safe for concurrent use, because its
// automaton grows while it matches.
type glob struct {
	kind   globKind
	prefix string   // of every word that matches; for globWord the word itself
	words  []string // globWords: sorted, without duplicates
	mids   []string // globStars: texts that must follow the prefix, in this order
	suffix string   // globStars: the end of every word that matches
	dfa    *dfa     // globAutomaton
}

type globKind uint8

const (
	globWord      globKind = iota // one word, no wildcard
	globWords                     // a few words: braces without wildcards
	globAny                       // *
	globStars                     // literals with stars between them
	globAutomaton                 // everything else
	globDeep                      // **: any number of nodes, including none
)

// newGlob compiles one node of a pattern. ok is false if no word can match.
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
		if len(words) > 0 && words[0] == "" { // as from {a,}; no node has an empty name
			words = words[1:]
		}
		return glob{kind: globWords, words: words}, len(words) > 0
	}
	if g, ok := newStars(s, seq); ok {
		return g, true
	}
	return glob{kind: globAutomaton, prefix: seq.prefix(), dfa: newDFA(seq)}, true
}

// newStars compiles the usual form, which has only literals and stars and needs no automaton.
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

// match reports whether word matches.
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

// matchStars matches each literal at its first occurrence. With only stars between the literals,
// that leaves the most text for the rest.
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
