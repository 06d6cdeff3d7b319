package pickle

import (
	"bytes"
	"errors"
	"iter"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// Kind is the type of a value of a pickle.
type Kind uint32

// The kinds of values.
const (
	Unset   Kind = iota // a slot of the memo that has not been written
	None                // no bits
	Bool                // bits is 0 or 1
	Int                 // bits is an int64
	Float               // bits is a float64, possibly of an integer outside int64
	Huge                // an integer too large for float64
	Text                // str, unicode or bytes that the pickle contains literally: bits is the offset, n the length
	Decoded             // other text, with its escapes decoded: bits is the index in decoded
	Tuple               // bits is the index of the first of n items
	List                // a list or set; bits is the index in lists
	Dict                // like List, with keys and values in turn
	Class               // a class or function; its name is not stored
)

// Value is a value on the machine's stack. It contains no pointer, so the garbage collector need
// not scan the stacks. Only the Machine that made it can read its content.
type Value struct {
	kind Kind
	n    uint32
	bits uint64
}

// Kind returns the type of the value.
func (v Value) Kind() Kind { return v.kind }

// Int returns an Int, or a Bool as 0 or 1.
func (v Value) Int() int64 { return int64(v.bits) }

// Float returns a Float.
func (v Value) Float() float64 { return math.Float64frombits(v.bits) }

// cell is an element of a list, dict or set. These grow at the same time, so their elements are
// linked.
type cell struct {
	value Value
	next  uint32 // index + 1 of the next cell, 0 at the end
}

type list struct{ first, last, n uint32 } // first and last are like next in cell

// pushLong pushes an integer of n bytes, little-endian in two's complement.
func (m *Machine) pushLong(n uint64) bool {
	if n > uint64(len(m.src)-m.pos) {
		return false
	}
	b := m.src[m.pos : m.pos+int(n)]
	m.pos += int(n)
	var sign byte // the value of the bytes above b
	if n > 0 && b[n-1] >= 0x80 {
		sign = 0xff
	}
	for len(b) > 8 && b[len(b)-1] == sign && b[len(b)-2]&0x80 == sign&0x80 {
		b = b[:len(b)-1]
	}
	if len(b) > 8 {
		m.pushFloat(longFloat(b, sign))
		return true
	}
	var i uint64
	for k := range 8 {
		c := sign
		if k < len(b) {
			c = b[k]
		}
		i |= uint64(c) << (8 * k)
	}
	m.pushInt(int64(i))
	return true
}

// pushFloat pushes an integer outside int64.
func (m *Machine) pushFloat(f float64) {
	if math.IsInf(f, 0) {
		m.push(Value{kind: Huge})
		return
	}
	m.push(Value{kind: Float, bits: math.Float64bits(f)})
}

// longFloat rounds an integer of more than eight bytes to the nearest float64.
func longFloat(b []byte, sign byte) float64 {
	if len(b) > 130 { // 2^1024 and beyond
		return math.Inf(1)
	}
	abs := make([]byte, len(b)) // big-endian; for a negative number its complement, which is |x|-1
	for k, c := range b {
		abs[len(b)-1-k] = c ^ sign
	}
	x := new(big.Int).SetBytes(abs)
	if sign != 0 {
		x.Not(x)
	}
	f, _ := x.Float64()
	return f
}

// pushDecimal pushes an integer written in digits: INT, where 00 and 01 are booleans, or LONG,
// which ends in L.
func (m *Machine) pushDecimal(op byte, line []byte) bool {
	if op == 'I' && len(line) == 2 && line[0] == '0' && line[1]-'0' < 2 {
		m.push(Value{kind: Bool, bits: uint64(line[1] - '0')})
		return true
	}
	line = bytes.TrimSpace(line)
	if op == 'L' {
		line = bytes.TrimSuffix(line, []byte{'L'})
	}
	if i, ok := digitsOnly(line); ok && line[0] != '0' {
		m.pushInt(int64(i))
		return true
	}
	i, err := strconv.ParseInt(string(line), 0, 64)
	if err == nil {
		m.pushInt(i)
		return true
	}
	digits := bytes.TrimLeft(line, "+-")
	if !errors.Is(err, strconv.ErrRange) || len(bytes.Trim(digits, "0123456789")) > 0 || len(digits) > 4300 { // Python's limit
		return false
	}
	f, _ := strconv.ParseFloat(string(line), 64)
	m.pushFloat(f)
	return true
}

// digitsOnly reads a number of up to eighteen digits and nothing else.
func digitsOnly(b []byte) (i uint64, ok bool) {
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		i = i*10 + uint64(c)
	}
	return i, len(b) > 0 && len(b) <= 18
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
