package render

import (
	"math"
	"slices"
)

// aggregator is one of graphite-web's aggregation functions.
type aggregator struct {
	// over reduces values to one; nulls are as graphite-web's safe.py treats
	// them, and null is the answer when there is none. It must not keep or
	// change its argument.
	over func(values []float64) float64
	// across reduces columns row by row, the short ones padded with null.
	// known counts the non-null values of each row.
	across func(cols [][]float64, out []float64, known []int32)
	// isInt says whether the result of integers is an integer.
	isInt bool
}

// aggregators is read only: a name and its aliases, as in aggfuncs.py.
var aggregators = map[string]aggregator{
	"average":  {over: average, across: acrossAverage},
	"avg":      {over: average, across: acrossAverage},
	"avg_zero": {over: averageZero, across: acrossAverageZero},
	"median":   {over: median, across: rowwise(median)},
	"sum":      {over: sum, across: acrossSum, isInt: true},
	"total":    {over: sum, across: acrossSum, isInt: true},
	"min":      {over: minimum, across: acrossMin, isInt: true},
	"max":      {over: maximum, across: acrossMax, isInt: true},
	"diff":     {over: diff, across: acrossDiff, isInt: true},
	"stddev":   {over: stddev, across: rowwise(stddev)},
	"count":    {over: count, across: acrossCount, isInt: true},
	"range":    {over: spread, across: rowwise(spread)},
	"rangeOf":  {over: spread, across: rowwise(spread)},
	"multiply": {over: multiply, across: acrossMultiply},
	"last":     {over: last, across: acrossLast, isInt: true},
	"current":  {over: last, across: acrossLast, isInt: true},
}

// aggNames lists the aggregation functions in order.
func aggNames() []string {
	names := make([]string, 0, len(aggregators))
	for name := range aggregators {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func sum(values []float64) float64 {
	total, some := 0.0, false
	for _, v := range values {
		if v == v {
			total, some = total+v, true
		}
	}
	if !some {
		return null
	}
	return total
}

func count(values []float64) float64 { return float64(known(values)) }

// known counts the values that are not null.
func known(values []float64) int {
	n := 0
	for _, v := range values {
		if v == v {
			n++
		}
	}
	return n
}

func average(values []float64) float64 {
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

func minimum(values []float64) float64 {
	low := null
	for _, v := range values {
		if v < low || low != low {
			low = v
		}
	}
	return low
}

func maximum(values []float64) float64 {
	high := null
	for _, v := range values {
		if v > high || high != high {
			high = v
		}
	}
	return high
}

func spread(values []float64) float64 { return maximum(values) - minimum(values) }

func diff(values []float64) float64 {
	d := null
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
		return null
	}
	product := 1.0
	for _, v := range values {
		product *= v // null makes null
	}
	return product
}

func last(values []float64) float64 {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i] == values[i] {
			return values[i]
		}
	}
	return null
}

func stddev(values []float64) float64 {
	avg, square, n := average(values), 0.0, 0
	for _, v := range values {
		if v == v {
			square, n = square+float64((v-avg)*(v-avg)), n+1 // a product that is rounded, on every processor
		}
	}
	return math.Sqrt(square / float64(n))
}

func median(values []float64) float64 {
	return middle(sortedKnown(values))
}

// middle is the median of sorted values.
func middle(sorted []float64) float64 {
	switch n := len(sorted); {
	case n == 0:
		return null
	case n%2 == 0:
		return (sorted[n/2-1] + sorted[n/2]) / 2
	default:
		return sorted[n/2]
	}
}

// sortedKnown copies the values that are not null, in order.
func sortedKnown(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}
