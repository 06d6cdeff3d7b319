package rules

import "testing"

func TestDuration(t *testing.T) {
	f := func(seconds int64, want string) {
		t.Helper()
		if got := duration(seconds); got != want {
			t.Errorf("%d: got %s, want %s", seconds, got, want)
		}
	}
	f(0, "0s")
	f(1, "1s")
	f(90, "1m30s")
	f(3600, "1h")
	f(7*86400, "7d")
	f(365*86400, "1y")
	f(3*365*86400+86400+60, "3y1d1m")
}

func TestSize(t *testing.T) {
	f := func(bytes int64, want string) {
		t.Helper()
		if got := size(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
	f(148, "148 bytes")
	f(1024, "1.0 KiB (1024 bytes)")
	f(1555228, "1.5 MiB (1555228 bytes)")
}

func TestShare(t *testing.T) {
	f := func(xff float32, want string) {
		t.Helper()
		if got := share(xff); got != want {
			t.Errorf("%v: got %s, want %s", xff, got, want)
		}
	}
	f(0, "as soon as one finer point is known (xFilesFactor 0)")
	f(0.1, "when 10% of the finer points are known (xFilesFactor 0.1)")
	f(1, "when 100% of the finer points are known (xFilesFactor 1)")
	f(0.3333, "when 33.33% of the finer points are known (xFilesFactor 0.3333)")
}

func TestPatternText(t *testing.T) {
	f := func(expr, want string) {
		t.Helper()
		if got := patternText(mustCompile(expr)); got != want {
			t.Errorf("%q: got %s, want %s", expr, got, want)
		}
	}
	f(`^a\.b$`, `^a\.b$`)
	f("a\nb", `"a\nb"`)
	f(`(?!a)`, "(?!a)   (matched slowly: look-ahead)")
	if got := patternText(nil); got != "every other metric" {
		t.Errorf("got %s", got)
	}
}
