package carbon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
)

// pickleDecoder reads carbon's pickle protocol: frames of a 32-bit big-endian length and a pickled list of (metric, (timestamp, value)).
type pickleDecoder struct {
	maxFrame int
}

// newPickleDecoder returns the decoder of one connection. A frame longer than maxFrame bytes ends the connection, as carbon's PICKLE_RECEIVER_MAX_LENGTH does.
// What a decoder keeps between two calls is nothing but the limit: pickles are read by pooled machines, so idle connections cost no memory.
func newPickleDecoder(maxFrame int) Decoder {
	return &pickleDecoder{maxFrame: max(0, min(maxFrame, maxFrameMax))}
}

func (d *pickleDecoder) MaxPending() int { return frameHeader + d.maxFrame }

func (d *pickleDecoder) Decode(b *Batch, src []byte) ([]byte, error) {
	m := getMachine()
	defer putMachine(m)
	for len(src) >= frameHeader {
		n := binary.BigEndian.Uint32(src)
		if uint64(n) > uint64(d.maxFrame) {
			b.Reject(FrameTooLong, src)
			return nil, fmt.Errorf("cannot read a pickle of %d bytes: the limit is %d", n, d.maxFrame)
		}
		end := frameHeader + int(n)
		if len(src) < end {
			break
		}
		m.addPickle(b, src[frameHeader:end:end])
		src = src[end:]
	}
	return src, nil
}

var machinePool = sync.Pool{New: func() any { return new(pickleMachine) }}

// maxKept is how many values, over all of its stacks, a machine may have room for and still go back to the pool. A frame of 500 points needs about 5,000.
const maxKept = 1 << 16

// getMachine takes an empty machine from the pool.
func getMachine() *pickleMachine { return machinePool.Get().(*pickleMachine) }

// putMachine empties a machine and gives it back, unless an extraordinary frame has blown it up.
func putMachine(m *pickleMachine) {
	if cap(m.stack)+cap(m.memo)+cap(m.items)+cap(m.cells)+cap(m.lists)+cap(m.marks) > maxKept || cap(m.decoded) > 1024 {
		return
	}
	m.reset(nil) // the pool must not hold a batch's buffer
	machinePool.Put(m)
}

// addPickle adds the points of one pickle to b. One that is not data, or not a list, is refused as a whole, without any point of it, as carbon does;
// in a list each item stands for itself.
func (m *pickleMachine) addPickle(b *Batch, frame []byte) {
	root, err := m.load(frame)
	if err != nil || root.kind != kindTuple && root.kind != kindList {
		b.Reject(BadPickle, frame)
		return
	}
	for item := range m.elements(root) {
		m.addPoint(b, item)
	}
}

// addPoint adds one item of the list, (metric, (timestamp, value)), or counts why it is no point.
// Either pair may be a list. Numbers may be strings, since carbon calls float() on them. Names may also be bytes, over which carbon drops the connection.
func (m *pickleMachine) addPoint(b *Batch, item pickleValue) {
	name, point, ok := m.pair(item)
	if !ok {
		b.Reject(BadPickle, m.excerpt(item))
		return
	}
	text, isText := m.text(name)
	at, val, ok := m.pair(point)
	if !ok || !isText {
		b.Reject(BadPickle, m.excerpt(item))
		return
	}
	if at.kind == kindInt && at.bits <= math.MaxUint32 && val.kind == kindFloat {
		b.Add(text, int64(at.bits), math.Float64frombits(val.bits))
		return
	}
	v, ok := m.number(val)
	if !ok {
		b.Reject(BadValue, text)
		return
	}
	f, ok := m.number(at)
	if !ok {
		b.Reject(BadTimestamp, text)
		return
	}
	t, ok := timeOf(f)
	if !ok {
		b.Reject(BadTimestamp, text)
		return
	}
	b.Add(text, t, v)
}

// excerpt returns a text that tells a refused item from others: the first string in it, if it comes early.
func (m *pickleMachine) excerpt(v pickleValue) []byte {
	for range 3 {
		if text, ok := m.text(v); ok {
			return text
		}
		found := false
		for first := range m.elements(v) {
			v, found = first, true
			break
		}
		if !found {
			break
		}
	}
	return nil
}

