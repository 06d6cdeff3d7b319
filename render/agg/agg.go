package agg

import (
	"math"
	"slices"
)

func Sum(values []float64) float64 {
	total, found := 0.0, false
	for _, v := range values {
		if v == v {
			total, found = total+v, true
		}
	}
	if !found {
		return Null
	}
	return total
}

func count(values []float64) float64 { return float64(Present(values)) }

// Present counts the values that are not null.
func Present(values []float64) int {
	n := 0
	for _, v := range values {
		if v == v {
			n++
		}
	}
	return n
}

func Average(values []float64) float64 {
	total, n := 0.0, 0
	for _, v := range values {
		if v == v {
			total, n = total+v, n+1
		}
	}
	return total / float64(n) // 0/0 is null
}

func averageZero(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		if v == v {
			total += v
		}
	}
	return total / float64(len(values))
}

func Minimum(values []float64) float64 {
	low := Null
	for _, v := range values {
		if v < low || low != low {
			low = v
		}
	}
	return low
}

func Maximum(values []float64) float64 {
	high := Null
	for _, v := range values {
		if v > high || high != high {
			high = v
		}
	}
	return high
}

func spread(values []float64) float64 { return Maximum(values) - Minimum(values) }

func diff(values []float64) float64 {
	d := Null
	for _, v := range values {
		switch {
		case v != v:
		case d != d:
			d = v
		default:
			d -= v
		}
	}
	return d
}

func multiply(values []float64) float64 {
	if len(values) == 0 {
		return Null
	}
	product := 1.0
	for _, v := range values {
		product *= v // null makes null
	}
	return product
}

func Last(values []float64) float64 {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i] == values[i] {
			return values[i]
		}
	}
	return Null
}

func Stddev(values []float64) float64 {
	avg, square, n := Average(values), 0.0, 0
	for _, v := range values {
		if v == v {
			square, n = square+float64((v-avg)*(v-avg)), n+1 // a product that is rounded, on every processor
		}
	}
	return math.Sqrt(square / float64(n))
}

func Median(values []float64) float64 {
	return Middle(SortedKnown(values))
}

// Middle is the median of sorted values.
func Middle(sorted []float64) float64 {
	switch n := len(sorted); {
	case n == 0:
		return Null
	case n%2 == 0:
		return (sorted[n/2-1] + sorted[n/2]) / 2
	default:
		return sorted[n/2]
	}
}

// SortedKnown copies the values that are not null, in order.
func SortedKnown(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// First is the first value that is not null. For consolidation only: it is no
// aggregation function in graphite-web.
func First(values []float64) float64 {
	for _, v := range values {
		if v == v {
			return v
		}
	}
	return Null
}

// Enough is graphite-web's xff: whether the known points suffice.
func Enough(known, total int, factor float64) bool {
	return known > 0 && total > 0 && float64(known)/float64(total) >= factor
}

// Null is the value of a missing point.
var Null = math.NaN()
