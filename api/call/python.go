package call

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseInt parses an integer like Python's int(): spaces around it, a sign and underscores between
// digits are allowed.
func ParseInt(s string) (int64, error) {
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "_") || strings.HasSuffix(t, "_") || strings.Contains(t, "__") {
		t = ""
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(t, "_", ""), 10, 64)
	if err != nil {
		return 0, BadRequest("invalid literal for int() with base 10: " + Quote(s))
	}
	return i, nil
}

// ParseFloat parses a number like Python's float().
func ParseFloat(s string) (float64, error) {
	t := strings.TrimSpace(s)
	f, err := strconv.ParseFloat(t, 64)
	if err != nil && !isRangeError(err) || strings.ContainsAny(t, "xXpP") {
		return 0, BadRequest("could not convert string to float: " + Quote(s))
	}
	return f, nil
}

func isRangeError(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// Quote quotes s as Python's repr, for messages that quote it.
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

const hexDigits = "0123456789abcdef"
