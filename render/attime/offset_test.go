package attime

import (
	"strings"
	"testing"
	"time"
)

func TestParseOffset(t *testing.T) {
	const day = 24 * time.Hour
	f := func(s string, want time.Duration) {
		t.Helper()
		if got, err := ParseOffset(s); err != nil || got != want {
			t.Errorf("ParseOffset(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	f("", 0)
	f("-", 0)
	f("+", 0)
	f("5s", 5*time.Second)
	f("5min", 5*time.Minute)
	f("5minutes", 5*time.Minute)
	f("1h", time.Hour)
	f("+1hour", time.Hour)
	f("-1d", -day)
	f("2weeks", 14*day)
	f("1mon", 30*day)
	f("1y", 365*day)
	f("-1d2h", -26*time.Hour)
	f("1h30min5s", 5405*time.Second)
	f("007s", 7*time.Second)
	f("1dé", day)
	f("9223372036s", 9223372036*time.Second)
	f("-9223372036s", -9223372036*time.Second)
}

func TestParseOffsetErrors(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		got, err := ParseOffset(s)
		if err == nil {
			t.Errorf("ParseOffset(%q) = %v, want an error", s, got)
		} else if want = "cannot parse offset " + want; err.Error() != want {
			t.Errorf("ParseOffset(%q): %v\nwant %s", s, err, want)
		}
	}
	const units = ", it must begin with s, min, h, d, w, mon or y"
	f("m", `"m": it must begin with a sign or a digit`)
	f(" 1d", `" 1d": it must begin with a sign or a digit`)
	f("5m", `"5m": invalid unit "m"`+units)
	f("1D", `"1D": invalid unit "D"`+units)
	f("5", `"5": invalid unit ""`+units)
	f("1.5h", `"1.5h": invalid unit ""`+units)
	f("1 h", `"1 h": invalid unit ""`+units)
	f("1d ", `"1d ": expected a number at " "`)
	f("-1d-2h", `"-1d-2h": expected a number at "-2h"`)
	f("--1d", `"--1d": expected a number at "-1d"`)
	f("1\xffd", `"1\xffd": invalid unit ""`+units)
	f("9223372037s", `"9223372037s": it is too long`)
	f("-293y", `"-293y": it is too long`)
	f("999999999d999999999d", `"999999999d999999999d": it is too long`)
	f("1000000000000000y", `"1000000000000000y": it is too long`)
	f("99999999999999999999y", `"99999999999999999999y": the number "99999999999999999999" is out of range`)
}

func FuzzParseOffset(f *testing.F) {
	for _, s := range []string{"", "-1d", "5min", "+1y2mon3w4d5h6min7s", "1é", "-", "9999999999999y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseOffset(s)
		if err != nil {
			if d != 0 || !strings.HasPrefix(err.Error(), "cannot parse offset ") {
				t.Errorf("ParseOffset(%q) = %v, %v", s, d, err)
			}
			return
		}
		if d%time.Second != 0 {
			t.Errorf("ParseOffset(%q) = %v, want whole seconds", s, d)
		}
		if s != "" && s[0] >= '0' && s[0] <= '9' {
			if minus, err := ParseOffset("-" + s); err != nil || minus != -d || d < 0 {
				t.Errorf("ParseOffset(%q) = %v, ParseOffset(-%s) = %v, %v", s, d, s, minus, err)
			}
		}
	})
}
