package pickle

import (
	"errors"
	"sync"
	"unicode/utf8"
)

// Machine reads pickles of protocols 0 to 5 that contain only data: numbers, text, tuples, lists,
// sets and dicts. It refuses instructions that name a class, call something or refer to external
// objects, unless Objects is set. The length of the pickle bounds every stack, since each
// instruction adds at most as many values as it has bytes. A Machine is not safe for concurrent
// use.
type Machine struct {
	// Objects accepts objects, as Dicts of their fields. The Machine never looks up a class and
	// never calls anything: the result of a constructor or another call is an empty Dict.
	Objects bool

	src     []byte
	pos     int
	stack   []Value
	base    int   // the height of the stack at the innermost mark
	marks   []int // the outer bases
	memo    []Value
	written int // slots written in memo
	items   []Value
	cells   []cell
	lists   []elements
	decoded [][]byte
}

// ErrNotData is the only error for a pickle that cannot be read.
var ErrNotData = errors.New("not a pickle of plain data")

func (m *Machine) reset(src []byte) {
	clear(m.decoded)
	m.src, m.pos, m.base, m.written = src, 0, 0, 0
	m.stack, m.marks, m.memo = m.stack[:0], m.marks[:0], m.memo[:0]
	m.items, m.cells, m.lists, m.decoded = m.items[:0], m.cells[:0], m.lists[:0], m.decoded[:0]
}

// unmark removes the innermost mark and returns its position. ok is false if there is no mark.
func (m *Machine) unmark() (from int, ok bool) {
	if len(m.marks) == 0 {
		return len(m.stack), false
	}
	from = m.base
	m.base = m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	return from, true
}

func (m *Machine) push(v Value) { m.stack = append(m.stack, v) }

func (m *Machine) pushInt(i int64) { m.push(Value{kind: Int, bits: uint64(i)}) }

func (m *Machine) pushText(n uint64) bool {
	if n > uint64(len(m.src)-m.pos) {
		return false
	}
	m.push(Value{kind: Text, n: uint32(n), bits: uint64(m.pos)})
	m.pos += int(n)
	return true
}

// pushLong pushes an integer of n bytes.
func (m *Machine) pushLong(n uint64) bool {
	if n > uint64(len(m.src)-m.pos) {
		return false
	}
	m.push(longValue(m.src[m.pos : m.pos+int(n)]))
	m.pos += int(n)
	return true
}

// pushTuple replaces the values on the stack from an index on by a tuple of them.
func (m *Machine) pushTuple(from int) {
	v := Value{kind: Tuple, n: uint32(len(m.stack) - from), bits: uint64(len(m.items))}
	m.items = append(m.items, m.stack[from:]...)
	m.stack = append(m.stack[:from], v)
}

// pushList replaces the values on the stack from an index on by a list or dict of them.
func (m *Machine) pushList(kind Kind, from int) {
	i := len(m.lists)
	m.lists = append(m.lists, elements{})
	m.chain(i, m.stack[from:])
	m.stack = append(m.stack[:from], Value{kind: kind, bits: uint64(i)})
}

// extend moves the values on the stack from an index on to the end of the list or dict below them.
func (m *Machine) extend(kind Kind, from int) bool {
	if from <= m.base || m.stack[from-1].kind != kind {
		return false
	}
	m.chain(int(m.stack[from-1].bits), m.stack[from:])
	m.stack = m.stack[:from]
	return true
}

func (m *Machine) chain(list int, values []Value) {
	l := &m.lists[list]
	for _, v := range values {
		m.cells = append(m.cells, cell{value: v})
		i := uint32(len(m.cells))
		if l.last == 0 {
			l.first = i
		} else {
			m.cells[l.last-1].next = i
		}
		l.last = i
		l.n++
	}
}

// put writes the top of the stack to a slot of the memo. Every known pickler numbers slots in the
// order of writing. A slot beyond the pickle's length is not stored, so a later get of it fails.
func (m *Machine) put(i uint64) {
	v := m.stack[len(m.stack)-1]
	n := uint64(len(m.memo))
	switch {
	case i == n:
		m.memo = append(m.memo, v)
		m.written++
	case i < n:
		if m.memo[i].kind == Unset {
			m.written++
		}
		m.memo[i] = v
	case i <= uint64(len(m.src)):
		m.memo = append(append(m.memo, make([]Value, i-n)...), v)
		m.written++
	}
}

func (m *Machine) get(i uint64) bool {
	if i >= uint64(len(m.memo)) || m.memo[i].kind == Unset {
		return false
	}
	m.push(m.memo[i])
	return true
}

var machinePool = sync.Pool{New: func() any { return new(Machine) }}

// maxKept is the largest capacity, summed over its stacks, of a machine that goes back to the pool.
// A frame of 500 points needs about 5,000.
const maxKept = 1 << 16

// Get returns an empty machine from the pool.
func Get() *Machine { return machinePool.Get().(*Machine) }

// Put empties a machine and returns it to the pool, unless an unusually large frame has made it too
// large.
func Put(m *Machine) {
	if cap(m.stack)+cap(m.memo)+cap(m.items)+cap(m.cells)+cap(m.lists)+cap(m.marks) > maxKept || cap(m.decoded) > 1024 {
		return
	}
	m.Objects = false
	m.reset(nil) // the pool must not hold a batch's buffer
	machinePool.Put(m)
}

// pushEscaped pushes text that begins at offset at in the pickle. If it has escapes, it pushes the
// decoded text.
func (m *Machine) pushEscaped(at int, text []byte, unescape func(dst, src []byte) ([]byte, bool)) bool {
	plain := true
	for _, c := range text {
		plain = plain && c != '\\' && c < utf8.RuneSelf
	}
	if plain {
		m.push(Value{kind: Text, n: uint32(len(text)), bits: uint64(at)})
		return true
	}
	out, ok := unescape(make([]byte, 0, len(text)), text)
	m.decoded = append(m.decoded, out)
	m.push(Value{kind: Decoded, bits: uint64(len(m.decoded) - 1)})
	return ok
}
