package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"graphited/carbon/pyvalue"
	"math"
	"sync"
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
	lists   []list
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

// opcode is what an instruction needs: bytes of arguments of fixed length, and values on the stack
// above the innermost mark.
type opcode struct{ args, need uint8 }

var opcodes = [256]opcode{
	'X': {4, 0}, 0x8c: {1, 0}, 'U': {1, 0}, 'T': {4, 0}, 'B': {4, 0}, 'C': {1, 0}, 0x8d: {8, 0}, 0x8e: {8, 0}, 0x96: {8, 0},
	'J': {4, 0}, 'K': {1, 0}, 'M': {2, 0}, 'G': {8, 0}, 0x8a: {1, 0}, 0x8b: {4, 0},
	0x85: {0, 1}, 0x86: {0, 2}, 0x87: {0, 3},
	'q': {1, 1}, 'r': {4, 1}, 0x94: {0, 1}, 'p': {0, 1}, 'h': {1, 0}, 'j': {4, 0},
	'a': {0, 2}, 's': {0, 3}, 'b': {0, 2}, 'R': {0, 2}, 0x81: {0, 2}, 0x92: {0, 3}, 0x93: {0, 2}, '2': {0, 1}, '.': {0, 1}, 0x80: {1, 0}, 0x95: {8, 0},
}

// Load runs a pickle up to its STOP and returns the result. The value is valid until the next Load,
// as long as src is unchanged.
func (m *Machine) Load(src []byte) (Value, error) {
	m.reset(src)
	for m.pos < len(src) {
		op := src[m.pos]
		info := opcodes[op]
		m.pos++
		if len(src)-m.pos < int(info.args) || len(m.stack)-m.base < int(info.need) {
			return Value{}, ErrNotData
		}
		arg := src[m.pos : m.pos+int(info.args)]
		m.pos += int(info.args)
		if op == '.' {
			return m.stack[len(m.stack)-1], nil
		}
		if !m.step(op, arg) {
			return Value{}, ErrNotData
		}
	}
	return Value{}, ErrNotData
}

// step runs one of the instructions that make up nearly all pickles of points, or calls collect or
// rare.
func (m *Machine) step(op byte, arg []byte) bool {
	switch op {
	case 'X', 'T', 'B': // a negative length of BINSTRING is larger than any frame
		return m.pushText(uint64(binary.LittleEndian.Uint32(arg)))
	case 0x8c, 'U', 'C':
		return m.pushText(uint64(arg[0]))
	case 'J':
		m.pushInt(int64(int32(binary.LittleEndian.Uint32(arg))))
	case 'K':
		m.pushInt(int64(arg[0]))
	case 'M':
		m.pushInt(int64(binary.LittleEndian.Uint16(arg)))
	case 'G':
		m.push(Value{kind: Float, bits: binary.BigEndian.Uint64(arg)})
	case 0x85, 0x86, 0x87:
		m.pushTuple(len(m.stack) - int(op-0x84))
	case 'q':
		m.put(uint64(arg[0]))
	case 'r':
		m.put(uint64(binary.LittleEndian.Uint32(arg)))
	case 0x94:
		m.put(uint64(m.written))
	case 'h':
		return m.get(uint64(arg[0]))
	case 'j':
		return m.get(uint64(binary.LittleEndian.Uint32(arg)))
	case '(':
		m.marks = append(m.marks, m.base)
		m.base = len(m.stack)
	default:
		if op == 't' || op == 'l' || op == 'd' || op == 'e' || op == 'u' || op == 0x90 || op == 0x91 || op == '1' {
			return m.collect(op)
		}
		return m.rare(op, arg)
	}
	return true
}

// collect runs the instructions that consume everything above the innermost mark.
func (m *Machine) collect(op byte) bool {
	from, ok := m.unmark()
	if !ok {
		return false
	}
	odd := (len(m.stack)-from)%2 != 0
	switch op {
	case 't':
		m.pushTuple(from)
	case 'l', 0x91:
		m.pushList(List, from)
	case 'd':
		m.pushList(Dict, from)
		return !odd
	case '1':
		m.stack = m.stack[:from]
	case 'e', 0x90:
		return m.extend(List, from)
	case 'u':
		return !odd && m.extend(Dict, from)
	}
	return true
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

// rare runs the other instructions, and passes those that make objects or call functions to object.
func (m *Machine) rare(op byte, arg []byte) bool {
	top := len(m.stack)
	switch op {
	case 'N':
		m.push(Value{kind: None})
	case 0x88, 0x89:
		m.push(Value{kind: Bool, bits: uint64(0x89 - op)})
	case ']', 0x8f:
		m.pushList(List, top)
	case '}':
		m.pushList(Dict, top)
	case ')':
		m.pushTuple(top)
	case 'a':
		return m.extend(List, top-1)
	case 's':
		return m.extend(Dict, top-2)
	case '2':
		m.push(m.stack[top-1])
	case '0':
		if top > m.base {
			m.stack = m.stack[:top-1]
			return true
		}
		return m.collect('1') // POP may remove a mark
	case 0x8d, 0x8e, 0x96:
		return m.pushText(binary.LittleEndian.Uint64(arg))
	case 0x8a:
		return m.pushLong(uint64(arg[0]))
	case 0x8b:
		return m.pushLong(uint64(binary.LittleEndian.Uint32(arg)))
	case 0x80:
		return arg[0] <= 5
	case 0x95:
		return binary.LittleEndian.Uint64(arg) <= uint64(len(m.src)-m.pos)
	case 'I', 'L', 'F', 'S', 'V', 'p', 'g':
		end := bytes.IndexByte(m.src[m.pos:], '\n')
		if end < 0 {
			return false
		}
		line := m.src[m.pos : m.pos+end]
		ok := m.textual(op, line)
		m.pos += end + 1
		return ok
	default:
		return m.Objects && m.object(op)
	}
	return true
}

// textual runs the instructions of protocol 0 that have a line as argument. m.pos is the beginning
// of the line.
func (m *Machine) textual(op byte, line []byte) bool {
	switch op {
	case 'I', 'L':
		return m.pushDecimal(op, line)
	case 'F':
		f, ok := pyvalue.ParseFloat(string(line))
		m.push(Value{kind: Float, bits: math.Float64bits(f)})
		return ok
	case 'S':
		n := len(line)
		if n < 2 || line[0] != line[n-1] || line[0] != '\'' && line[0] != '"' {
			return false
		}
		return m.pushEscaped(m.pos+1, line[1:n-1], appendUnescaped)
	case 'V':
		return m.pushEscaped(m.pos, line, appendUnicodeUnescaped)
	}
	i, ok := digitsOnly(line)
	if !ok {
		return false
	}
	if op == 'p' {
		m.put(i)
		return true
	}
	return m.get(i)
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

// pushTuple replaces the values on the stack from an index on by a tuple of them.
func (m *Machine) pushTuple(from int) {
	v := Value{kind: Tuple, n: uint32(len(m.stack) - from), bits: uint64(len(m.items))}
	m.items = append(m.items, m.stack[from:]...)
	m.stack = append(m.stack[:from], v)
}

// pushList replaces the values on the stack from an index on by a list or dict of them.
func (m *Machine) pushList(kind Kind, from int) {
	i := len(m.lists)
	m.lists = append(m.lists, list{})
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
