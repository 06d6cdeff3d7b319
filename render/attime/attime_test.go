package attime

import (
	"strings"
	"testing"
	"time"
)

// friday is the time to which the tests are relative.
var friday = time.Date(2026, 1, 2, 15, 4, 5, 678_000_000, time.UTC)

func TestParse(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		got, err := Parse(s, Context{Now: friday})
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
		} else if g := got.Format("2006-01-02 15:04:05.999"); g != want {
			t.Errorf("Parse(%q) = %s, want %s", s, g, want)
		}
	}
	// Only now has seconds.
	f("", "2026-01-02 15:04:05.678")
	f("now", "2026-01-02 15:04:05.678")
	f(" N_o,w ", "2026-01-02 15:04:05.678")
	f("-1h", "2026-01-02 14:04:05.678")
	f("+1h", "2026-01-02 16:04:05.678")
	f("now-1d2h", "2026-01-01 13:04:05.678")
	f("now-", "2026-01-02 15:04:05.678")
	f("today", "2026-01-02 00:00:00")
	f("yesterday", "2026-01-01 00:00:00")
	f("tomorrow", "2026-01-03 00:00:00")

	// Numbers are seconds, except those that look like a date.
	f("0", "1970-01-01 00:00:00")
	f("1500000000", "2017-07-14 02:40:00")
	f("1_500_000_000", "2017-07-14 02:40:00")
	f("20150822", "2015-08-22 00:00:00")
	f("19001231", "1970-08-08 22:07:11")
	f("20151301", "1970-08-22 05:35:01")
	f("253402300799", "9999-12-31 23:59:59")

	// Times of day.
	f("noon", "2026-01-02 12:00:00")
	f("midnight", "2026-01-02 00:00:00")
	f("teatime", "2026-01-02 16:00:00")
	f("6pm", "2026-01-02 18:00:00")
	f("11am", "2026-01-02 11:00:00")
	f("12am", "2026-01-02 12:00:00")
	f("12pm", "2026-01-02 00:00:00")
	f("8:50", "2026-01-02 08:50:00")
	f("8:5", "2026-01-02 08:05:00")
	f("08:50pm", "2026-01-02 20:50:00")
	f("12:30am", "2026-01-02 12:30:00")
	f("12:30pm", "2026-01-02 00:30:00")
	f("8:50am5pm", "2026-01-02 17:50:00")
	f("8:50noon", "2026-01-02 12:00:00")

	// Days follow the time.
	f("noon yesterday", "2026-01-01 12:00:00")
	f("midnight_tomorrow", "2026-01-03 00:00:00")
	f("6pm 08/22/15", "2015-08-22 18:00:00")
	f("1/2/2015", "2015-01-02 00:00:00")
	f("1/1/69", "2069-01-01 00:00:00")
	f("1/1/70", "1970-01-01 00:00:00")
	f("1/1/1950", "2050-01-01 00:00:00")
	f("04:37_20150822", "2015-08-22 04:37:00")
	f("jan1", "2026-01-01 00:00:00")
	f("December 25", "2026-12-25 00:00:00")
	f("noon feb 28", "2026-02-28 12:00:00")
	f("marching05", "2026-03-05 00:00:00")
	f("mar2016", "2026-03-16 00:00:00")
	f("friday", "2026-01-02 00:00:00")
	f("sat", "2025-12-27 00:00:00")
	f("6am thursday", "2026-01-01 06:00:00")
	f("monkey", "2025-12-29 00:00:00")

	// Offsets.
	f("midnight+1h", "2026-01-02 01:00:00")
	f("noon_yesterday-30min", "2026-01-01 11:30:00")
	f("monday-1w", "2025-12-22 00:00:00")
	f("20150822+1mon", "2015-09-21 00:00:00")
	f("now-1000y", "1026-09-02 15:04:05.678")
}

