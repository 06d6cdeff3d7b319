package wire

import (
	"graphited/carbon/pyvalue"
	"math"
)

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseFloat is pyvalue.ParseFloat of bytes, with a short way for the numbers that senders write: it
// reads every received value of the line protocol. A test and a fuzz target hold the two together.
func parseFloat(b []byte) (v float64, ok bool) {
	// A mantissa below 2^53 and a power of ten below 10^23 are both exact, so one division rounds
	// correctly. Almost every number in the field is such.
	var m uint64
	i, digits, frac := 0, 0, 0
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		i = 1
	}
	for ; i < len(b) && b[i]-'0' < 10; i++ {
		m = m*10 + uint64(b[i]-'0')
		digits++
	}
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' < 10; i++ {
			m = m*10 + uint64(b[i]-'0')
			frac++
		}
		digits += frac
	}
	if i < len(b) || digits == 0 || digits > 19 || m >= 1<<53 {
		return pyvalue.ParseFloat(string(b))
	}
	v = float64(m)
	if frac > 0 {
		v /= pow10[frac]
	}
	if neg {
		v = -v
	}
	return v, true
}

// parseTime reads a timestamp: a number of seconds, its fraction cut off as carbon's int() does. -1
// is NowTime. Timestamps that a whisper file cannot hold, that is negative ones and those after
// 2106, are refused.
func parseTime(b []byte) (int64, bool) {
	var t int64
	for i, c := range b {
		if c -= '0'; c > 9 || i > 10 {
			return parseTimeSlow(b)
		}
		t = t*10 + int64(c)
	}
	return t, len(b) > 0 && t <= math.MaxUint32
}

func parseTimeSlow(b []byte) (int64, bool) {
	f, ok := parseFloat(b)
	if !ok {
		return 0, false
	}
	return timeOf(f)
}

// timeOf cuts a timestamp to whole seconds and checks its range, as parseTime.
func timeOf(f float64) (int64, bool) {
	f = math.Trunc(f)
	return int64(f), f == NowTime || f >= 0 && f <= math.MaxUint32 // false for NaN
}
