package agg

import "slices"

// Func is one of graphite-web's aggregation functions.
type Func struct {
	// Over reduces values to one; nulls are as graphite-web's safe.py treats
	// them, and null is the answer when there is none. It must not keep or
	// change its argument.
	Over func(values []float64) float64
	// Across reduces columns row by row, the short ones padded with null.
	// known counts the non-null values of each row.
	Across func(cols [][]float64, out []float64, known []int32)
	// IsInt says whether the result of integers is an integer.
	IsInt bool
}

// Funcs is read only: a name and its aliases, as in aggfuncs.py.
var Funcs = map[string]Func{
	"average":  {Over: Average, Across: acrossAverage},
	"avg":      {Over: Average, Across: acrossAverage},
	"avg_zero": {Over: averageZero, Across: acrossAverageZero},
	"median":   {Over: Median, Across: Rowwise(Median)},
	"sum":      {Over: Sum, Across: acrossSum, IsInt: true},
	"total":    {Over: Sum, Across: acrossSum, IsInt: true},
	"min":      {Over: Minimum, Across: acrossMin, IsInt: true},
	"max":      {Over: Maximum, Across: acrossMax, IsInt: true},
	"diff":     {Over: diff, Across: acrossDiff, IsInt: true},
	"stddev":   {Over: Stddev, Across: Rowwise(Stddev)},
	"count":    {Over: count, Across: acrossCount, IsInt: true},
	"range":    {Over: spread, Across: Rowwise(spread)},
	"rangeOf":  {Over: spread, Across: Rowwise(spread)},
	"multiply": {Over: multiply, Across: acrossMultiply},
	"last":     {Over: Last, Across: acrossLast, IsInt: true},
	"current":  {Over: Last, Across: acrossLast, IsInt: true},
}

// Names lists the aggregation functions in order.
func Names() []string {
	names := make([]string, 0, len(Funcs))
	for name := range Funcs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Mergers are the consolidation functions, as in datalib.py. Read only.
var Mergers = map[string]func([]float64) float64{
	"":         Average,
	"average":  Average,
	"avg":      Average,
	"avg_zero": averageZero,
	"sum":      Sum,
	"max":      Maximum,
	"min":      Minimum,
	"first":    First,
	"last":     Last,
}