// TestParseNames checks every name of a month and a weekday.
func TestParseNames(t *testing.T) {
	for m := time.January; m <= time.December; m++ {
		for _, name := range []string{m.String()[:3], m.String()} {
			got, err := Parse(name+"7", Context{Now: friday})
			if want := time.Date(2026, m, 7, 0, 0, 0, 0, time.UTC); err != nil || !got.Equal(want) {
				t.Errorf("Parse(%s7) = %v, %v, want %v", name, got, err, want)
			}
		}
	}
	for day := range 7 {
		for back := range 7 {
			now := friday.AddDate(0, 0, day)
			want := time.Date(2026, 1, 2+day-back, 0, 0, 0, 0, time.UTC)
			name := want.Weekday().String()
			if got, err := Parse(name[:3], Context{Now: now}); err != nil || !got.Equal(want) {
				t.Errorf("Parse(%s) on a %s = %v, %v, want %v", name[:3], now.Weekday(), got, err, want)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		got, err := Parse(s, Context{Now: friday})
		if err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, got)
		} else if err.Error() != want {
			t.Errorf("Parse(%q): %v\nwant %s", s, err, want)
		}
	}
	f("foo", `cannot parse time "foo": unknown day reference "foo"`)
	f("Foo Bar-1h", `cannot parse time "Foo Bar-1h": unknown day reference "foobar"`)
	f("noon_x", `cannot parse time "noon_x": unknown day reference "x"`)
	f("yesterday noon", `cannot parse time "yesterday noon": unknown day reference "yesterdaynoon"`)
	f("midnight 1h", `cannot parse time "midnight 1h": unknown day reference "1h"`)
	f("-5m", `cannot parse time "-5m": invalid unit "m", it must begin with s, min, h, d, w, mon or y`)
	f("now-5", `cannot parse time "now-5": invalid unit "", it must begin with s, min, h, d, w, mon or y`)
	f("-1.5h", `cannot parse time "-1.5h": invalid unit "", it must begin with s, min, h, d, w, mon or y`)
	f("now--1h", `cannot parse time "now--1h": expected a number at "-1h"`)
	f("-x", `cannot parse time "-x": expected a number at "x"`)
	f("2026-01-02", `cannot parse time "2026-01-02": unknown day reference "2026"`)
	f("24:00", `cannot parse time "24:00": there is no time of day 24:00`)
	f("8:60", `cannot parse time "8:60": there is no time of day 8:60`)
	f("24am", `cannot parse time "24am": there is no time of day 24:00`)
	f("8:", `cannot parse time "8:": "" is not a number`)
	f("x:15", `cannot parse time "x:15": "x" is not a number`)
	f("xam", `cannot parse time "xam": "x" is not a number`)
	f("jan", `cannot parse time "jan": a day must follow the month in "jan"`)
	f("feb29", `cannot parse time "feb29": there is no date "feb29"`)
	f("jan32", `cannot parse time "jan32": there is no date "jan32"`)
	f("20150931", `cannot parse time "20150931": there is no date "20150931"`)
	f("13/1/15", `cannot parse time "13/1/15": there is no date "13/1/15"`)
	f("1/1/99999999999999999999", `cannot parse time "1/1/99999999999999999999": the number "99999999999999999999" is out of range`)
	f("1/1/10000", `cannot parse time "1/1/10000": there is no date "1/1/10000"`)
	f("a/b/c", `cannot parse time "a/b/c": "a" is not a number`)
	f("253402300800", `cannot parse time "253402300800": the year 10000 is out of range`)
	f("1500000000000", `cannot parse time "1500000000000": the year 49503 is out of range`)
	f("9999999999999999", `cannot parse time "9999999999999999": the number "9999999999999999" is out of range`)
	f("-3000y", `cannot parse time "-3000y": the year -973 is out of range`)
	f("+999999999d", `cannot parse time "+999999999d": the year 2739933 is out of range`)
	f("-1000000000d", `cannot parse time "-1000000000d": it is too long`)
	f("-99999999999999999999s", `cannot parse time "-99999999999999999999s": the number "99999999999999999999" is out of range`)
	f(strings.Repeat("é", 100), `cannot parse time "`+strings.Repeat("é", 32)+`"...: unknown day reference "`+strings.Repeat("é", 32)+`"...`)
	f("noon\xff", `cannot parse time "noon\xff": unknown day reference "`+"\ufffd"+`"`)
}

