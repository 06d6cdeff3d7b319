package render

import (
	"math"
	"testing"
)

func TestFormatG(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := formatG(v); got != want {
			t.Errorf("%%g of %v is %q, want %q", v, got, want)
		}
	}
	f(0, "0")
	f(5, "5")
	f(-2.5, "-2.5")
	f(100000, "100000")
	f(1e6, "1e+06")
	f(1234567.5, "1.23457e+06")
	f(0.0001, "0.0001")
	f(0.00001, "1e-05")
	f(1.0/3, "0.333333")
	f(1e100, "1e+100")
	f(math.Inf(1), "inf")
	f(math.Inf(-1), "-inf")
	f(math.NaN(), "nan")
}

func TestFormatRepr(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := formatRepr(v); got != want {
			t.Errorf("repr of %v is %q, want %q", v, got, want)
		}
	}
	f(0, "0.0")
	f(math.Copysign(0, -1), "-0.0")
	f(5, "5.0")
	f(0.1, "0.1")
	f(1e16, "1e+16")
	f(123456789012345680, "1.2345678901234568e+17")
	f(1e15, "1000000000000000.0")
	f(0.0001, "0.0001")
	f(0.00001, "1e-05")
	f(1e-12, "1e-12")
}

func TestFormatD(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := formatD(v); got != want {
			t.Errorf("%%d of %v is %q, want %q", v, got, want)
		}
	}
	f(2.9, "2")
	f(-2.9, "-2")
	f(-0.5, "0")
	f(1e20, "100000000000000000000")
}

// TestRound has the answers of Python's round.
func TestRound(t *testing.T) {
	f := func(v float64, digits int, want float64) {
		t.Helper()
		if got := round(v, digits); got != want {
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

func TestFormatPercent(t *testing.T) {
	f := func(format string, v float64, isInt bool, want string) {
		t.Helper()
		got, err := formatPercent(format, v, isInt)
		if want == "" && err == nil || want != "" && (err != nil || got != want) {
			t.Errorf("%q %% %v = %q, %v, want %q", format, v, got, err, want)
		}
	}
	f("%d users", 7.9, false, "7 users")
	f("%s", 7, false, "7.0")
	f("%s", 7, true, "7")
	f("%5.1f|", 3.14159, false, "  3.1|")
	f("%-6d|", 42, false, "42    |")
	f("%06.2f", 3.14159, false, "003.14")
	f("%e", 12345.678, false, "1.234568e+04")
	f("%g", 0.00001, false, "1e-05")
	f("%f%%", 50, false, "50.000000%")
	f("no verb", 1, false, "")
	f("%d %d", 1, false, "")
	f("%", 1, false, "")
	f("%d %", 1, false, "")
	f("%q", 1, false, "")
	f("%99999d", 1, false, "")
	f("%(x)d", 1, false, "")
}

func TestParsePyFloat(t *testing.T) {
	f := func(s string, want float64, ok bool) {
		t.Helper()
		got, err := parsePyFloat(s)
		if (err == nil) != ok || ok && got != want {
			t.Errorf("float(%q) = %v, %v", s, got, err)
		}
	}
	f("1.5", 1.5, true)
	f(" 2 ", 2, true)
	f("1e3", 1000, true)
	f("1_000", 1000, true)
	f("inf", math.Inf(1), true)
	f("-Infinity", math.Inf(-1), true)
	f("1e999", math.Inf(1), true)
	f("0x10", 0, false)
	f("abc", 0, false)
	f("", 0, false)
}

func TestWithUnits(t *testing.T) {
	f := func(v float64, system, units, want string) {
		t.Helper()
		if got := withUnits(v, system, units); got != want {
			t.Errorf("%v in %s is %q, want %q", v, system, got, want)
		}
	}
	f(1234, "si", "", "1.23k")
	f(-2e6, "si", "B", "-2.00 MB")
	f(1024, "binary", "b", "1.00 Kib")
	f(5, "si", "b", "5.00 b")
	f(3e18, "si", "", "3000.00P")
	f(0, "binary", "", "0.00")
}
