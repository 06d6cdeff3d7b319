package attime

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ParseOffset reads an interval like graphite-web's parseTimeOffset: an optional sign followed by
// numbers with a unit each, such as "-1d", "5min" or "1h30min". "" and a sign alone are 0. Only the
// beginning of a unit counts, in lower case: s, min, h, d, w, mon (30 days) or y (365 days).
//
// An error names the invalid text. An interval longer than a time.Duration can hold, 292 years, is
// an error.
func ParseOffset(s string) (time.Duration, error) {
	seconds, err := parseOffset(s)
	if err == nil && (seconds > maxDuration || seconds < -maxDuration) {
		err = errOutOfRange
	}
	if err != nil {
		return 0, fmt.Errorf("cannot parse offset %s: %w", quote(s), err)
	}
	return time.Duration(seconds) * time.Second, nil
}

const (
	maxDuration = int64(1<<63-1) / int64(time.Second)
	maxSeconds  = 1e9*86_400 - 1 // limit of Python's timedelta
)

var errOutOfRange = errors.New("it is too long")

// parseOffset returns an interval in seconds.
func parseOffset(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	sign := int64(1)
	if c := s[0]; c < '0' || c > '9' {
		if c != '+' && c != '-' {
			return 0, errors.New("it must begin with a sign or a digit")
		}
		if c == '-' {
			sign = -1
		}
		s = s[1:]
	}
	var total int64
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(s)
		}
		n, err := number(s[:end])
		if err != nil {
			if end == 0 {
				err = fmt.Errorf("expected a number at %s", quote(s))
			}
			return 0, err
		}
		s = s[end:]
		end = strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) || r == utf8.RuneError })
		if end < 0 {
			end = len(s)
		}
		unit := unitSeconds(s[:end])
		if unit == 0 {
			return 0, fmt.Errorf("invalid unit %s, it must begin with s, min, h, d, w, mon or y", quote(s[:end]))
		}
		s = s[end:]
		if n > maxSeconds/unit || total+n*unit > maxSeconds {
			return 0, errOutOfRange
		}
		total += n * unit
	}
	return sign * total, nil
}

func unitSeconds(s string) int64 {
	for _, u := range [...]struct {
		prefix  string
		seconds int64
	}{
		{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}, {"mon", 30 * 86400}, {"y", 365 * 86400},
	} {
		if strings.HasPrefix(s, u.prefix) {
			return u.seconds
		}
	}
	return 0
}
