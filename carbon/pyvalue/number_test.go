package pyvalue

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNumberRecorded holds ParseFloat and ParseInt against what Python's float() and int() answer.
func TestNumberRecorded(t *testing.T) {
	data, err := os.ReadFile("../../testdata/pyvalue/number.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var text string
		var repr *string
		var whole *int64
		if err := json.Unmarshal(line, &[]any{&text, &repr, &whole}); err != nil {
			t.Fatal(err)
		}
		n++
		switch v, ok := ParseFloat(text); {
		case ok != (repr != nil):
			t.Errorf("float(%q): %v, %v", text, v, ok)
		case ok && Repr(v) != *repr:
			t.Errorf("float(%q) is %v, want %s", text, v, *repr)
		}
		switch v, ok := ParseInt(text); {
		case ok != (whole != nil):
			t.Errorf("int(%q): %v, %v", text, v, ok)
		case ok && v != *whole:
			t.Errorf("int(%q) is %v, want %d", text, v, *whole)
		}
	}
	if n < 2000 {
		t.Errorf("only %d cases", n)
	}
}

// FuzzParseFloat checks that a number that is read is written as one that reads the same, and that
// white space and underscores change nothing.
func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-2.5e3", "1_0", "_1", "1__0", "1_", "nan", "-inf", "0x1p4", " 1 ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := ParseFloat(s)
		if again, okAgain := ParseFloat("\t" + s + " "); ok != okAgain || ok && Repr(again) != Repr(v) {
			t.Errorf("%q is %v, %v, and %v, %v with white space", s, v, ok, again, okAgain)
		}
		if !ok {
			return
		}
		if again, ok := ParseFloat(Repr(v)); !ok || Repr(again) != Repr(v) {
			t.Errorf("%q is %v, which reads as %v, %v", s, v, again, ok)
		}
		if strings.ContainsAny(s, "xX") || strings.Contains(s, "__") {
			t.Errorf("%q was read as %v", s, v)
		}
	})
}

func TestFloorDivision(t *testing.T) {
	f := func(a, b, div, mod int64) {
		t.Helper()
		if d, m := FloorDiv(a, b), FloorMod(a, b); d != div || m != mod {
			t.Errorf("%d by %d: %d rest %d, want %d rest %d", a, b, d, m, div, mod)
		}
	}
	f(7, 3, 2, 1)
	f(-7, 3, -3, 2)
	f(7, -3, -3, -2)
	f(-7, -3, 2, -1)
	f(6, 3, 2, 0)
	f(-6, 3, -2, 0)
}

// TestRound has the answers of Python's round.
func TestRound(t *testing.T) {
	f := func(v float64, digits int, want float64) {
		t.Helper()
		if got := Round(v, digits); got != want {
			t.Errorf("round(%v, %d) = %v, want %v", v, digits, got, want)
		}
	}
	f(0.5, 0, 0)
	f(1.5, 0, 2)
	f(2.5, 0, 2)
	f(-2.5, 0, -2)
	f(2.675, 2, 2.67)
	f(1.005, 2, 1.0)
	f(0.0000005, 6, 0) // the double is below the half
	f(0.0000015, 6, 2e-6)
	f(123.456, -1, 120)
	f(25, -1, 20)
	f(35, -1, 40)
	f(1e18, -17, 1e18)
	f(1234567890123456789, -5, 1234567890123500000)
	f(5, -1, 0)
	f(0.1, 30, 0.1)
	f(1e300, 6, 1e300)
	f(9007199254740993.5, 3, 9007199254740994)
	f(12345678901.123456789, 6, 12345678901.123457)
	f(math.Inf(1), 2, math.Inf(1))
	f(5, -400, 0)
}

// TestRoundIsNearest checks round against the definition where that is exact.
func TestRoundIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e9, 1e9).Draw(t, "v")
		digits := rapid.IntRange(0, 6).Draw(t, "digits")
		got := Round(v, digits)
		if math.Abs(got-v) > 0.5000001*math.Pow10(-digits)+1e-15*math.Abs(v) {
			t.Fatalf("round(%v, %d) = %v", v, digits, got)
		}
		if again := Round(got, digits); again != got {
			t.Fatalf("round(%v) = %v, again %v", v, got, again)
		}
	})
}
