package wire

import (
	"bytes"
	"encoding/json"
	"graphited/carbon/pyvalue"
	"math"
	"os"
	"strconv"
	"testing"
)

func TestParseFloat(t *testing.T) {
	ok := func(in string, want float64) {
		t.Helper()
		got, ok := parseFloat([]byte(in))
		if !ok || got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != math.Signbit(want) {
			t.Errorf("parseFloat(%q) = %v, %v; want %v", in, got, ok, want)
		}
	}
	inf := math.Inf(1)
	ok("0", 0)
	ok("-0", math.Copysign(0, -1))
	ok("1", 1)
	ok("+1", 1)
	ok("-2.5", -2.5)
	ok(".5", 0.5)
	ok("5.", 5)
	ok("1e3", 1000)
	ok("1E-3", 0.001)
	ok("1_000.2_5", 1000.25)
	ok("0.1", 0.1)
	ok("123456789.123456789", 123456789.123456789)
	ok("9007199254740993", 9007199254740992)
	ok("99999999999999999999999", 99999999999999999999999)
	ok("0.30000000000000004", 0.30000000000000004)
	ok("inf", inf)
	ok("-Infinity", -inf)
	ok("NaN", math.NaN())
	ok("1e400", inf)
	ok("-1e400", -inf)
	ok("1e-400", 0)
	for _, in := range []string{"", "-", ".", "-.", "1..2", "1.2.3", "0x10", "0x1p4", "1p4", "1e", "e5", "_1", "1_", "1__0", "1_.5", "one", "1,5", "--1", "infinit"} {
		if v, ok := parseFloat([]byte(in)); ok {
			t.Errorf("parseFloat(%q) = %v, want a refusal", in, v)
		}
	}
}

// TestParseFloatShortWay holds the short way against strconv for numbers of every length and place
// of the dot.
func TestParseFloatShortWay(t *testing.T) {
	digits := "9182736455463728190"
	for n := 1; n <= len(digits); n++ {
		for dot := 0; dot <= n; dot++ {
			in := digits[:dot] + "." + digits[dot:n]
			want, _ := strconv.ParseFloat(in, 64)
			if got, ok := parseFloat([]byte(in)); !ok || got != want {
				t.Errorf("parseFloat(%q) = %v, %v; want %v", in, got, ok, want)
			}
		}
	}
}

// TestParseFloatRecorded holds the short way against what Python's float() answers.
func TestParseFloatRecorded(t *testing.T) {
	data, err := os.ReadFile("../../testdata/pyvalue/number.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var text string
		var repr *string
		if err := json.Unmarshal(line, &[]any{&text, &repr}); err != nil {
			t.Fatal(err)
		}
		n++
		switch v, ok := parseFloat([]byte(text)); {
		case ok != (repr != nil):
			t.Errorf("float(%q): %v, %v", text, v, ok)
		case ok && pyvalue.Repr(v) != *repr:
			t.Errorf("float(%q) is %v, want %s", text, v, *repr)
		}
	}
	if n < 2000 {
		t.Errorf("only %d cases", n)
	}
}

// FuzzParseFloat holds the short way against pyvalue's.
func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-2.5", "1_0", "9007199254740993", "0.1e5", "-", "1.", "-nan", "00000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseFloat([]byte(s))
		want, wantOK := pyvalue.ParseFloat(s)
		if ok != wantOK || ok && math.Float64bits(got) != math.Float64bits(want) && got == got {
			t.Errorf("%q: %v, %v; pyvalue gives %v, %v", s, got, ok, want, wantOK)
		}
	})
}

func TestParseTime(t *testing.T) {
	ok := func(in string, want int64) {
		t.Helper()
		if got, ok := parseTime([]byte(in)); !ok || got != want {
			t.Errorf("parseTime(%q) = %v, %v; want %v", in, got, ok, want)
		}
	}
	ok("0", 0)
	ok("1700000000", 1700000000)
	ok("1700000000.99", 1700000000)
	ok("1.7e9", 1700000000)
	ok("-1", NowTime)
	ok("-1.5", NowTime)
	ok("-0.5", 0)
	ok("4294967295", math.MaxUint32)
	ok("00000000001700000000", 1700000000)
	for _, in := range []string{"", "-2", "4294967296", "99999999999", "99999999999999999999", "nan", "inf", "-inf", "N", "now", "12:00"} {
		if v, ok := parseTime([]byte(in)); ok {
			t.Errorf("parseTime(%q) = %v, want a refusal", in, v)
		}
	}
}
