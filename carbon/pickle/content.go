package pickle

import (
	"iter"
)

// Text returns the bytes of a str, unicode or bytes value. They are a part of the pickle if it
// contains them literally.
func (m *Machine) Text(v Value) ([]byte, bool) {
	switch v.kind {
	case Text:
		end := v.bits + uint64(v.n)
		return m.src[v.bits:end:end], true
	case Decoded:
		return m.decoded[v.bits], true
	}
	return nil, false
}

// Elements yields the elements of a tuple, list or set, or the keys and values of a dict. It yields
// nothing for other values.
func (m *Machine) Elements(v Value) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		switch v.kind {
		case Tuple:
			for _, e := range m.items[v.bits : v.bits+uint64(v.n)] {
				if !yield(e) {
					return
				}
			}
		case List, Dict:
			for i := m.lists[v.bits].first; i != 0; i = m.cells[i-1].next {
				if !yield(m.cells[i-1].value) {
					return
				}
			}
		}
	}
}

// Len returns how many elements Elements yields.
func (m *Machine) Len(v Value) int {
	switch v.kind {
	case Tuple:
		return int(v.n)
	case List, Dict:
		return int(m.lists[v.bits].n)
	}
	return 0
}

// Pair returns the two elements of a tuple or list of two.
func (m *Machine) Pair(v Value) (a, b Value, ok bool) {
	switch {
	case v.kind == Tuple && v.n == 2:
		return m.items[v.bits], m.items[v.bits+1], true
	case v.kind == List && m.lists[v.bits].n == 2:
		l := m.lists[v.bits]
		return m.cells[l.first-1].value, m.cells[l.last-1].value, true
	}
	return a, b, false
}
