package attime

import (
	"fmt"
	"strings"
	"time"
)

// wall is a date and time of day without a time zone.
type wall struct {
	year         int
	month        time.Month
	day          int
	hour, minute int
}

// clock reads the time of day at the beginning of s and returns the rest. Like parseTimeReference,
// it applies one check after the other: 8:00am5pmnoon is noon.
func (w *wall) clock(s string) (rest string, err error) {
	var hour, minute int64
	if i := strings.IndexByte(s, ':'); i == 1 || i == 2 {
		if hour, err = number(s[:i]); err != nil {
			return "", err
		}
		end := min(i+3, len(s))
		if minute, err = number(s[i+1 : end]); err != nil {
			return "", err
		}
		s = s[end:]
		if strings.HasPrefix(s, "pm") {
			hour = mod24(hour + 12)
			s = s[2:]
		} else {
			s = strings.TrimPrefix(s, "am")
		}
	}
	if i := strings.Index(s, "am"); i == 1 || i == 2 {
		if hour, err = number(s[:i]); err != nil {
			return "", err
		}
		s = s[i+2:]
	}
	if i := strings.Index(s, "pm"); i == 1 || i == 2 {
		if hour, err = number(s[:i]); err != nil {
			return "", err
		}
		hour = mod24(hour + 12)
		s = s[i+2:]
	}
	for _, word := range [...]struct {
		name string
		hour int64
	}{{"noon", 12}, {"midnight", 0}, {"teatime", 16}} {
		if strings.HasPrefix(s, word.name) {
			hour, minute, s = word.hour, 0, s[len(word.name):]
			break
		}
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return "", fmt.Errorf("there is no time of day %d:%02d", hour, minute)
	}
	w.hour, w.minute = int(hour), int(minute)
	return s, nil
}

// mod24 is Python's h % 24, which is never negative.
func mod24(h int64) int64 { return (h%24 + 24) % 24 }

// date reads a day, which must be all of s. Before the call w has today's date.
func (w *wall) date(s string) error {
	switch s {
	case "", "today":
		return nil
	case "yesterday":
		w.addDays(-1)
		return nil
	case "tomorrow":
		w.addDays(1)
		return nil
	}
	if strings.Count(s, "/") == 2 {
		return w.american(s)
	}
	if len(s) == 8 && isDigits(s) {
		return w.set(s, digits(s[:4]), digits(s[4:6]), digits(s[6:]))
	}
	if len(s) < 3 {
		return unknownDay(s)
	}
	if i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", s[:3]); i >= 0 && i%3 == 0 {
		return w.dayOfMonth(s, i/3+1)
	}
	if i := strings.Index("sunmontuewedthufrisat", s[:3]); i >= 0 && i%3 == 0 {
		today := time.Date(w.year, w.month, w.day, 0, 0, 0, 0, time.UTC).Weekday()
		w.addDays(-((int(today) - i/3 + 7) % 7))
		return nil
	}
	return unknownDay(s)
}

func unknownDay(s string) error { return fmt.Errorf("unknown day reference %s", quote(s)) }

// american reads MM/DD/YY and MM/DD/YYYY. 69 means 2069 and 70 means 1970.
func (w *wall) american(s string) error {
	var n [3]int64
	for i, part := range strings.Split(s, "/") {
		var err error
		if n[i], err = number(part); err != nil {
			return err
		}
	}
	if n[2] < 1900 {
		n[2] += 1900
	}
	if n[2] < 1970 {
		n[2] += 100
	}
	return w.set(s, n[2], n[0], n[1])
}

// dayOfMonth reads the day after the name of a month: the last two digits of s, or the last one. It
// ignores everything in between.
func (w *wall) dayOfMonth(s string, month int) error {
	day := s[len(s)-1:]
	if two := s[len(s)-2:]; isDigits(two) {
		day = two
	}
	if !isDigits(day) {
		return fmt.Errorf("a day must follow the month in %s", quote(s))
	}
	return w.set(s, int64(w.year), int64(month), digits(day))
}

// digits converts a few digits to a number.
func digits(s string) (n int64) {
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// set sets the date that s names, if it exists.
func (w *wall) set(s string, year, month, day int64) error {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
		day > int64(time.Date(int(year), time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()) {
		return fmt.Errorf("there is no date %s", quote(s))
	}
	w.year, w.month, w.day = int(year), time.Month(month), int(day)
	return nil
}

func (w *wall) addDays(n int) {
	w.year, w.month, w.day = time.Date(w.year, w.month, w.day+n, 0, 0, 0, 0, time.UTC).Date()
}

// localize returns the wall time as a time in a zone, like pytz's localize with is_dst=False: of
// two such times it returns the one in standard time. For a skipped time it uses the offset that
// applies six hours earlier.
func (w *wall) localize(loc *time.Location) time.Time {
	t := time.Date(w.year, w.month, w.day, w.hour, w.minute, 0, 0, time.UTC)
	// Going back four times is enough even if a whole day is skipped.
	for back := time.Duration(0); back <= 24*time.Hour; back += 6 * time.Hour {
		if at, ok := place(t.Add(-back), loc); ok {
			return at.Add(back)
		}
	}
	return time.Date(w.year, w.month, w.day, w.hour, w.minute, 0, 0, loc)
}

// place returns the time at which clocks in loc show what t shows in UTC. ok is false if they skip
// it. If they show it twice, place returns the one that is not in summer time, or the later one if
// both are or neither is.
func place(t time.Time, loc *time.Location) (at time.Time, ok bool) {
	first := t.Add(-zoneOffset(t.AddDate(0, 0, -1), loc)).In(loc)
	last := t.Add(-zoneOffset(t.AddDate(0, 0, 1), loc)).In(loc)
	switch shows := first.Add(zoneOffset(first, loc)).Equal(t); {
	case !last.Add(zoneOffset(last, loc)).Equal(t):
		return first, shows
	case shows && (last.Before(first) || last.IsDST() && !first.IsDST()):
		return first, true
	}
	return last, true
}

func zoneOffset(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}
