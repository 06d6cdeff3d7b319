package attime

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// isDigits reports whether s consists of one or more ASCII digits.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads an integer like Python's int, with an optional sign and spaces. It rejects numbers
// too large for any time or offset.
func number(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		return 0, fmt.Errorf("%s is not a number", quote(s))
	}
	if err != nil || n > maxNumber || n < -maxNumber {
		return 0, fmt.Errorf("the number %s is out of range", quote(s))
	}
	return n, nil
}

const maxNumber = 1e15

// quote quotes a text, of which it shows only the beginning if it is long.
func quote(s string) string {
	const most = 64
	if len(s) > most {
		return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:most], ""))
	}
	return strconv.Quote(s)
}
