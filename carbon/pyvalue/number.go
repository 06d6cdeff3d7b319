package pyvalue

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// IsSpace reports what Python's str.split() and str.strip() take for white space: Unicode's, and
// four separators that neither Go nor Python's float() counts.
func IsSpace(r rune) bool { return r >= 0x1c && r <= 0x1f || unicode.IsSpace(r) }

// ParseFloat reads a number as Python's float() does: 1, -2.5, .5, 5., 1e3, 1_000, inf, nan, with
// white space around it; no hexadecimal. A number beyond the range of a float64 is infinite. Of the
// digits only those of ASCII count; Python takes those of every script.
func ParseFloat(s string) (v float64, ok bool) {
	s, ok = withoutUnderscores(strings.TrimSpace(s))
	if !ok || strings.ContainsAny(s, "xX") {
		return 0, false // strconv knows hexadecimal numbers
	}
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err == nil || math.IsInf(v, 0):
		return v, true
	case len(s) == len("-nan") && (s[0] == '+' || s[0] == '-') && strings.EqualFold(s[1:], "nan"):
		return math.NaN(), true // strconv takes nan without a sign only
	}
	return 0, false
}

// ParseInt reads an integer as Python's int() does: decimal digits, with a sign, underscores
// between digits and white space around it if need be. Integers beyond 64 bits are refused.
func ParseInt(s string) (i int64, ok bool) {
	s, ok = withoutUnderscores(strings.TrimSpace(s))
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(s, 10, 64)
	return i, err == nil
}

// withoutUnderscores removes underscores between digits. ok is false when one stands elsewhere.
func withoutUnderscores(s string) (_ string, ok bool) {
	if strings.IndexByte(s, '_') < 0 {
		return s, true
	}
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// FloorMod is the remainder that has the divisor's sign, as Python's %.
func FloorMod(a, b int64) int64 {
	m := a % b
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}

// FloorDiv is the quotient rounded down, as Python's //.
func FloorDiv(a, b int64) int64 { return (a - FloorMod(a, b)) / b }

// Round rounds half to even at a number of decimals, as Python's round.
func Round(v float64, digits int) float64 {
	switch {
	case v != v || math.IsInf(v, 0) || digits > 22:
		return v
	case digits < -308:
		return 0 * v
	case digits < 0:
		return roundTens(v, -digits)
	}
	scale := math.Pow10(digits)
	x := v * scale
	if a := math.Abs(x); a < 1<<40 {
		// Away from a tie the product's own error cannot change the outcome.
		if f := a - math.Floor(a); math.Abs(f-0.5) > 1e-3 {
			return math.Copysign(math.Floor(a+0.5)/scale, v)
		}
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', digits, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// roundTens rounds to a multiple of 10**n.
func roundTens(v float64, n int) float64 {
	scale := math.Pow10(n)
	if math.Abs(v) < 1<<53 && n < 16 {
		return math.RoundToEven(v/scale) * scale
	}
	exp := int(math.Floor(math.Log10(math.Abs(v))))
	if exp < n {
		return math.RoundToEven(v/scale) * scale
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', exp-n, 64), 64)
	if err != nil {
		return v
	}
	return r
}
