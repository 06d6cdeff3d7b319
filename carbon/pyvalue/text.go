package pyvalue

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Str writes a value as Python's str. It knows strings, int64, float64 and bool; all else is None.
func Str(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return Repr(x)
	case bool:
		if x {
			return "True"
		}
		return "False"
	}
	return "None"
}

// Repr is AppendRepr as a string.
func Repr(v float64) string { return string(AppendRepr(make([]byte, 0, 24), v)) }

// AppendRepr appends v as Python's repr of a float: the shortest text that reads back as v, always
// with a point or an exponent. It uses an exponent below 1e-4 and from 1e16 on. NaN and infinities
// are nan, inf and -inf.
//
// Whole numbers and numbers with up to six decimals, which most measured values are, are written
// without a search for the shortest text. If a decimal of at most 15 digits reads back as v, it is
// the only one of that length that does, so without its trailing zeros it is the shortest. It reads
// back as v exactly if its digits divided by its power of ten give v, because both are exact floats
// and the division rounds correctly.
func AppendRepr(dst []byte, v float64) []byte {
	abs := math.Abs(v)
	if !(abs < 1e9) {
		return appendLarge(dst, v)
	}
	var m, unit uint64
	if m = uint64(abs); float64(m) == abs {
		if math.Signbit(v) {
			dst = append(dst, '-')
		}
		return append(appendUint(dst, m), '.', '0')
	}
	if m = uint64(abs*1e3 + 0.5); float64(m)/1e3 == abs {
		unit = 1e3
	} else if m = uint64(abs*1e6 + 0.5); float64(m)/1e6 == abs && m >= 100 {
		unit = 1e6
	} else if abs < 1e-4 {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	} else {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	if math.Signbit(v) {
		dst = append(dst, '-')
	}
	dst = append(appendUint(dst, m/unit), '.')
	for frac := m % unit; frac > 0; frac %= unit {
		unit /= 10
		dst = append(dst, '0'+byte(frac/unit))
	}
	return dst
}

// appendLarge is AppendRepr for numbers from 1e9 on, and for those that are none.
func appendLarge(dst []byte, v float64) []byte {
	abs := math.Abs(v)
	switch {
	case abs < 1<<53 && v == math.Trunc(v):
		return append(strconv.AppendInt(dst, int64(v), 10), '.', '0')
	case abs < 1<<53:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	case abs < 1e16:
		// From 2^53 on every float is a whole number, which 'f' writes without a point.
		return append(strconv.AppendFloat(dst, v, 'f', -1, 64), '.', '0')
	case abs <= math.MaxFloat64:
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	return append(dst, special(v)...)
}

// appendUint is strconv.AppendUint, inlined for the one or two digits of a typical gauge.
func appendUint(dst []byte, u uint64) []byte {
	if u < 10 {
		return append(dst, '0'+byte(u))
	}
	return strconv.AppendUint(dst, u, 10)
}

// special is the text of NaN and the infinities, and "" for every other number.
func special(v float64) string {
	switch {
	case v != v:
		return "nan"
	case v > math.MaxFloat64:
		return "inf"
	case v < -math.MaxFloat64:
		return "-inf"
	}
	return ""
}

// FormatG writes a number as C's and Python's %g: six digits, no trailing zeros.
func FormatG(v float64) string {
	if s := special(v); s != "" {
		return s
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// FormatD writes a float as Python's %d: the fraction is cut off.
func FormatD(v float64) string {
	return strconv.FormatFloat(math.Trunc(v)+0, 'f', 0, 64)
}

// FormatF writes a number as C's and Python's %.2f, with the number of digits that is given.
func FormatF(v float64, digits int) string {
	if s := special(v); s != "" {
		return s
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

const hexDigits = "0123456789abcdef"

// Quote quotes s as Python's repr of a str.
func Quote(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := append(make([]byte, 0, len(s)+2), q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r < 0x100:
			b = append(b, '\\', 'x', hexDigits[r>>4], hexDigits[r&15])
		default:
			b = append(b, strings.Trim(strconv.QuoteRuneToASCII(r), "'")...)
		}
	}
	return string(append(b, q))
}

// UnquotePlus decodes %XX and +, and leaves what is neither, as Python's unquote_plus. Bytes that
// are not UTF-8 become U+FFFD.
func UnquotePlus(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			c = ' '
		}
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(n)
				i += 2
			}
		}
		b = append(b, c)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
