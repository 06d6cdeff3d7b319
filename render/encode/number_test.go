package encode

import (
	"encoding/json"
	"math"
	"testing"
)

// FuzzAppendValue checks that every value is JSON.
func FuzzAppendValue(f *testing.F) {
	for _, v := range []float64{0, 0.1, 1e16, 123.456789, 1e-5} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		for _, whole := range []bool{false, true} {
			if b := appendValue(nil, v, whole); !json.Valid(b) {
				t.Errorf("value of %x, whole %v, is not JSON: %s", bits, whole, b)
			}
		}
	})
}

func TestAppendInt(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(appendValue(nil, v, true)); got != want {
			t.Errorf("int of %v: got %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(-7, "-7")
	f(1<<40, "1099511627776")
	f(1e18, "1000000000000000000")
	f(1e22, "10000000000000000000000")
	f(0.5, "0.5")
	f(math.NaN(), "null")
	f(math.Inf(-1), "-1e9999")
}
