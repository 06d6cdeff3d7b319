package index

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// A dfa matches words against a sequence and reads each character once. It makes a state when a
// word first needs it. If there are more than maxStates, which takes a malicious pattern, it
// discards them and starts again.
type dfa struct {
	prog  []inst
	start *state
	known map[string]*state
	seen  []bool // for each instruction whether it is in the set being built
}

const maxStates = 512

// An inst is one step of the non-deterministic automaton that the dfa is made of. Instruction 0 is
// the match.
type inst struct {
	op   instOp
	r    rune
	set  *charset
	next int32
	outs []int32 // instSplit
}

type instOp uint8

const (
	instMatch instOp = iota
	instRune
	instAny // one character
	instSet
	instLoop // any number of characters
	instSplit
)

// A state is a set of instructions, any of which may come next.
type state struct {
	set    []int32 // sorted; no instSplit
	accept bool    // a word may end here
	all    bool    // a word may end here and may have any continuation
	ascii  [utf8.RuneSelf]*state
	wide   map[rune]*state
}

func newDFA(seq sequence) *dfa {
	d := &dfa{prog: []inst{{op: instMatch}}}
	first := d.compile(seq, 0)
	d.seen = make([]bool, len(d.prog))
	d.known = make(map[string]*state)
	d.start = d.state(d.add(nil, first))
	return d
}

// compile appends the instructions of seq, which continue at next, and returns the first of them.
func (d *dfa) compile(seq sequence, next int32) int32 {
	for _, p := range slices.Backward(seq) {
		if p.alts != nil {
			outs := make([]int32, len(p.alts))
			for i, a := range p.alts {
				outs[i] = d.compile(a, next)
			}
			next = d.inst(inst{op: instSplit, outs: outs})
			continue
		}
		for _, t := range slices.Backward(p.tokens) {
			switch t.kind {
			case tokenStar:
				next = d.inst(inst{op: instLoop, next: next})
			case tokenOne:
				next = d.inst(inst{op: instAny, next: next})
			case tokenSet:
				next = d.inst(inst{op: instSet, set: t.set, next: next})
			default:
				next = d.text(t.text, next)
			}
		}
	}
	return next
}

func (d *dfa) text(s string, next int32) int32 {
	var runes []rune
	for len(s) > 0 {
		r, w := decodeRune(s)
		runes = append(runes, r)
		s = s[w:]
	}
	for _, r := range slices.Backward(runes) {
		next = d.inst(inst{op: instRune, r: r, next: next})
	}
	return next
}

func (d *dfa) inst(i inst) int32 {
	d.prog = append(d.prog, i)
	return int32(len(d.prog) - 1)
}

// add adds instruction i, and those that it leads to without reading, to set. Splits are nested as
// deeply as the braces were.
func (d *dfa) add(set []int32, i int32) []int32 {
	if d.seen[i] {
		return set
	}
	d.seen[i] = true
	set = append(set, i)
	switch in := &d.prog[i]; in.op {
	case instLoop:
		set = d.add(set, in.next)
	case instSplit:
		for _, o := range in.outs {
			set = d.add(set, o)
		}
	}
	return set
}

// state returns the state of set and clears seen. The caller must not use set afterwards.
func (d *dfa) state(set []int32) *state {
	for _, i := range set {
		d.seen[i] = false
	}
	set = slices.DeleteFunc(set, func(i int32) bool { return d.prog[i].op == instSplit })
	slices.Sort(set)
	key := make([]byte, 0, 4*len(set))
	for _, i := range set {
		key = binary.LittleEndian.AppendUint32(key, uint32(i))
	}
	if s := d.known[string(key)]; s != nil {
		return s
	}
	s := &state{set: set, accept: len(set) > 0 && set[0] == 0}
	for _, i := range set {
		if d.prog[i].op == instLoop && d.prog[i].next == 0 {
			s.all = true
		}
	}
	d.known[string(key)] = s
	return s
}

// step returns the state after s has read r.
func (d *dfa) step(s *state, r rune) *state {
	if r < utf8.RuneSelf {
		if to := s.ascii[r]; to != nil {
			return to
		}
	} else if to := s.wide[r]; to != nil {
		return to
	}
	var set []int32
	for _, i := range s.set {
		in := &d.prog[i]
		switch in.op {
		case instLoop:
			set = d.add(set, i)
		case instAny:
			set = d.add(set, in.next)
		case instRune:
			if in.r == r {
				set = d.add(set, in.next)
			}
		case instSet:
			if in.set.has(r) {
				set = d.add(set, in.next)
			}
		}
	}
	to := d.state(set)
	switch {
	case r < utf8.RuneSelf:
		s.ascii[r] = to
	case s.wide == nil:
		s.wide = map[rune]*state{r: to}
	case len(s.wide) < maxStates:
		s.wide[r] = to
	}
	return to
}

func (d *dfa) match(word string) bool {
	if len(d.known) > maxStates {
		d.known = make(map[string]*state)
		d.start = d.state(d.start.set)
	}
	s := d.start
	for i := 0; i < len(word); {
		r, w := rune(word[i]), 1
		if r >= utf8.RuneSelf {
			r, w = decodeRune(word[i:])
		}
		s = d.step(s, r)
		if s.all {
			return true
		}
		if len(s.set) == 0 {
			return false
		}
		i += w
	}
	return s.accept
}
