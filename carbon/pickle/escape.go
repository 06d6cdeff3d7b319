package pickle

import (
	"bytes"
	"unicode/utf8"
)

// appendUnescaped decodes the escapes of a Python bytes literal, as protocol 0 writes a str of
// Python 2.
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
		default: // not an escape
			dst = append(dst, '\\', c)
		}
	}
	return dst, true
}

// appendUnicodeUnescaped decodes Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
// Half of a surrogate pair becomes invalid UTF-8.
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
		default: // the backslash is literal, and so is the next character, even another backslash
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
