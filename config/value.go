package config

import (
	"errors"
	"graphited/carbon/pyvalue"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// errTooLarge tells that a number does not fit.
var errTooLarge = errors.New("the value is too large")

// parseBool knows the words of ConfigParser.getboolean.
func parseBool(text string) (b, ok bool) {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}

// isInfinity reports whether somebody has written infinity, and not only a number that is too
// large.
func isInfinity(text string) bool {
	switch strings.ToLower(strings.TrimLeft(strings.TrimSpace(text), "+")) {
	case "inf", "infinity":
		return true
	}
	return false
}

// parseWhole reads a whole number, also as 1e6, below 2^53. ok is false for what is none; one that
// is too large is an error.
func parseWhole(text string) (n int64, ok bool, err error) {
	f, ok := pyvalue.ParseFloat(text)
	switch {
	case !ok || f != math.Trunc(f) || isInfinity(strings.TrimPrefix(strings.TrimSpace(text), "-")):
		return 0, false, nil
	case math.Abs(f) >= 1<<53:
		return 0, true, errTooLarge
	}
	return int64(f), true, nil
}

// timeUnits and sizeUnits are the units that may stand behind a number, in lower case.
var (
	timeUnits = map[string]float64{
		"ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3,
		"": 1, "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
		"m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
		"h": 3600, "hour": 3600, "hours": 3600, "hr": 3600, "hrs": 3600,
		"d": 86400, "day": 86400, "days": 86400,
		"w": 7 * 86400, "week": 7 * 86400, "weeks": 7 * 86400,
		"y": 365 * 86400, "year": 365 * 86400, "years": 365 * 86400,
	}
	sizeUnits = map[string]float64{
		"": 1, "b": 1, "byte": 1, "bytes": 1,
		"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}
)

// parseUnits reads numbers with a unit each and adds them up: "3", "3 s", "1.5h", "1h 30m". ok is
// false for anything else, and for NaN and infinity.
func parseUnits(text string, units map[string]float64) (sum float64, ok bool) {
	if f, ok := pyvalue.ParseFloat(text); ok { // also 1e3, which would look like a number and a unit
		return f, !math.IsNaN(f) && !isInfinity(strings.TrimPrefix(strings.TrimSpace(text), "-"))
	}
	rest := strings.TrimSpace(text)
	if rest == "" {
		return 0, false
	}
	for n := 0; rest != ""; n++ {
		end := strings.IndexFunc(rest, unicode.IsLetter)
		if end < 0 {
			return 0, false
		}
		after := strings.IndexFunc(rest[end:], func(r rune) bool { return !unicode.IsLetter(r) })
		if after < 0 {
			after = len(rest) - end
		}
		f, isNumber := pyvalue.ParseFloat(rest[:end])
		unit, known := units[strings.ToLower(rest[end:end+after])]
		if !isNumber || !known || n > 0 && f < 0 {
			return 0, false
		}
		sum += f * unit
		rest = strings.TrimSpace(rest[end+after:])
	}
	return sum, true
}

// expectedTime and expectedSize say what parseTime and parseSize read.
const (
	expectedTime = "a time such as 10, 500ms, 1.5h or 90d, in seconds where it has no unit"
	expectedSize = "a size such as 1000000, 100 MB or 1 MiB, in bytes where it has no unit"
)

// parseTime reads a time of configuration files and of the command line.
func parseTime(text string) (time.Duration, error) {
	f, ok := parseUnits(text, timeUnits)
	switch {
	case !ok || f < 0:
		return 0, errors.New("expected " + expectedTime)
	case f*1e9 >= math.MaxInt64:
		return 0, errTooLarge
	case f > 0 && f < 1e-3:
		return 0, errors.New("the value is too small: expected " + expectedTime)
	}
	return time.Duration(math.Round(f * 1e9)), nil
}

// parseSize reads a number of bytes. kB, MB and GB are powers of 1000; K, KiB, M, MiB, G and GiB
// are powers of 1024.
func parseSize(text string) (int64, error) {
	f, ok := parseUnits(text, sizeUnits)
	switch {
	case !ok || f < 0 || f != math.Trunc(f) && f < 1:
		return 0, errors.New("expected " + expectedSize)
	case f >= 1<<53:
		return 0, errTooLarge
	}
	return int64(math.Round(f)), nil
}

// splitList cuts a list at its commas. Empty items are left out.
func splitList(text string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// timeText writes a time with the largest unit in which it is a whole number, as parseTime reads
// it.
func timeText(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d%time.Second != 0:
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
	}
	n := int64(d / time.Second)
	for _, u := range [...]struct {
		name    string
		seconds int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}} {
		if n%u.seconds == 0 {
			return strconv.FormatInt(n/u.seconds, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "s"
}

// sizeText writes a number of bytes with the largest unit in which it is a whole number, as
// parseSize reads it.
func sizeText(n int64) string {
	for _, u := range [...]struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3}} {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + " " + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}
