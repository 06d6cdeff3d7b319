package tool

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// repr is Python's repr of a float: the fewest digits that parse to the same value, always with a
// point or an exponent.
func repr(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64)), "+")
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// reprOrNone is repr, but returns None for NaN.
func reprOrNone(v float64) string {
	if v != v {
		return "None"
	}
	return repr(v)
}

// fixed is Python's "%f".
func fixed(v float64) string {
	if math.IsInf(v, 0) || v != v {
		return repr(v)
	}
	return strconv.FormatFloat(v, 'f', 6, 64)
}

// long is Python's "%10.35g".
func long(v float64) string {
	s := repr(v)
	if !math.IsInf(v, 0) && v == v {
		s = strconv.FormatFloat(v, 'g', 35, 64)
	}
	return fmt.Sprintf("%10s", s)
}

// number returns the JSON value of a float. It is null for values that are not numbers in JSON.
func number(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// timeOptions has the options for the format of times.
type timeOptions struct {
	pretty bool
	layout string
}

func (o *timeOptions) options() []option {
	return []option{
		{name: "pretty", value: &o.pretty, help: "Show human-readable timestamps instead of unix times"},
		{name: "time-format", short: 't', value: &o.layout, help: "Time format to use with --pretty; see time.strftime()"},
	}
}

func (o *timeOptions) format(t int64, zone *time.Location) string {
	switch {
	case !o.pretty:
		return strconv.FormatInt(t, 10)
	case o.layout == "":
		return time.Unix(t, 0).In(zone).Format(time.ANSIC)
	}
	return strftime(o.layout, time.Unix(t, 0).In(zone))
}

// verbs has the letters of strftime for which Go has a layout.
var verbs = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06", 'e': "_2", 'F': "2006-01-02",
	'h': "Jan", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04", 'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05",
	'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

// strftime formats as C does in the locale "C". It does not change unknown verbs.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		_, week := t.ISOWeek()
		switch c := format[i]; c {
		case '%':
			b.WriteByte('%')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 's':
			fmt.Fprint(&b, t.Unix())
		case 'w':
			fmt.Fprint(&b, int(t.Weekday()))
		case 'u':
			fmt.Fprint(&b, (int(t.Weekday())+6)%7+1)
		case 'V':
			fmt.Fprintf(&b, "%02d", week)
		case 'U':
			fmt.Fprintf(&b, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
		case 'W':
			fmt.Fprintf(&b, "%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
		case 'f':
			b.WriteString("000000")
		default:
			if layout, ok := verbs[c]; ok {
				b.WriteString(t.Format(layout))
			} else {
				b.WriteString(format[i-1 : i+1])
			}
		}
	}
	return b.String()
}