// TestParseYears checks a reference time that is out of range.
func TestParseYears(t *testing.T) {
	for _, year := range []int{-5, 0, 10000, 250_000_000} {
		c := Context{Now: time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)}
		for _, s := range []string{"now", "noon", "monday", "-1d"} {
			if got, err := Parse(s, c); err == nil {
				t.Errorf("Parse(%q) in the year %d = %v", s, year, got)
			}
		}
	}
	if got, err := Parse("yesterday", Context{Now: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Errorf("the day before the first possible day is %v", got)
	}
}

// TestParseZones checks days with a change of the clock: times that are skipped or occur twice, and
// that offsets are durations.
func TestParseZones(t *testing.T) {
	f := func(zone, s, want string) {
		t.Helper()
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2024, 6, 1, 23, 30, 0, 0, time.UTC)
		got, err := Parse(s, Context{Now: now, Location: loc})
		if err != nil || got.Location() != loc {
			t.Fatalf("Parse(%q) in %s: %v, %v", s, zone, got, err)
		}
		if g := got.Format("2006-01-02 15:04 MST"); g != want {
			t.Errorf("Parse(%q) in %s = %s, want %s", s, zone, g, want)
		}
	}
	f("UTC", "today", "2024-06-01 00:00 UTC")
	f("Europe/Berlin", "today", "2024-06-02 00:00 CEST")
	f("Europe/Berlin", "now", "2024-06-02 01:30 CEST")
	f("Europe/Berlin", "0", "1970-01-01 01:00 CET")
	f("Europe/Berlin", "1:59_20240331", "2024-03-31 01:59 CET")
	f("Europe/Berlin", "2:30_20240331", "2024-03-31 03:30 CEST")
	f("Europe/Berlin", "3:00_20240331", "2024-03-31 03:00 CEST")
	f("Europe/Berlin", "1:59_20241027", "2024-10-27 01:59 CEST")
	f("Europe/Berlin", "2:30_20241027", "2024-10-27 02:30 CET")
	f("Europe/Berlin", "noon_20240331-1d", "2024-03-30 11:00 CET")
	f("Europe/Berlin", "2:30_20500327", "2050-03-27 03:30 CEST")
	f("America/New_York", "1:30_20231105", "2023-11-05 01:30 EST")
	f("Australia/Lord_Howe", "2:15_20241006", "2024-10-06 02:45 +11")
	f("Australia/Lord_Howe", "1:45_20240407", "2024-04-07 01:45 +1030")
	f("Pacific/Apia", "noon_20111230", "2011-12-31 12:00 +14")
	f("America/Sao_Paulo", "midnight_20181104", "2018-11-04 01:00 -02")
	f("Africa/Casablanca", "2:30_20210411", "2021-04-11 02:30 +01")
	f("Europe/Dublin", "1:30_20171029", "2017-10-29 01:30 IST")
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "now", "noon yesterday", "8:50pm_08/22/15-1d2h", "jan 5+1mon", "20150822", "-5m", "1500000000", "-0:00+1h", "8:5\tam", "９am", "1/1/-99"} {
		f.Add(s)
	}
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	c := Context{Now: friday, Location: loc}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s, c)
		if err != nil {
			if !got.IsZero() || !strings.HasPrefix(err.Error(), "cannot parse time ") {
				t.Errorf("Parse(%q) = %v, %v", s, got, err)
			}
			return
		}
		if y := got.Year(); y < 1 || y > 9999 || got.Location() != loc {
			t.Errorf("Parse(%q) = %v", s, got)
		}
		if n := got.Nanosecond(); n != 0 && n != friday.Nanosecond() {
			t.Errorf("Parse(%q) = %v has odd nanoseconds", s, got)
		}
		s = strings.TrimSpace(s)
		for _, same := range []string{strings.ToUpper(s), "_" + s, s + ","} {
			if again, err := Parse(same, c); strings.ToLower(strings.ToUpper(s)) == s && (err != nil || !again.Equal(got)) {
				t.Errorf("Parse(%q) = %v, %v; Parse(%q) = %v", same, again, err, s, got)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	c := Context{Now: friday}
	for _, s := range []string{"-1h", "1500000000", "noon_yesterday+30min", "04:37_20150822"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
