package render

import (
	"testing"
)

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
