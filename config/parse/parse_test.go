package parse

import (
	"testing"
	"time"
)

func TestTexts(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0", time.Second: "1s", 90 * time.Second: "90s", time.Hour: "1h", 36 * time.Hour: "36h", 48 * time.Hour: "2d", 1500 * time.Millisecond: "1500ms"} {
		if got := FormatTime(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 1: "1", 1000: "1 kB", 1024: "1 KiB", 100_000_000: "100 MB", 1 << 20: "1 MiB", 2 << 30: "2 GiB", 1001: "1001"} {
		if got := FormatSize(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// FuzzUnits: what is read as a time or size is written as one that means the same.
func FuzzUnits(f *testing.F) {
	for _, text := range []string{"", "3 s", "1h 30m", "500ms", "1.5GiB", "100 MB", "1e3", "-1", "nan", "inf", "1__0", "0x1", "1 m1", "9e99y"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := Time(text); err == nil {
			again, err := Time(FormatTime(d))
			if diff := again - d; err != nil || d < 0 || diff < -d/1e9-1 || diff > d/1e9+1 {
				t.Errorf("%q is %v, written %q, which is %v, %v", text, d, FormatTime(d), again, err)
			}
		}
		if n, err := Size(text); err == nil {
			if again, err := Size(FormatSize(n)); err != nil || n < 0 || again != n {
				t.Errorf("%q is %d, written %q, which is %d, %v", text, n, FormatSize(n), again, err)
			}
		}
	})
}