// pickleMachine reads pickles of the protocols 0 to 5 as far as they are data: numbers, text, tuples, lists, sets and dicts.
// Whatever names a class, calls something or refers to the outside is refused. Every stack is bounded by the length of the pickle,
// since each instruction adds at most as many values as it has bytes. A machine is not safe for concurrent use.
type pickleMachine struct {
	src     []byte
	pos     int
	stack   []pickleValue
	base    int   // the height of the stack at the innermost mark
	marks   []int // the outer bases
	memo    []pickleValue
	written int // slots of the memo
	items   []pickleValue
	cells   []pickleCell
	lists   []pickleList
	decoded [][]byte
}

var errPickle = errors.New("not a pickle of plain data")

func (m *pickleMachine) reset(src []byte) {
	clear(m.decoded)
	m.src, m.pos, m.base, m.written = src, 0, 0, 0
	m.stack, m.marks, m.memo = m.stack[:0], m.marks[:0], m.memo[:0]
	m.items, m.cells, m.lists, m.decoded = m.items[:0], m.cells[:0], m.lists[:0], m.decoded[:0]
}

// opcode tells what an instruction needs: bytes of arguments of fixed length, and values on the stack above the innermost mark.
type opcode struct{ args, need uint8 }

var opcodes = [256]opcode{
	'X': {4, 0}, 0x8c: {1, 0}, 'U': {1, 0}, 'T': {4, 0}, 'B': {4, 0}, 'C': {1, 0}, 0x8d: {8, 0}, 0x8e: {8, 0}, 0x96: {8, 0},
	'J': {4, 0}, 'K': {1, 0}, 'M': {2, 0}, 'G': {8, 0}, 0x8a: {1, 0}, 0x8b: {4, 0},
	0x85: {0, 1}, 0x86: {0, 2}, 0x87: {0, 3},
	'q': {1, 1}, 'r': {4, 1}, 0x94: {0, 1}, 'p': {0, 1}, 'h': {1, 0}, 'j': {4, 0},
	'a': {0, 2}, 's': {0, 3}, '2': {0, 1}, '.': {0, 1}, 0x80: {1, 0}, 0x95: {8, 0},
}

// load runs a pickle up to its STOP and returns what it made. The value is good until the next load, and as long as src is unchanged.
func (m *pickleMachine) load(src []byte) (pickleValue, error) {
	m.reset(src)
	for m.pos < len(src) {
		op := src[m.pos]
		info := opcodes[op]
		m.pos++
		if len(src)-m.pos < int(info.args) || len(m.stack)-m.base < int(info.need) {
			return pickleValue{}, errPickle
		}
		arg := src[m.pos : m.pos+int(info.args)]
		m.pos += int(info.args)
		if op == '.' {
			return m.stack[len(m.stack)-1], nil
		}
		if !m.step(op, arg) {
			return pickleValue{}, errPickle
		}
	}
	return pickleValue{}, errPickle
}

