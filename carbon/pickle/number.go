package pickle

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"strconv"
)

// longValue returns an integer given as bytes, little-endian in two's complement.
func longValue(b []byte) Value {
	var sign byte // the value of the bytes above b
	if n := len(b); n > 0 && b[n-1] >= 0x80 {
		sign = 0xff
	}
	for len(b) > 8 && b[len(b)-1] == sign && b[len(b)-2]&0x80 == sign&0x80 {
		b = b[:len(b)-1]
	}
	if len(b) > 8 {
		return floatValue(longFloat(b, sign))
	}
	var i uint64
	for k := range 8 {
		c := sign
		if k < len(b) {
			c = b[k]
		}
		i |= uint64(c) << (8 * k)
	}
	return Value{kind: Int, bits: i}
}

// floatValue returns an integer outside int64.
func floatValue(f float64) Value {
	if math.IsInf(f, 0) {
		return Value{kind: Huge}
	}
	return Value{kind: Float, bits: math.Float64bits(f)}
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

// decimalValue reads an integer written in digits: INT, where 00 and 01 are booleans, or LONG,
// which ends in L. ok is false if it is neither.
func decimalValue(op byte, line []byte) (v Value, ok bool) {
	if op == 'I' && len(line) == 2 && line[0] == '0' && line[1]-'0' < 2 {
		return Value{kind: Bool, bits: uint64(line[1] - '0')}, true
	}
	line = bytes.TrimSpace(line)
	if op == 'L' {
		line = bytes.TrimSuffix(line, []byte{'L'})
	}
	if i, ok := digitsOnly(line); ok && line[0] != '0' {
		return Value{kind: Int, bits: i}, true
	}
	i, err := strconv.ParseInt(string(line), 0, 64)
	if err == nil {
		return Value{kind: Int, bits: uint64(i)}, true
	}
	digits := bytes.TrimLeft(line, "+-")
	if !errors.Is(err, strconv.ErrRange) || len(bytes.Trim(digits, "0123456789")) > 0 || len(digits) > 4300 { // Python's limit
		return Value{}, false
	}
	f, _ := strconv.ParseFloat(string(line), 64)
	return floatValue(f), true
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
