package index

import (
	"fmt"
	mathbits "math/bits"
	"strings"
)

// maxParts is how many words, those between dots counted one by one, a search may have: each takes
// three bits of a number.
const maxParts = 21

// A terms is a compiled text. Each term has three chains of bits, one bit for each of its nodes:
// for being somewhere, for beginning with a node, and for being whole nodes. A path's state says
// how far each chain is at its last node; a chain's last bit, once set, stays.
type terms struct {
	parts  []part
	whole  []term
	starts uint64 // the first bit of each chain
	ends   uint64 // the last bits
	need   uint64 // those of the chains that all others imply: with them everything is found
	first  uint64 // all bits of those chains
	always uint64 // bits that every word sets
}

// A term is one word of the text with the last bits of its chains.
type term struct {
	text string
	ends [3]uint64
}

// A part is what stands between dots in a term. A word sets bits by what it has of it.
type part struct {
	text                             string
	within, begins, finishes, equals uint64
}

func newTerms(text string) (*terms, error) {
	t := &terms{}
	used := 0
	for _, text := range strings.FieldsFunc(lower(text), func(r rune) bool { return r == ' ' || r == '\t' || r == ';' }) {
		if text = strings.TrimLeft(text, "."); text == "" {
			continue
		}
		parts := strings.Split(text, ".")
		if used += len(parts); used > maxParts {
			return nil, fmt.Errorf("cannot search for more than %d words", maxParts)
		}
		t.whole = append(t.whole, term{text: text})
		t.add(parts)
	}
	return t, nil
}

// add appends the chains of one term.
func (t *terms) add(parts []string) {
	n, last := len(parts), len(parts)-1
	first := 3 * len(t.parts)
	for i, text := range parts {
		bit := uint64(1) << (first + i)
		p := part{text: text, equals: bit << (2 * n)}
		at := [3]*uint64{&p.equals, &p.equals, &p.equals} // what each chain asks for
		switch {
		case n == 1:
			at[0], at[1] = &p.within, &p.begins
		case i == 0:
			at[0] = &p.finishes
		case i == last:
			at[0], at[1] = &p.begins, &p.begins
		}
		t.first |= bit
		*at[0] |= bit
		*at[1] |= bit << n
		if text == "" { // a dot at the end: every word begins so
			t.always |= p.begins
		}
		t.parts = append(t.parts, p)
	}
	ends := &t.whole[len(t.whole)-1].ends
	for chain := range ends {
		t.starts |= 1 << (first + chain*n)
		ends[chain] = 1 << (first + chain*n + last)
		t.ends |= ends[chain]
	}
	t.need |= ends[0]
}

// at returns the bits that a word sets that has the part at i, where it comes first.
func (p *part) at(word string, i int) uint64 {
	set := p.within
	if i == 0 {
		set |= p.begins
		if len(word) == len(p.text) {
			set |= p.equals
		}
	}
	if tail := len(word) - len(p.text); tail == i || p.finishes != 0 && foldEqual(word[tail:], p.text) {
		set |= p.finishes
	}
	return set
}

// word returns the bits that a word sets.
func (t *terms) word(word string) uint64 {
	set := t.always
	for i := range t.parts {
		p := &t.parts[i]
		if p.text == "" {
			continue
		}
		if at := foldIndex(word, p.text); at >= 0 {
			set |= p.at(word, at)
		}
	}
	return set
}

// next returns the state below a path with a state, at a node whose word sets bits.
func (t *terms) next(state, word uint64) uint64 {
	return (state<<1|t.starts)&word | state&t.ends
}

// full tells whether a path with a state has all terms.
func (t *terms) full(state uint64) bool { return state&t.need == t.need }

// inherited is what the ranks have of paths that are there because of their branch, which says it
// already.
const inherited = 1 << 63

// inherits tells whether a path with a state is no better than the branch it is in.
func (t *terms) inherits(above, state uint64) bool {
	return t.full(above) && state&t.ends == above&t.ends
}

// rank returns how good a path is. above is the state of the branch it is in.
func (t *terms) rank(above, state uint64, size, depth int) uint64 {
	rank := uint64(64-mathbits.OnesCount64(state&t.ends))<<48 | uint64(min(size, 1<<31-1))<<16 | uint64(min(depth, 1<<16-1))
	if t.inherits(above, state) {
		rank |= inherited
	}
	return rank
}
