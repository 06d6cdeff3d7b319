package draw

import "time"

const (
	second = 1
	minute = 60
	hour   = 3600
	day    = 86400
)

// timeStep is one row of the table from which the time axis is chosen.
type timeStep struct {
	seconds          float64 // fewest per pixel
	minorUnit        int64
	minor            float64 // units between two thin lines
	majorUnit, major int64
	labelUnit, label int64
	format           string // dated formats are preceded by the date
	dated            bool
	longest          int64 // longest range of the axis in seconds; 0 means no limit
}

// timeSteps returns the rows of rrdtool that glyph.py uses.
func timeSteps() [23]timeStep {
	const s, m, h, d = second, minute, hour, day
	return [23]timeStep{
		{0, s, 5, m, 1, s, 5, "%H:%M:%S", false, 10 * m},
		{0.07, s, 10, m, 1, s, 10, "%H:%M:%S", false, 20 * m},
		{0.14, s, 15, m, 1, s, 15, "%H:%M:%S", false, 30 * m},
		{0.27, s, 30, m, 2, m, 1, "%H:%M", false, 2 * h},
		{0.5, m, 1, m, 2, m, 1, "%H:%M", false, 2 * h},
		{1.2, m, 1, m, 4, m, 2, "%H:%M", false, 3 * h},
		{2, m, 1, m, 10, m, 5, "%H:%M", false, 6 * h},
		{5, m, 2, m, 10, m, 10, "%H:%M", false, 12 * h},
		{10, m, 5, m, 20, m, 20, "%H:%M", false, d},
		{30, m, 10, h, 1, h, 1, "%H:%M", false, 2 * d},
		{60, m, 30, h, 2, h, 2, "%H:%M", false, 2 * d},
		{100, h, 2, h, 4, h, 4, "%a %H:%M", false, 6 * d},
		{255, h, 6, h, 12, h, 12, " %H:%M", true, 10 * d},
		{600, h, 6, d, 1, d, 1, "", true, 14 * d},
		{1000, h, 12, d, 1, d, 1, "", true, 365 * d},
		{2000, d, 1, d, 2, d, 2, "", true, 365 * d},
		{4000, d, 2, d, 4, d, 4, "", true, 365 * d},
		{8000, d, 3.5, d, 7, d, 7, "", true, 365 * d},
		{16000, d, 7, d, 14, d, 14, "", true, 365 * d},
		{32000, d, 15, d, 30, d, 30, "", true, 365 * d},
		{64000, d, 30, d, 60, d, 60, " %Y", true, 0},
		{100000, d, 60, d, 120, d, 120, " %Y", true, 0},
		{120000, d, 120, d, 240, d, 240, " %Y", true, 0},
	}
}

// timeAxis is the horizontal axis.
type timeAxis struct {
	start, end int64 // Unix seconds
	zone       *time.Location
	step       timeStep
}

// leastLabel is the smallest distance between two labels in pixels. A date with the year is
// slightly narrower.
const leastLabel = 65

// choose chooses the last row that leaves enough pixels and allows the length of the axis. If there
// is none (two days on a wide picture), it chooses the first that allows the length; glyph.py then
// chooses the last row and draws no labels. For ranges longer than any row is made for, about a
// decade, it doubles the steps of the last row, where glyph.py draws labels over one another.
func (t *timeAxis) choose(secondsPerPixel float64) {
	length := t.end - t.start
	found := false
	for _, s := range timeSteps() {
		if s.longest != 0 && s.longest < length {
			continue
		}
		if !found || s.seconds <= secondsPerPixel {
			t.step, found = s, true
		}
	}
	s := &t.step
	for s.longest == 0 && float64(s.label*s.labelUnit) < leastLabel*secondsPerPixel && s.label < 1<<40 {
		s.label, s.major, s.minor = 2*s.label, 2*s.major, 2*s.minor
	}
}

// each calls f with every time of the axis that is a multiple of n units in local time, counted
// from the beginning of the next larger unit. Unlike glyph.py, which uses the offset of the first
// time throughout, it follows the zone when its clocks change.
func (t *timeAxis) each(units int64, n float64, f func(time.Time)) {
	start := time.Unix(t.start, 0).In(t.zone)
	y, mo, d := start.Date()
	h, mi, s := start.Clock()
	step := int64(n * float64(units))
	switch k := int(n); units {
	case second:
		s -= s % k
	case minute:
		s, mi = 0, mi-mi%k
	case hour:
		s, mi, h = 0, 0, h-h%k
	default:
		s, mi, h = 0, 0, 0
	}
	for i := int64(0); i < maxSide/4; i++ {
		skip := i * step
		at := time.Date(y, mo, d+int(skip/day), h, mi, s+int(skip%day), 0, t.zone)
		if at.Unix() >= t.end {
			return
		}
		if at.Unix() < t.start || wallSeconds(at) != (int64(h)*hour+int64(mi)*minute+int64(s)+skip)%day {
			continue // too early, or a time that the zone skips
		}
		f(at)
	}
}

// wallSeconds returns the seconds since midnight in local time.
func wallSeconds(t time.Time) int64 {
	h, m, s := t.Clock()
	return int64(h)*hour + int64(m)*minute + int64(s)
}
