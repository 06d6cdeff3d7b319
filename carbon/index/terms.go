package index

import (
	"fmt"
	mathbits "math/bits"
	"strings"
)

// maxParts is the largest number of words in a search, where words between dots count separately.
// Each needs three bits of a number.
const maxParts = 21

// A terms is a compiled text. Each term has three chains of bits, one bit for each of its nodes.
// The chains stand for a term anywhere, for one that begins with a node, and for one that consists
// of whole nodes. The state of a path says how far each chain is at the last node. The last bit of
// a chain stays set.
type terms struct {
	parts  []part
	whole  []term
	starts uint64 // the first bit of each chain
	ends   uint64 // the last bits
	need   uint64 // the last bits of the chains that all others imply; with them all terms are found
	first  uint64 // all bits of those chains
	always uint64 // bits that every word sets
}

// A term is one word of the text with the last bits of its chains.
type term struct {
	text string
	ends [3]uint64
}

// A part is the text between two dots of a term. A word sets bits according to where it contains
// the text.
type part struct {
	text                             string
	within, begins, finishes, equals uint64
}

func newTerms(text string) (*terms, error) {
	t := &terms{}
	used := 0
	for _, text := range strings.FieldsFunc(lowerASCII(text), func(r rune) bool { return r == ' ' || r == '\t' || r == ';' }) {
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
		at := [3]*uint64{&p.equals, &p.equals, &p.equals} // the condition of each chain
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
		if text == "" { // after a dot at the end; every word begins with it
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

// at returns the bits that a word sets if the part first occurs at i.
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

// full reports whether a path with the given state has all terms.
func (t *terms) full(state uint64) bool { return state&t.need == t.need }

// inherited is set in the ranks of paths that are no better than their branch.
const inherited = 1 << 63

// inherits reports whether a path with the given state is no better than its branch.
func (t *terms) inherits(above, state uint64) bool {
	return t.full(above) && state&t.ends == above&t.ends
}

// rank returns the rank of a path; less is better. above is the state of its branch.
func (t *terms) rank(above, state uint64, size, depth int) uint64 {
	rank := uint64(64-mathbits.OnesCount64(state&t.ends))<<48 | uint64(min(size, 1<<31-1))<<16 | uint64(min(depth, 1<<16-1))
	if t.inherits(above, state) {
		rank |= inherited
	}
	return rank
}
