package index

import (
	"slices"
	"strings"
)

// A sequence is a node of a pattern split at its braces. Its pieces follow each other.
type sequence []piece

// A piece is a text in tokens or, when alts is not nil, one of several sequences.
type piece struct {
	tokens []token
	alts   []sequence
}

// parseBraces parses one node of a pattern. A closing brace belongs to the nearest open one before
// it. Braces without a partner and commas outside of pairs are ordinary characters. ok is false if
// the braces are nested too deeply.
//
// Graphite expands braces before it reads brackets, so that a{[x,[y}z] means a[xz] and a[yz]. Only
// if a bracket extends beyond a brace, and the pattern stands for few texts, parseBraces expands
// it, too. If it stands for more, the bracket ends at the brace.
func parseBraces(s string) (seq sequence, ok bool) {
	pairs, ok := bracePairs(s)
	if !ok {
		return nil, false
	}
	p := braceParser{s: s, pairs: pairs, lastClose: strings.LastIndexByte(s, ']')}
	seq = p.sequence(0, len(s))
	if !p.crossing {
		return seq, true
	}
	p.literal = true
	texts := p.sequence(0, len(s))
	if !texts.few() {
		return seq, true
	}
	all := piece{alts: []sequence{}}
	for _, w := range texts.words() {
		tokens, _ := tokenize(w)
		if len(tokens) > 0 {
			all.alts = append(all.alts, sequence{{tokens: tokens}})
		}
	}
	return sequence{all}, true
}

// bracePairs returns the position of the partner of each opening brace.
func bracePairs(s string) (map[int]int, bool) {
	var open []int
	var depths []int // for each element of open the depth of the pairs within it
	pairs := make(map[int]int)
	for i := range len(s) {
		switch s[i] {
		case '{':
			open = append(open, i)
			depths = append(depths, 1)
		case '}':
			top := len(open) - 1
			if top < 0 {
				continue
			}
			pairs[open[top]] = i
			d := depths[top]
			if d > maxNested {
				return nil, false
			}
			open, depths = open[:top], depths[:top]
			if top > 0 {
				depths[top-1] = max(depths[top-1], d+1)
			}
		}
	}
	return pairs, true
}

type braceParser struct {
	s         string
	pairs     map[int]int
	lastClose int  // position of the last ]
	literal   bool // wildcards are ordinary characters
	crossing  bool // a bracket is open before a brace and is closed after the brace
}

func (p *braceParser) sequence(from, to int) sequence {
	var seq sequence
	start := from
	for i := from; i < to; i++ {
		end, ok := p.pairs[i]
		if !ok {
			continue
		}
		seq = p.appendText(seq, start, i)
		seq = append(seq, p.alternatives(i+1, end))
		start, i = end+1, end
	}
	return p.appendText(seq, start, to)
}

func (p *braceParser) alternatives(from, to int) piece {
	alts := []sequence{}
	start := from
	for i := from; i < to; i++ {
		if end, ok := p.pairs[i]; ok {
			i = end
		} else if p.s[i] == ',' {
			alts = append(alts, p.sequence(start, i))
			start = i + 1
		}
	}
	return piece{alts: append(alts, p.sequence(start, to))}
}

func (p *braceParser) appendText(seq sequence, from, to int) sequence {
	if from == to {
		return seq
	}
	if p.literal {
		return append(seq, piece{tokens: []token{{text: p.s[from:to]}}})
	}
	tokens, unclosed := tokenize(p.s[from:to])
	p.crossing = p.crossing || unclosed && to < p.lastClose
	return append(seq, piece{tokens: tokens})
}

// stars returns which texts that consist only of stars the sequence can stand for: bit n means n
// stars, bit 3 means three or more.
func (seq sequence) stars() (set uint8) {
	set = 1
	for _, p := range seq {
		var of uint8
		switch {
		case p.alts != nil:
			for _, a := range p.alts {
				of |= a.stars()
			}
		default:
			of = 1 << min(len(p.tokens), 3)
			for _, t := range p.tokens {
				if t.kind != tokenStar {
					of = 0
				}
			}
		}
		set = addStars(set, of)
	}
	return set
}

func addStars(a, b uint8) (sum uint8) {
	for i := range 4 {
		for j := range 4 {
			if a>>i&1 == 1 && b>>j&1 == 1 {
				sum |= 1 << min(i+j, 3)
			}
		}
	}
	return sum
}

// few reports whether the sequence has no wildcards and stands for so few texts that each can be
// looked up.
func (seq sequence) few() bool {
	n, size := seq.count()
	return n <= maxWords && size <= maxWordsSize
}

// count returns the number of texts that the sequence stands for and their total length. It counts
// both only to one more than few allows. A sequence with wildcards has too many.
func (seq sequence) count() (n, size int) {
	n = 1
	for _, p := range seq {
		var pn, psize int
		switch {
		case p.alts != nil:
			for _, a := range p.alts {
				an, asize := a.count()
				pn, psize = min(pn+an, maxWords+1), min(psize+asize, maxWordsSize+1)
			}
		case len(p.tokens) > 1 || p.tokens[0].kind != tokenText:
			return maxWords + 1, maxWordsSize + 1
		default:
			pn, psize = 1, min(len(p.tokens[0].text), maxWordsSize+1)
		}
		size = int(min(int64(size)*int64(pn)+int64(psize)*int64(n), maxWordsSize+1))
		n = min(n*pn, maxWords+1)
	}
	return n, size
}

// words returns the texts that the sequence stands for. There must be few.
func (seq sequence) words() []string {
	texts := [][]byte{nil}
	for _, p := range seq {
		if p.alts == nil {
			for i := range texts {
				texts[i] = append(texts[i], p.tokens[0].text...)
			}
			continue
		}
		var tails []string
		for _, a := range p.alts {
			tails = append(tails, a.words()...)
		}
		if len(tails) == 1 {
			for i := range texts {
				texts[i] = append(texts[i], tails[0]...)
			}
			continue
		}
		all := make([][]byte, 0, len(texts)*len(tails))
		for _, head := range texts {
			for _, tail := range tails {
				all = append(all, append(slices.Clip(head), tail...))
			}
		}
		texts = all
	}
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = string(t)
	}
	return words
}

// prefix returns a prefix of every word that matches. It may be shorter than possible.
func (seq sequence) prefix() string {
	if len(seq) == 0 || len(seq[0].tokens) == 0 || seq[0].tokens[0].kind != tokenText {
		return ""
	}
	return seq[0].tokens[0].text
}

const (
	maxWords     = 4096    // alternatives that are looked up one by one; more become an automaton
	maxWordsSize = 1 << 20 // total bytes of such alternatives
	maxNested    = 256     // depth of nested braces; a deeper pattern finds nothing
)
