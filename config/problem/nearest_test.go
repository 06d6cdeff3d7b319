package problem

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"LINE_RECEIVER_PORT", "LINE_RECEIVER_INTERFACE", "MAX_CACHE_SIZE", "USER"}
	f := func(key, want string) {
		t.Helper()
		if got := Nearest(key, names); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	f("LINE_RECIEVER_PORT", "LINE_RECEIVER_PORT")
	f("max_cache_sise", "MAX_CACHE_SIZE")
	f("MAXCACHESIZE", "MAX_CACHE_SIZE")
	f("USRE", "USER")
	f("UR", "")
	f("X", "")
	f("", "")
	f("COMPLETELY_DIFFERENT", "")
}

func TestEditDistance(t *testing.T) {
	f := func(a, b string, want int) {
		t.Helper()
		if got, back := editDistance(a, b), editDistance(b, a); got != want || back != want {
			t.Errorf("%q %q: got %d and %d, want %d", a, b, got, back, want)
		}
	}
	f("", "", 0)
	f("abc", "", 3)
	f("abc", "abc", 0)
	f("abc", "acb", 1)
	f("abc", "ab", 1)
	f("abc", "xbc", 1)
	f("kitten", "sitting", 3)
}
