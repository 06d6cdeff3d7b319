package draw

import (
	"math"
	"strconv"
)

// unit is one step of a unit system. The largest comes first.
type unit struct {
	prefix string
	size   float64
}

// unitSystem returns a unit system of glyph.py's yUnitSystem.
func unitSystem(name string) []unit {
	const minute, hour, day = 60, 3600, 86400
	switch name {
	case "binary":
		return []unit{{"Pi", 1 << 50}, {"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}}
	case "sec":
		return []unit{{"Y", 365 * day}, {"M", 30 * day}, {"D", day}, {"H", hour}, {"m", minute}}
	case "msec":
		return []unit{{"Y", 365000 * day}, {"M", 30000 * day}, {"D", 1000 * day}, {"H", 1000 * hour}, {"m", 1000 * minute}, {"s", 1000}}
	case "none":
		return nil
	}
	return []unit{{"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}
}

// scaled divides v by the largest unit that fits into v and into the step of the axis (0 if there
// is none). It removes a fraction that is only a rounding error.
func scaled(v, step float64, units []unit) (float64, string) {
	for _, u := range units {
		if math.Abs(v) >= u.size && (step == 0 || step >= u.size) {
			return dropNoise(v/u.size, v), u.prefix
		}
	}
	return dropNoise(v, v), ""
}

// dropNoise returns f without its fraction if the fraction is a rounding error. original is the
// value before scaling, which glyph.py checks.
func dropNoise(f, original float64) float64 {
	if floor := math.Floor(f); original > 1 && f-floor < 1e-11 {
		return floor
	}
	return f
}

// valueLabel formats a value of an axis like glyph.py's makeLabel, with its trailing space. The
// longer the axis, the fewer digits.
func valueLabel(v, span, step float64, units []unit) string {
	v, prefix := scaled(v, step, units)
	span, spanPrefix := scaled(span, step, units)
	if prefix != "" {
		prefix += " "
	}
	var b [32]byte
	dst := b[:0]
	switch {
	case v < 0.1:
		dst = appendG(dst, v)
	case v < 1:
		dst = strconv.AppendFloat(dst, v, 'f', 2, 64)
	case span > 10 || spanPrefix != prefix || span > 3:
		dst = strconv.AppendFloat(dst, v, 'f', 1, 64)
	case span > 0.1:
		dst = strconv.AppendFloat(dst, v, 'f', 2, 64)
	default:
		dst = appendG(dst, v)
	}
	dst = append(dst, ' ')
	dst = append(dst, prefix...)
	return string(dst)
}

// appendG formats f like C's %g: with six significant digits, no trailing zeros, and an exponent of
// at least two digits below 1e-4 and from 1e6 on.
func appendG(dst []byte, f float64) []byte {
	if f == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	}
	var b [32]byte
	e := strconv.AppendFloat(b[:0], f, 'e', 5, 64) // d.ddddde±xx
	i := len(e) - 1
	for e[i] != 'e' {
		i--
	}
	exp, _ := strconv.Atoi(string(e[i+1:]))
	if exp < -4 || exp >= 6 {
		j := i
		for e[j-1] == '0' {
			j--
		}
		if e[j-1] == '.' {
			j--
		}
		dst = append(dst, e[:j]...)
		return append(dst, e[i:]...)
	}
	dst = strconv.AppendFloat(dst, f, 'f', 5-exp, 64)
	if exp < 5 {
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
		if dst[len(dst)-1] == '.' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}
