package pyvalue

import (
	"math"
	"math/rand"
	"strconv"
	"strings"
	"testing"
)

// slowRepr returns Python's repr of a float, computed with strconv alone.
func slowRepr(v float64) string {
	abs := math.Abs(v)
	switch {
	case v != v:
		return "nan"
	case abs > math.MaxFloat64:
		return strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+")
	case abs != 0 && (abs < 1e-4 || abs >= 1e16):
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func checkRepr(t *testing.T, v float64) {
	t.Helper()
	want := strings.ToLower(slowRepr(v))
	if got := string(AppendRepr(nil, v)); got != want {
		t.Errorf("repr of %x (%v): got %s, want %s", math.Float64bits(v), v, got, want)
	}
}

func TestAppendRepr(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(AppendRepr(nil, v)); got != want {
			t.Errorf("repr of %v: got %s, want %s", v, got, want)
		}
		checkRepr(t, v)
	}
	f(0, "0.0")
	f(math.Copysign(0, -1), "-0.0")
	f(1, "1.0")
	f(-1, "-1.0")
	f(10, "10.0")
	f(0.5, "0.5")
	f(-0.001, "-0.001")
	f(100.25, "100.25")
	f(0.1, "0.1")
	f(0.30000000000000004, "0.30000000000000004")
	f(1e-4, "0.0001")
	f(0.000123, "0.000123")
	f(1e-5, "1e-05")
	f(1.5e-7, "1.5e-07")
	f(1e15, "1000000000000000.0")
	f(9999999999999998, "9999999999999998.0")
	f(1e16, "1e+16")
	f(1.2345e22, "1.2345e+22")
	f(1e100, "1e+100")
	f(1<<53, "9007199254740992.0")
	f(999999999.999999, "999999999.999999")
	f(math.MaxFloat64, "1.7976931348623157e+308")
	f(math.SmallestNonzeroFloat64, "5e-324")
	f(1./3, "0.3333333333333333")
	f(math.NaN(), "nan")
	f(math.Inf(1), "inf")
	f(math.Inf(-1), "-inf")
}

// TestAppendReprMany compares the fast paths with strconv: for numbers of few digits, their
// neighbours, and random bits.
func TestAppendReprMany(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 200_000 {
		v := float64(rng.Int63n(1_000_000_000_000)) / math.Pow10(rng.Intn(13))
		checkRepr(t, v)
		checkRepr(t, -v)
		checkRepr(t, math.Nextafter(v, math.Inf(1)))
		checkRepr(t, math.Nextafter(v, 0))
		checkRepr(t, math.Float64frombits(rng.Uint64()))
		if t.Failed() {
			return
		}
	}
}

func FuzzAppendRepr(f *testing.F) {
	for _, v := range []float64{0, 0.1, 1e16, 123.456789, 1e-5} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) { checkRepr(t, math.Float64frombits(bits)) })
}
