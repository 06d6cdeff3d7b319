package render

import (
	"math"
	"strconv"
	"strings"
)

// formatG writes a number as C's and Python's %g: six digits, no trailing zeros.
func formatG(v float64) string {
	if s, ok := formatSpecial(v); ok {
		return s
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// formatRepr writes a float as Python's repr: shortest, ".0" when integral.
func formatRepr(v float64) string {
	if s, ok := formatSpecial(v); ok {
		return s
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

func formatSpecial(v float64) (string, bool) {
	switch {
	case v != v:
		return "nan", true
	case v > math.MaxFloat64:
		return "inf", true
	case v < -math.MaxFloat64:
		return "-inf", true
	}
	return "", false
}

// formatD writes a float as Python's %d: the fraction is cut off.
func formatD(v float64) string {
	return strconv.FormatFloat(math.Trunc(v)+0, 'f', 0, 64)
}

// formatAny writes an argument as Python's str.
func formatAny(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return formatRepr(x)
	case bool:
		if x {
			return "True"
		}
		return "False"
	}
	return "None"
}

// formatValue writes a point as Python's str would: "None" for null, no
// fraction for an integer series.
func formatValue(v float64, isInt bool) string {
	switch {
	case v != v:
		return "None"
	case isInt && math.Abs(v) < 1<<53:
		return strconv.FormatInt(int64(v), 10)
	}
	return formatRepr(v)
}

// pad fills s with spaces to width n; negative n means s stands left, as in C.
func pad(s string, n int) string {
	left := n < 0
	if left {
		n = -n
	}
	fill := n - len([]rune(s))
	if fill <= 0 {
		return s
	}
	if left {
		return s + strings.Repeat(" ", fill)
	}
	return strings.Repeat(" ", fill) + s
}

// round rounds half to even at a number of decimals, as Python's round.
func round(v float64, digits int) float64 {
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

// parsePyFloat reads what Python's float() takes.
func parsePyFloat(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "xXpP") {
		return 0, strconv.ErrSyntax
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && math.IsInf(v, 0) {
		err = nil // out of range is infinity there
	}
	return v, err
}
