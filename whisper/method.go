package whisper

import (
	"fmt"
	"math"
	"slices"
)

// Method says how the points of a finer archive become one point of a coarser one. The numbers are
// those in the files, as in whisper.py.
type Method uint32

// The methods. All but AvgZero use only the existing points; AvgZero counts missing ones as zeros.
const (
	Average Method = iota + 1
	Sum
	Last
	Max
	Min
	AvgZero
	AbsMax // the value farthest from zero, with its sign
	AbsMin // the value nearest to zero, with its sign
)

var methodNames = [...]string{Average: "average", Sum: "sum", Last: "last", Max: "max", Min: "min", AvgZero: "avg_zero", AbsMax: "absmax", AbsMin: "absmin"}

// ParseMethod returns the method with the given name: average, sum, last, max, min, avg_zero,
// absmax or absmin. Like whisper.py, it accepts exactly these names.
func ParseMethod(s string) (Method, error) {
	if i := slices.Index(methodNames[1:], s); i >= 0 {
		return Method(i + 1), nil
	}
	return 0, fmt.Errorf("unknown aggregation method %q: must be one of %v", s, methodNames[1:])
}

// String returns the name of the method.
func (m Method) String() string {
	if m.valid() {
		return methodNames[m]
	}
	return fmt.Sprintf("Method(%d)", uint32(m))
}

func (m Method) valid() bool { return m >= Average && m <= AbsMin }

// Aggregate computes one value from the known values of some slots, as whisper.py's aggregate does.
// The values are in the order of their times, and known must not be empty. NaN values have the same
// effect as in whisper.py: they turn sums and averages into NaN, and in comparisons the result
// depends on their position.
func (m Method) Aggregate(known []float64, slots int) float64 {
	switch m {
	case Sum:
		return sum(known)
	case Last:
		return known[len(known)-1]
	case AvgZero:
		return sum(known) / float64(slots)
	case Max, Min, AbsMax, AbsMin:
		best := known[0]
		for _, v := range known[1:] {
			if m.better(v, best) {
				best = v
			}
		}
		return best
	}
	return sum(known) / float64(len(known))
}

// better reports whether v replaces best. The first of equal values stays. This decides between -0
// and 0 and, by absolute value, between -1 and 1.
func (m Method) better(v, best float64) bool {
	switch m {
	case Max:
		return v > best
	case Min:
		return v < best
	case AbsMax:
		return math.Abs(v) > math.Abs(best)
	}
	return math.Abs(v) < math.Abs(best)
}

// sum adds from left to right, starting with zero, because the bytes of the result depend on the
// order.
func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}
