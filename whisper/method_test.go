package whisper

import (
	"math"
	"testing"
)

func TestMethodNames(t *testing.T) {
	for m, name := range map[Method]string{1: "average", 2: "sum", 3: "last", 4: "max", 5: "min", 6: "avg_zero", 7: "absmax", 8: "absmin"} {
		if got, err := ParseMethod(name); got != m || err != nil {
			t.Errorf("ParseMethod(%q) = %v, %v", name, got, err)
		}
		if m.String() != name {
			t.Errorf("Method(%d).String() = %q", m, m)
		}
	}
	for _, name := range []string{"", "avg", "Average", "median", "Method(9)"} {
		if m, err := ParseMethod(name); err == nil {
			t.Errorf("ParseMethod(%q) = %v", name, m)
		}
	}
	if got := Method(9).String(); got != "Method(9)" {
		t.Error(got)
	}
}

// The values are those of whisper.aggregate.
func TestAggregate(t *testing.T) {
	f := func(m Method, known []float64, slots int, want float64) {
		t.Helper()
		got := m.Aggregate(known, slots)
		if math.Float64bits(got) != math.Float64bits(want) && (got == got || want == want) {
			t.Errorf("%v of %v in %d slots: got %v, want %v", m, known, slots, got, want)
		}
	}
	nan, minusZero := math.NaN(), math.Copysign(0, -1)
	f(Average, []float64{1, -5, 2}, 4, -2.0/3)
	f(Sum, []float64{1, -5, 2}, 4, -2)
	f(Last, []float64{1, -5, 2}, 4, 2)
	f(Max, []float64{1, -5, 2}, 4, 2)
	f(Min, []float64{1, -5, 2}, 4, -5)
	f(AvgZero, []float64{1, -5, 2}, 4, -0.5)
	f(AbsMax, []float64{1, -5, 2}, 4, -5)
	f(AbsMin, []float64{1, -5, 2}, 4, 1)

	f(AbsMax, []float64{-5, 5}, 2, -5)
	f(AbsMin, []float64{-5, 5}, 2, -5)
	f(Sum, []float64{minusZero}, 1, 0)
	f(Max, []float64{minusZero, 0}, 2, minusZero)
	f(Sum, []float64{0.1, 0.2, 0.3, 1e16, -1e16}, 5, 0)
	f(Sum, []float64{1e308, 1e308}, 2, math.Inf(1))
	f(Average, []float64{1, nan}, 2, nan)
	f(Max, []float64{nan, 1}, 2, nan)
	f(Max, []float64{1, nan}, 2, 1)
	f(Min, []float64{math.Inf(-1), 1}, 2, math.Inf(-1))
}
