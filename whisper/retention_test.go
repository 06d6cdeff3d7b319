package whisper

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseRetentions(t *testing.T) {
	f := func(in string, want ...Archive) {
		t.Helper()
		if got, err := ParseRetentions(in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", in, got, err, want)
		}
	}
	f("60:1440", Archive{60, 1440})
	f("60s:1440", Archive{60, 1440})
	f("60:1d", Archive{60, 1440})
	f("10s:6h,1m:7d", Archive{10, 2160}, Archive{60, 10080})
	f(" 1h:1y , 10s:6h ", Archive{10, 2160}, Archive{3600, 8760})
	f("1w:5y", Archive{604800, 260})
	f("1min:1day,5min:1", Archive{60, 1440}, Archive{300, 1})
	f("7s:1m", Archive{7, 8})
	f("1s:1seconds", Archive{1, 1})

	bad := func(in, want string) {
		t.Helper()
		if got, err := ParseRetentions(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", in, got, err, want)
		}
	}
	bad("", "must be step:retention")
	bad("60", "must be step:retention")
	bad("60:1440,", "must be step:retention")
	bad("60:10:10", "not a number")
	bad("60 : 10", "not a number")
	bad("-60:10", "not a number")
	bad("60:", "not a number")
	bad("1.5m:1d", "not a number")
	bad("1x:1d", `unknown unit "x"`)
	bad("1M:1d", "not a number")
	bad("1m:1month", `unknown unit "month"`)
	bad("0:10", "zero")
	bad("99999999999:1", "not a number")
}

func TestValidateArchives(t *testing.T) {
	f := func(retentions, want string) {
		t.Helper()
		list, err := ParseRetentions(retentions)
		if err != nil {
			t.Fatal(err)
		}
		err = ValidateArchives(list)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", retentions, err, want)
		}
	}
	f("60:1440", "")
	f("10s:6h,1m:7d,10m:5y", "")
	f("60:10,60:20", "same step")
	f("60:10,90:20", "not a multiple")
	f("60:10,120:5", "must cover more time")
	f("60:4,300:100", "lacks the 5 points")
	f("60:0", "at least 1")
	f("1s:200y", "below 2^32")
	f("1:400000000", "4 GiB")
	if err := ValidateArchives(nil); err == nil {
		t.Error("an empty list is accepted")
	}
	if err := ValidateArchives([]Archive{{300, 12}, {60, 10}}); err != nil {
		t.Error("order matters:", err)
	}
	if err := ValidateArchives([]Archive{{math.MaxInt64, 2}}); err == nil {
		t.Error("an overflow is accepted")
	}
}

func TestSpecValidate(t *testing.T) {
	f := func(s Spec, want string) {
		t.Helper()
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", s, err, want)
		}
	}
	archives := []Archive{{60, 10}}
	f(Spec{archives, 0, 0.5}, "unknown aggregation method 0")
	f(Spec{archives, 9, 0.5}, "unknown aggregation method 9")
	f(Spec{archives, Sum, -0.1}, "not between 0 and 1")
	f(Spec{archives, Sum, 1.1}, "not between 0 and 1")
	f(Spec{archives, Sum, float32(math.NaN())}, "not between 0 and 1")
	f(Spec{[]Archive{{300, 12}, {60, 10}}, Sum, 0}, "finer")
	f(Spec{[]Archive{{1, 30000000}, {20000000, 100}}, Sum, 0}, "more than 16777216 points")
	f(Spec{nil, Sum, 0}, "no archive")
}

// The expectations are whisper.fetch's answers.
func TestRange(t *testing.T) {
	spec := Spec{Archives: []Archive{{60, 10}, {300, 12}}}
	const now = 1_700_000_040 // on a step of 60
	f := func(from, until, archive, wantFrom, wantUntil int64) {
		t.Helper()
		a, r, ok, err := spec.Range(now+from, now+until, now)
		step := spec.Archives[archive].Step
		if err != nil || !ok || int64(a) != archive || r.From != now+wantFrom || r.Until != now+wantUntil || r.Step != step || r.Values != nil {
			t.Errorf("(%d, %d]: archive %d, %d to %d step %d, %v, %v", from, until, a, r.From-now, r.Until-now, r.Step, ok, err)
		}
	}
	f(-600, 0, 0, -540, 60)
	f(-601, 0, 1, -540, 60)
	f(0, 0, 0, 60, 120)
	f(-1, 0, 0, 0, 60)
	f(-60, -60, 0, 0, 60)
	f(-90000, 1000, 1, -3540, 60)
	f(-90000, -3600, 1, -3540, -3240)

	none := func(from, until int64) {
		t.Helper()
		if _, _, ok, err := spec.Range(now+from, now+until, now); ok || err != nil {
			t.Errorf("(%d, %d]: %v, %v", from, until, ok, err)
		}
	}
	none(1, 10)
	none(-9000, -3601)
	if _, _, _, err := spec.Range(now, now-1, now); err != ErrInterval {
		t.Error(err)
	}
}

func FuzzParseRetentions(f *testing.F) {
	for _, s := range testRetentions {
		f.Add(s)
	}
	f.Add("1min:1day, 5m:1w")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := ParseRetentions(s)
		if err != nil {
			return
		}
		if ValidateArchives(list) != nil {
			return
		}
		var text []string
		for _, a := range list {
			text = append(text, a.String())
		}
		again, err := ParseRetentions(strings.Join(text, ","))
		if err != nil || !slices.Equal(list, again) {
			t.Errorf("%q is %v, which reads as %v, %v", s, list, again, err)
		}
	})
}
