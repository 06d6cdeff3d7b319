package expr

import (
	"graphited/carbon/pyvalue"
	"math"
	"strconv"
	"strings"
)

// text returns a literal as Python's str does.
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
	return pyvalue.Repr(n.Float)
}
