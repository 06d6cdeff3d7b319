package attime

import (
	"fmt"
	"strings"
	"time"
)

// Context is what a time is relative to.
type Context struct {
	// Now is the time that "now", offsets and days refer to.
	Now time.Time
	// Location is the time zone of clock times, days and results. nil means UTC.
	Location *time.Location
}

// Parse reads a time like graphite-web's parseATTime: seconds since 1970, or a reference and an
// offset, both optional: [time of day][day][+-offset]. "" means now. Seconds are zero unless the
// text is a number or refers to now, which keeps its nanoseconds.
//
// An error names the invalid text. Times outside the years 1 to 9999 are errors.
func Parse(s string, c Context) (time.Time, error) {
	if c.Location == nil {
		c.Location = time.UTC
	}
	t, err := c.parse(squeeze(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot parse time %s: %w", quote(s), err)
	}
	return t, nil
}

// squeeze removes the characters that parseATTime ignores.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ',' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(s)))
}

func (c Context) parse(s string) (time.Time, error) {
	if isDigits(s) && !isDate(s) {
		n, err := number(s)
		if err != nil {
			return time.Time{}, err
		}
		return checked(time.Unix(n, 0).In(c.Location))
	}
	ref, offset := s, ""
	i := strings.IndexByte(s, '+')
	if i < 0 {
		i = strings.IndexByte(s, '-')
	}
	if i >= 0 {
		ref, offset = s[:i], s[i:]
	}
	t, err := c.reference(ref)
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := parseOffset(offset)
	if err != nil {
		return time.Time{}, err
	}
	return checked(addSeconds(t, seconds).In(c.Location))
}

// isDate reports whether s is a date rather than seconds since 1970. It is lax: February 31 is a
// date, which then is an error.
func isDate(s string) bool {
	return len(s) == 8 && s[:4] > "1900" && s[4:6] < "13" && s[6:] < "32"
}

func checked(t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}, fmt.Errorf("the year %d is out of range", y)
	}
	return t, nil
}

// addSeconds is like time.Add but not limited to the 292 years of a time.Duration.
func addSeconds(t time.Time, seconds int64) time.Time {
	return time.Unix(t.Unix()+seconds, int64(t.Nanosecond()))
}

// reference reads the part before the offset.
func (c Context) reference(s string) (time.Time, error) {
	now, err := checked(c.Now.In(c.Location))
	if err != nil || s == "" || s == "now" {
		return now, err
	}
	w := wall{}
	w.year, w.month, w.day = now.Date()
	day, err := w.clock(s)
	if err != nil {
		return time.Time{}, err
	}
	if err := w.date(day); err != nil {
		return time.Time{}, err
	}
	return w.localize(c.Location), nil
}
