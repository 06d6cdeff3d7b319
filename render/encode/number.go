package encode

import (
	"math"
	"strconv"
)

// AppendFloat appends v as Python's repr of a float: the shortest text that reads back as v, always
// with a point or an exponent. It uses an exponent below 1e-4 and from 1e16 on. NaN and infinities
// are nan, inf and -inf.
func AppendFloat(dst []byte, v float64) []byte {
	if d, ok := appendShort(dst, v); ok {
		return d
	}
	abs := math.Abs(v)
	switch {
	case v != v:
		return append(dst, "nan"...)
	case abs > math.MaxFloat64:
		if v < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "inf"...)
	case abs >= 1e16 || abs < 1e-4:
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	case abs >= 1<<53:
		// From here on every float is a whole number, which 'f' writes without a point.
		return append(strconv.AppendFloat(dst, v, 'f', -1, 64), '.', '0')
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// appendShort appends whole numbers and numbers with up to six decimals, which most measured values
// are, without a search for the shortest text.
//
// If a decimal of at most 15 digits reads back as v, it is the only one of that length that does,
// so without its trailing zeros it is the shortest. It reads back as v exactly if its digits
// divided by its power of ten give v, because both are exact floats and the division rounds
// correctly.
func appendShort(dst []byte, v float64) ([]byte, bool) {
	abs := math.Abs(v)
	if !(abs < 1e9) {
		return appendWhole(dst, v)
	}
	var m, unit uint64
	if m = uint64(abs); float64(m) == abs {
		if math.Signbit(v) {
			dst = append(dst, '-')
		}
		return append(appendUint(dst, m), '.', '0'), true
	}
	if m = uint64(abs*1e3 + 0.5); float64(m)/1e3 == abs {
		unit = 1e3
	} else if m = uint64(abs*1e6 + 0.5); float64(m)/1e6 == abs && m >= 100 {
		unit = 1e6
	} else {
		return dst, false
	}
	if math.Signbit(v) {
		dst = append(dst, '-')
	}
	dst = append(appendUint(dst, m/unit), '.')
	for frac := m % unit; frac > 0; frac %= unit {
		unit /= 10
		dst = append(dst, '0'+byte(frac/unit))
	}
	return dst, true
}

// appendWhole is appendShort for large whole numbers.
func appendWhole(dst []byte, v float64) ([]byte, bool) {
	if !(math.Abs(v) < 1<<53) || v != math.Trunc(v) {
		return dst, false
	}
	return append(strconv.AppendInt(dst, int64(v), 10), '.', '0'), true
}

// appendUint is strconv.AppendUint, inlined for the one or two digits of a typical gauge.
func appendUint(dst []byte, u uint64) []byte {
	if u < 10 {
		return append(dst, '0'+byte(u))
	}
	return strconv.AppendUint(dst, u, 10)
}

// appendInt appends v as a Python int if it is whole, otherwise as a float.
func appendInt(dst []byte, v float64) []byte {
	if v != math.Trunc(v) || math.IsInf(v, 0) {
		return AppendFloat(dst, v)
	}
	if math.Abs(v) < 1<<63 {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendFloat(dst, v, 'f', 0, 64)
}

// appendValue appends a value as JSON: NaN as null, and infinities as 1e9999, which every reader
// takes as infinity, because JSON cannot express them.
func appendValue(dst []byte, v float64, whole bool) []byte {
	if whole && v == v && !math.IsInf(v, 0) {
		return appendInt(dst, v)
	}
	if d, ok := appendShort(dst, v); ok {
		return d
	}
	switch {
	case v != v:
		return append(dst, "null"...)
	case v > math.MaxFloat64:
		return append(dst, "1e9999"...)
	case v < -math.MaxFloat64:
		return append(dst, "-1e9999"...)
	}
	return AppendFloat(dst, v)
}
