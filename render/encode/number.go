package encode

import (
	"math"
	"strconv"

	"graphited/carbon/pyvalue"
)

// appendInt appends v as a Python int if it is whole, otherwise as a float.
func appendInt(dst []byte, v float64) []byte {
	if v != math.Trunc(v) || math.IsInf(v, 0) {
		return pyvalue.AppendRepr(dst, v)
	}
	if math.Abs(v) < 1<<63 {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendFloat(dst, v, 'f', 0, 64)
}

// appendValue appends a value as JSON: NaN as null, and infinities as 1e9999, which every reader
// takes as infinity, because JSON cannot express them.
func appendValue(dst []byte, v float64, whole bool) []byte {
	switch {
	case math.Abs(v) <= math.MaxFloat64 && whole:
		return appendInt(dst, v)
	case math.Abs(v) <= math.MaxFloat64:
		return pyvalue.AppendRepr(dst, v)
	case v != v:
		return append(dst, "null"...)
	case v < 0:
		return append(dst, "-1e9999"...)
	}
	return append(dst, "1e9999"...)
}
