package draw

import (
	"strconv"
	"strings"
	"time"
)

// appendTime formats t like C's strftime in the C locale. It copies an unknown directive.
func appendTime(dst []byte, t time.Time, format string) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			dst = append(dst, format[i])
			continue
		}
		start := i
		i++
		pad := byte(0)
		if strings.IndexByte("-_0", format[i]) >= 0 && i+1 < len(format) {
			pad = format[i]
			i++
		}
		n := len(dst)
		if dst = appendDirective(dst, t, format[i], pad); len(dst) == n && strings.IndexByte("PpZ", format[i]) < 0 {
			dst = append(dst, format[start:i+1]...)
		}
	}
	return dst
}

// appendDirective formats one directive, or nothing if it is unknown. pad is glibc's flag: '-' for
// no padding, '_' for spaces, '0' for zeros, 0 for the default.
func appendDirective(dst []byte, t time.Time, c, pad byte) []byte {
	switch c {
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10)
	case 'n':
		return append(dst, '\n')
	case 't':
		return append(dst, '\t')
	case '%':
		return append(dst, '%')
	}
	if layout := layoutOf(c); layout != "" {
		return t.AppendFormat(dst, layout)
	}
	n, width, usual := numberOf(t, c)
	if width == 0 {
		return dst
	}
	if pad == 0 {
		pad = usual
	}
	var b [20]byte
	digits := strconv.AppendInt(b[:0], int64(n), 10)
	for i := len(digits); i < width && pad != '-'; i++ {
		if pad == '_' {
			dst = append(dst, ' ')
		} else {
			dst = append(dst, '0')
		}
	}
	return append(dst, digits...)
}

// numberOf returns the number of a directive, its width and its padding. The width is 0 if the
// directive is not a number.
func numberOf(t time.Time, c byte) (n, width int, pad byte) {
	weekday := int(t.Weekday())
	switch c {
	case 'Y':
		return t.Year(), 1, '0'
	case 'C':
		return t.Year() / 100, 2, '0'
	case 'y':
		return t.Year() % 100, 2, '0'
	case 'm':
		return int(t.Month()), 2, '0'
	case 'd':
		return t.Day(), 2, '0'
	case 'e':
		return t.Day(), 2, '_'
	case 'H':
		return t.Hour(), 2, '0'
	case 'k':
		return t.Hour(), 2, '_'
	case 'I':
		return (t.Hour()+11)%12 + 1, 2, '0'
	case 'l':
		return (t.Hour()+11)%12 + 1, 2, '_'
	case 'M':
		return t.Minute(), 2, '0'
	case 'S':
		return t.Second(), 2, '0'
	case 'j':
		return t.YearDay(), 3, '0'
	case 'u':
		return (weekday+6)%7 + 1, 1, '0'
	case 'w':
		return weekday, 1, '0'
	case 'U':
		return (t.YearDay() + 6 - weekday) / 7, 2, '0'
	case 'W':
		return (t.YearDay() + 6 - (weekday+6)%7) / 7, 2, '0'
	case 'V':
		_, week := t.ISOWeek()
		return week, 2, '0'
	case 'G':
		year, _ := t.ISOWeek()
		return year, 1, '0'
	}
	return 0, 0, 0
}

// layoutOf returns the layout of a directive for package time.
func layoutOf(c byte) string {
	switch c {
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'b', 'h':
		return "Jan"
	case 'B':
		return "January"
	case 'p':
		return "PM"
	case 'P':
		return "pm"
	case 'D', 'x':
		return "01/02/06"
	case 'F':
		return "2006-01-02"
	case 'R':
		return "15:04"
	case 'T', 'X':
		return "15:04:05"
	case 'r':
		return "03:04:05 PM"
	case 'c':
		return "Mon Jan _2 15:04:05 2006"
	case 'z':
		return "-0700"
	case 'Z':
		return "MST"
	}
	return ""
}
