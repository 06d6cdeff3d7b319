package expr

import (
	"math"
	"strconv"
	"strings"
)

// text formats a literal as Python's str does.
func text(n *Node) string {
	if n.Kind == String {
		return n.Name
	}
	if n.IsInt {
		return strconv.FormatInt(n.Int, 10)
	}
	if math.Abs(n.Float) >= 1<<63 && strings.Trim(n.Text, "-0123456789") == "" {
		return n.Text // an integer beyond 64 bits
	}
	return formatFloat(n.Float)
}

// formatFloat formats a finite number or inf as Python's repr does: with the fewest digits, and
// with an exponent below 1e-4 and from 1e16 on.
func formatFloat(f float64) string {
	if math.IsInf(f, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
