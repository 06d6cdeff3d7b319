package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// AppendText appends a str. It replaces invalid UTF-8 by U+FFFD, because Python would not read the
// pickle otherwise. Like the other functions it writes instructions of protocol 2.
func AppendText(dst []byte, s string) []byte {
	s = strings.ToValidUTF8(s, "\uFFFD")
	dst = append(dst, 'X')
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// AppendInt appends an int.
func AppendInt(dst []byte, i int64) []byte {
	if i == int64(int32(i)) {
		return binary.LittleEndian.AppendUint32(append(dst, 'J'), uint32(i))
	}
	return binary.LittleEndian.AppendUint64(append(dst, 0x8a, 8), uint64(i))
}

// AppendFloat appends a float.
func AppendFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 'G'), math.Float64bits(f))
}

// Append appends the instructions that make a value of a type that Decode returns: string, int64,
// float64, []any or map[string]any.
func Append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return AppendText(dst, v)
	case int64:
		return AppendInt(dst, v)
	case float64:
		return AppendFloat(dst, v)
	case []any:
		dst = append(dst, ']', '(')
		for _, e := range v {
			dst = Append(dst, e)
		}
		return append(dst, 'e')
	case map[string]any:
		dst = append(dst, '}', '(')
		for k, e := range v {
			dst = Append(AppendText(dst, k), e)
		}
		return append(dst, 'u')
	}
	panic(fmt.Sprintf("BUG: no pickle of %T", v))
}
