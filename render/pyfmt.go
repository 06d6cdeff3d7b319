package render

import (
	"math"
	"strconv"
	"strings"

	"graphited/carbon/pyvalue"
)

// formatValue writes a point as Python's str would: "None" for null, no
// fraction for an integer series.
func formatValue(v float64, isInt bool) string {
	switch {
	case v != v:
		return "None"
	case isInt && math.Abs(v) < 1<<53:
		return strconv.FormatInt(int64(v), 10)
	}
	return pyvalue.Repr(v)
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