// step runs one of the instructions that make up nearly all pickles of points.
func (m *pickleMachine) step(op byte, arg []byte) bool {
	switch op {
	case 'X', 'T', 'B': // a BINSTRING of negative length is longer than any frame
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
		m.push(pickleValue{kind: kindFloat, bits: binary.BigEndian.Uint64(arg)})
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

// collect runs the instructions that take everything above the innermost mark.
func (m *pickleMachine) collect(op byte) bool {
	if len(m.marks) == 0 {
		return false
	}
	from := m.base
	m.base = m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	odd := (len(m.stack)-from)%2 != 0
	switch op {
	case 't':
		m.pushTuple(from)
	case 'l', 0x91:
		m.pushList(kindList, from)
	case 'd':
		m.pushList(kindDict, from)
		return !odd
	case '1':
		m.stack = m.stack[:from]
	case 'e', 0x90:
		return m.extend(kindList, from)
	case 'u':
		return !odd && m.extend(kindDict, from)
	}
	return true
}

// rare runs the other instructions. Those that are missing here are refused: they would make objects or call functions.
func (m *pickleMachine) rare(op byte, arg []byte) bool {
	top := len(m.stack)
	switch op {
	case 'N':
		m.push(pickleValue{kind: kindNone})
	case 0x88, 0x89:
		m.push(pickleValue{kind: kindBool, bits: uint64(0x89 - op)})
	case ']', 0x8f:
		m.pushList(kindList, top)
	case '}':
		m.pushList(kindDict, top)
	case ')':
		m.pushTuple(top)
	case 'a':
		return m.extend(kindList, top-1)
	case 's':
		return m.extend(kindDict, top-2)
	case '2':
		m.push(m.stack[top-1])
	case '0':
		if top > m.base {
			m.stack = m.stack[:top-1]
			return true
		}
		return m.collect('1') // POP may take a mark away
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
		return false
	}
	return true
}

// textual runs the instructions of protocol 0 whose argument is a line. m.pos is where the line begins.
func (m *pickleMachine) textual(op byte, line []byte) bool {
	switch op {
	case 'I', 'L':
		return m.pushDecimal(op, line)
	case 'F':
		f, ok := parseFloat(bytes.TrimFunc(line, isBlank))
		m.push(pickleValue{kind: kindFloat, bits: math.Float64bits(f)})
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

func (m *pickleMachine) push(v pickleValue) { m.stack = append(m.stack, v) }

func (m *pickleMachine) pushInt(i int64) { m.push(pickleValue{kind: kindInt, bits: uint64(i)}) }

func (m *pickleMachine) pushText(n uint64) bool {
	if n > uint64(len(m.src)-m.pos) {
		return false
	}
	m.push(pickleValue{kind: kindText, n: uint32(n), bits: uint64(m.pos)})
	m.pos += int(n)
	return true
}

// pushTuple replaces what is on the stack from an index on by a tuple of it.
func (m *pickleMachine) pushTuple(from int) {
	v := pickleValue{kind: kindTuple, n: uint32(len(m.stack) - from), bits: uint64(len(m.items))}
	m.items = append(m.items, m.stack[from:]...)
	m.stack = append(m.stack[:from], v)
}

// pushList replaces what is on the stack from an index on by a list or dict of it.
func (m *pickleMachine) pushList(kind pickleKind, from int) {
	i := len(m.lists)
	m.lists = append(m.lists, pickleList{})
	m.chain(i, m.stack[from:])
	m.stack = append(m.stack[:from], pickleValue{kind: kind, bits: uint64(i)})
}

// extend moves what is on the stack from an index on to the end of the list or dict below it.
func (m *pickleMachine) extend(kind pickleKind, from int) bool {
	if from <= m.base || m.stack[from-1].kind != kind {
		return false
	}
	m.chain(int(m.stack[from-1].bits), m.stack[from:])
	m.stack = m.stack[:from]
	return true
}

func (m *pickleMachine) chain(list int, values []pickleValue) {
	l := &m.lists[list]
	for _, v := range values {
		m.cells = append(m.cells, pickleCell{value: v})
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

// put writes the top of the stack to a slot of the memo. Slots are numbered in the order of their writing by every known pickler;
// one beyond the pickle's length is not kept, and a get of it fails.
func (m *pickleMachine) put(i uint64) {
	v := m.stack[len(m.stack)-1]
	n := uint64(len(m.memo))
	switch {
	case i == n:
		m.memo = append(m.memo, v)
		m.written++
	case i < n:
		if m.memo[i].kind == kindUnset {
			m.written++
		}
		m.memo[i] = v
	case i <= uint64(len(m.src)):
		m.memo = append(append(m.memo, make([]pickleValue, i-n)...), v)
		m.written++
	}
}

func (m *pickleMachine) get(i uint64) bool {
	if i >= uint64(len(m.memo)) || m.memo[i].kind == kindUnset {
		return false
	}
	m.push(m.memo[i])
	return true
}
