package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// space is what may stand around tokens.
const space = " \t\n\r"

// special are the characters that end a path. They can be escaped in one, and
// so can the equals sign.
const special = "(){},.'\"\\|"

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isPlain tells whether an ASCII character can be in a path as it is.
func isPlain(c byte) bool {
	switch c {
	case '(', ')', '{', '}', ',', '.', '\'', '"', '\\', '|', 0x7f:
		return false
	}
	return c > ' '
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// scanName returns the end of the function or keyword name at i, i if there is
// none.
func scanName(s string, i int) int {
	if i == len(s) || !isAlpha(s[i]) && s[i] != '_' {
		return i
	}
	for i++; i < len(s) && (isAlpha(s[i]) || isDigit(s[i]) || s[i] == '_'); i++ {
	}
	return i
}

// scanPath returns the end of the longest path at i, i if there is none.
func scanPath(s string, i int) int {
	end := i
	for {
		j := scanElement(s, i)
		if j == i {
			return end
		}
		end = j
		if j == len(s) || s[j] != '.' {
			return end
		}
		i = j + 1
	}
}

// scanElement scans what stands between dots: characters and braces.
func scanElement(s string, i int) int {
	for {
		j := scanPlain(s, i)
		if j < len(s) && s[j] == '{' {
			j = scanBraces(s, j)
		}
		if j == i {
			return i
		}
		i = j
	}
}

// scanPlain scans characters and escapes.
func scanPlain(s string, i int) int {
	for i < len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				return i
			}
			i += size
		case isPlain(c):
			i++
		case c == '\\' && isEscape(s, i):
			i += 2
		default:
			return i
		}
	}
	return i
}

// isEscape tells whether the backslash at i escapes something.
func isEscape(s string, i int) bool {
	return i+1 < len(s) && (s[i+1] == '=' || strings.IndexByte(special, s[i+1]) >= 0)
}

// scanBraces scans {a,b}, and returns i if the brace at i does not begin such.
// Other than in graphite-web there may be dots: {a.b,c} is two paths.
func scanBraces(s string, i int) int {
	for j := i + 1; ; j++ {
		k := scanPlain(s, j)
		if k == j || k == len(s) {
			return i
		}
		switch s[k] {
		case '}':
			return k + 1
		case ',', '.':
			j = k
		default:
			return i
		}
	}
}

// unescape removes the backslashes from a path that was scanned.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		b.WriteByte(s[i+1])
		s = s[i+2:]
	}
	b.WriteString(s)
	return b.String()
}

// scanString returns the end of the string whose quote is at i, -1 if it is not
// closed. As in pyparsing's quotedString, a doubled quote does not close it,
// what a backslash precedes does not either, and \x wants a hexadecimal digit.
func scanString(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch c := s[i]; c {
		case quote:
			if i+1 == len(s) || s[i+1] != quote {
				return i + 1
			}
			i++
		case '\n', '\r':
			return -1
		case '\\':
			i++
			if i == len(s) || s[i] == 'x' && (i+1 == len(s) || !isHex(s[i+1])) {
				return -1
			}
		}
	}
	return -1
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// scanNumber returns the end of the number at i, -1 if there is none. The
// exponent has no plus sign. Unlike graphite-web's grammar, which cannot read a
// call with such, digits may lack on one side of the point: .5 and 5. are numbers.
func scanNumber(s string, i int) (end int, isInt bool) {
	digits := func(i int) int {
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i
	}
	if s[i] == '-' {
		i++
	}
	end = digits(i)
	count := end - i
	isInt = true
	if end < len(s) && s[end] == '.' {
		point := end + 1
		end, isInt = digits(point), false
		count += end - point
	}
	if count == 0 {
		return -1, false
	}
	if end+1 < len(s) && s[end]|0x20 == 'e' {
		i = end + 1
		if s[i] == '-' {
			i++
		}
		if j := digits(i); j > i {
			return j, false
		}
	}
	return end, isInt
}

// scanWord recognises true, false, none and inf in any case, where the next
// character does not make a longer word of it.
func scanWord(s string, i int) (k Kind, end int) {
	if i == len(s) {
		return 0, i
	}
	var word string
	switch s[i] | 0x20 {
	case 't':
		k, word = Bool, "true"
	case 'f':
		k, word = Bool, "false"
	case 'n':
		k, word = None, "none"
	case 'i':
		k, word = Inf, "inf"
	default:
		return 0, i
	}
	end = i + len(word)
	if end > len(s) {
		return 0, i
	}
	for j := range len(word) {
		if s[i+j]|0x20 != word[j] {
			return 0, i
		}
	}
	if end < len(s) && (isAlpha(s[end]) || isDigit(s[end]) || s[end] == '_' || s[end] == '$') {
		return 0, i
	}
	return k, end
}

// expandTabs is Python's str.expandtabs. Columns are counted in runes from the
// beginning of a line.
func expandTabs(s string) string {
	var b strings.Builder
	column := 0
	for _, r := range s {
		switch r {
		case '\t':
			n := 8 - column%8
			b.WriteString("        "[:n])
			column += n
			continue
		case '\n', '\r':
			column = -1
		}
		b.WriteRune(r)
		column++
	}
	return b.String()
}
