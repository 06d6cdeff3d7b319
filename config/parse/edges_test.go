package parse

import (
	"errors"
	"math"
	"testing"
	"time"
)

// TestLargestValues: the largest numbers that are taken, and the smallest that are too large.
func TestLargestValues(t *testing.T) {
	const most = 1<<53 - 1
	for text, want := range map[string]error{"9007199254740991": nil, "-9007199254740991": nil, "9007199254740992": ErrTooLarge, "-9007199254740992": ErrTooLarge} {
		n, ok, err := Whole(text)
		if !ok || !errors.Is(err, want) || err == nil && max(n, -n) != most {
			t.Errorf("%s: %d, %v, %v", text, n, ok, err)
		}
	}
	for text, want := range map[string]error{"9007199254740991": nil, "9007199254740992": ErrTooLarge} {
		if n, err := Size(text); !errors.Is(err, want) || err == nil && n != most {
			t.Errorf("the size %s: %d, %v", text, n, err)
		}
	}
	// 9223372036.854775808 s are 2^63 ns, one more than a time can hold.
	for text, want := range map[string]error{"9223372036": nil, "9223372036.854775808": ErrTooLarge} {
		if d, err := Time(text); !errors.Is(err, want) || d < 0 || err == nil && d < math.MaxInt64-time.Duration(time.Second) {
			t.Errorf("the time %s: %v, %v", text, d, err)
		}
	}
	if d, err := Time("0.001"); d != time.Millisecond || err != nil {
		t.Errorf("the shortest time: %v, %v", d, err)
	}
	if _, err := Time("0.0009"); err == nil {
		t.Error("a shorter time was taken")
	}
}
