package carbon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pickleKind is what a value of a pickle is.
type pickleKind uint32

const (
	kindUnset   pickleKind = iota // a slot of the memo nobody has written to
	kindNone                      // no bits
	kindBool                      // bits: 0 or 1
	kindInt                       // bits: an int64
	kindFloat                     // bits: a float64, or an integer that no int64 holds
	kindHuge                      // an integer beyond all float64
	kindText                      // str, unicode or bytes as they stand in the pickle: bits is the offset, n the length
	kindDecoded                   // such text without its escapes: bits is the index in decoded
	kindTuple                     // bits: the first of n items
	kindList                      // a list or set; bits is the index in lists
	kindDict                      // the same with keys and values in turn
)

// pickleValue is a value on the machine's stack. It holds no pointer, so that the garbage collector has nothing to do with the stacks.
type pickleValue struct {
	kind pickleKind
	n    uint32
	bits uint64
}

// pickleCell is an element of a list, dict or set: those grow while others grow, so they are chained.
type pickleCell struct {
	value pickleValue
	next  uint32 // index + 1 of the next one, 0 at the end
}

type pickleList struct{ first, last, n uint32 } // first and last as in pickleCell

// pushLong pushes an integer of n bytes, little-endian in two's complement.
func (m *pickleMachine) pushLong(n uint64) bool {
	if n > uint64(len(m.src)-m.pos) {
		return false
	}
	b := m.src[m.pos : m.pos+int(n)]
	m.pos += int(n)
	var sign byte // what the bytes above b are
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

// pushFloat pushes an integer that no int64 holds.
func (m *pickleMachine) pushFloat(f float64) {
	if math.IsInf(f, 0) {
		m.push(pickleValue{kind: kindHuge})
		return
	}
	m.push(pickleValue{kind: kindFloat, bits: math.Float64bits(f)})
}

// longFloat rounds an integer of more than eight bytes to the nearest float64.
func longFloat(b []byte, sign byte) float64 {
	if len(b) > 130 { // 2^1024 and beyond
		return math.Inf(1)
	}
	abs := make([]byte, len(b)) // big-endian; of a negative number its complement, which is |x|-1
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

// pushDecimal pushes an integer written in digits: INT, where 00 and 01 are booleans, or LONG, with an L behind it.
func (m *pickleMachine) pushDecimal(op byte, line []byte) bool {
	if op == 'I' && len(line) == 2 && line[0] == '0' && line[1]-'0' < 2 {
		m.push(pickleValue{kind: kindBool, bits: uint64(line[1] - '0')})
		return true
	}
	line = bytes.TrimFunc(line, isBlank)
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
	if !errors.Is(err, strconv.ErrRange) || len(bytes.Trim(digits, "0123456789")) > 0 || len(digits) > 4300 { // Python's own limit
		return false
	}
	f, _ := parseFloatSlow(line)
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

// pushEscaped pushes text that begins at offset at of the pickle: as it stands there, or decoded when there are escapes.
func (m *pickleMachine) pushEscaped(at int, text []byte, unescape func(dst, src []byte) ([]byte, bool)) bool {
	plain := true
	for _, c := range text {
		plain = plain && c != '\\' && c < utf8.RuneSelf
	}
	if plain {
		m.push(pickleValue{kind: kindText, n: uint32(len(text)), bits: uint64(at)})
		return true
	}
	out, ok := unescape(make([]byte, 0, len(text)), text)
	m.decoded = append(m.decoded, out)
	m.push(pickleValue{kind: kindDecoded, bits: uint64(len(m.decoded) - 1)})
	return ok
}

// text returns the bytes of a str, unicode or bytes value; it is a part of the pickle wherever possible.
func (m *pickleMachine) text(v pickleValue) ([]byte, bool) {
	switch v.kind {
	case kindText:
		end := v.bits + uint64(v.n)
		return m.src[v.bits:end:end], true
	case kindDecoded:
		return m.decoded[v.bits], true
	}
	return nil, false
}

// elements yields the elements of a tuple, list or set, the keys and values of a dict, and nothing of other values.
func (m *pickleMachine) elements(v pickleValue) iter.Seq[pickleValue] {
	return func(yield func(pickleValue) bool) {
		switch v.kind {
		case kindTuple:
			for _, e := range m.items[v.bits : v.bits+uint64(v.n)] {
				if !yield(e) {
					return
				}
			}
		case kindList, kindDict:
			for i := m.lists[v.bits].first; i != 0; i = m.cells[i-1].next {
				if !yield(m.cells[i-1].value) {
					return
				}
			}
		}
	}
}

// pair returns the two elements of a tuple or list of two.
func (m *pickleMachine) pair(v pickleValue) (a, b pickleValue, ok bool) {
	switch {
	case v.kind == kindTuple && v.n == 2:
		return m.items[v.bits], m.items[v.bits+1], true
	case v.kind == kindList && m.lists[v.bits].n == 2:
		l := m.lists[v.bits]
		return m.cells[l.first-1].value, m.cells[l.last-1].value, true
	}
	return a, b, false
}

// number is Python's float(): of a number or of its text.
func (m *pickleMachine) number(v pickleValue) (float64, bool) {
	switch v.kind {
	case kindBool, kindInt:
		return float64(int64(v.bits)), true
	case kindFloat:
		return math.Float64frombits(v.bits), true
	}
	text, ok := m.text(v)
	if !ok {
		return 0, false
	}
	return parseFloat(bytes.TrimFunc(text, isBlank))
}

// appendUnescaped decodes the escapes of a Python bytes literal, which is what protocol 0 makes of a str of Python 2.
func appendUnescaped(dst, src []byte) ([]byte, bool) {
	for i := 0; i < len(src); i++ {
		if src[i] != '\\' {
			dst = append(dst, src[i])
			continue
		}
		if i++; i == len(src) {
			return dst, false
		}
		c := src[i]
		if k := bytes.IndexByte([]byte(`\'"abfnrtv`), c); k >= 0 {
			dst = append(dst, "\\'\"\a\b\f\n\r\t\v"[k])
			continue
		}
		switch {
		case c == 'x':
			x, ok := hexNumber(src[i+1:], 2)
			if !ok {
				return dst, false
			}
			dst = append(dst, byte(x))
			i += 2
		case c-'0' < 8:
			x := c - '0'
			for n := 1; n < 3 && i+1 < len(src) && src[i+1]-'0' < 8; n++ {
				i++
				x = x<<3 | (src[i] - '0')
			}
			dst = append(dst, x)
		default: // no escape
			dst = append(dst, '\\', c)
		}
	}
	return dst, true
}

// appendUnicodeUnescaped decodes Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX. Half a surrogate pair becomes invalid UTF-8.
func appendUnicodeUnescaped(dst, src []byte) ([]byte, bool) {
	for i := 0; i < len(src); i++ {
		c := src[i]
		if c != '\\' || i+1 == len(src) {
			dst = utf8.AppendRune(dst, rune(c))
			continue
		}
		i++
		digits := 4
		switch src[i] {
		case 'U':
			digits = 8
		case 'u':
		default: // the backslash stands for itself, and so does what follows, even another one
			dst = append(dst, '\\')
			dst = utf8.AppendRune(dst, rune(src[i]))
			continue
		}
		x, ok := hexNumber(src[i+1:], digits)
		if !ok || x > utf8.MaxRune {
			return dst, false
		}
		i += digits
		if x >= 0xd800 && x < 0xe000 {
			dst = append(dst, 0xe0|byte(x>>12), 0x80|byte(x>>6)&0x3f, 0x80|byte(x)&0x3f)
			continue
		}
		dst = utf8.AppendRune(dst, rune(x))
	}
	return dst, true
}

// hexNumber reads exactly n hexadecimal digits at the beginning of b.
func hexNumber(b []byte, n int) (x uint32, ok bool) {
	if len(b) < n {
		return 0, false
	}
	for _, c := range b[:n] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		x = x<<4 | uint32(c)
	}
	return x, true
}

// maxPickleDepth is how deep lists and dicts may be nested in what unpickle reads. One that contains itself is nested without end.
const maxPickleDepth = 32

// unpickle reads a small pickle into Go values: nil, bool, int64, float64, string (of bytes, too), []any (tuples, lists and sets) and map[string]any.
// Values that occur more than once are copied; a pickle that would become many times its size by that is refused. src is not kept.
func unpickle(src []byte) (any, error) {
	m := getMachine()
	defer putMachine(m)
	root, err := m.load(src)
	if err != nil {
		return nil, err
	}
	room := 64 + len(src)
	return m.goValue(root, maxPickleDepth, &room)
}

// goValue turns a value into Go's. room is how many values and bytes of text may still come.
func (m *pickleMachine) goValue(v pickleValue, depth int, room *int) (any, error) {
	if *room--; *room < 0 || depth == 0 {
		return nil, errPickle
	}
	switch v.kind {
	case kindNone:
		return nil, nil
	case kindBool:
		return v.bits != 0, nil
	case kindInt:
		return int64(v.bits), nil
	case kindFloat:
		return math.Float64frombits(v.bits), nil
	case kindText, kindDecoded:
		text, _ := m.text(v)
		*room -= len(text)
		if *room < 0 {
			return nil, errPickle
		}
		return string(text), nil
	case kindTuple, kindList:
		out := []any{}
		for e := range m.elements(v) {
			g, err := m.goValue(e, depth-1, room)
			if err != nil {
				return nil, err
			}
			out = append(out, g)
		}
		return out, nil
	case kindDict:
		return m.goMap(v, depth, room)
	}
	return nil, errPickle // an integer beyond all numbers
}

func (m *pickleMachine) goMap(v pickleValue, depth int, room *int) (map[string]any, error) {
	out := map[string]any{}
	key, isValue := "", false
	for e := range m.elements(v) {
		g, err := m.goValue(e, depth-1, room)
		if err != nil {
			return nil, err
		}
		if isValue {
			out[key] = g
		} else if s, ok := g.(string); ok {
			key = s
		} else {
			return nil, errPickle
		}
		isValue = !isValue
	}
	return out, nil
}

// The append functions below write pickles of protocol 2. Text is written as str, with a replacement character for what is not UTF-8, since Python would not read the pickle otherwise.

func appendPickleText(dst []byte, s string) []byte {
	s = strings.ToValidUTF8(s, "\uFFFD")
	dst = append(dst, 'X')
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

func appendPickleInt(dst []byte, i int64) []byte {
	if i == int64(int32(i)) {
		return binary.LittleEndian.AppendUint32(append(dst, 'J'), uint32(i))
	}
	return binary.LittleEndian.AppendUint64(append(dst, 0x8a, 8), uint64(i))
}

func appendPickleFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 'G'), math.Float64bits(f))
}
