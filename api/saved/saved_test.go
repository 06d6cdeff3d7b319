package saved

import (
	"encoding/json"
	"testing"
)

func TestShortName(t *testing.T) {
	f := func(id int64, want string) {
		t.Helper()
		if got := shortName(id); got != want || linkNumber(got) != id {
			t.Errorf("%d: %q, back %d", id, got, linkNumber(got))
		}
	}
	f(1, "B")
	f(61, "z")
	f(62, "BA")
	f(3844, "BAA")
	f(123456789, "IWAk7")
	f(839299365868340223, "zzzzzzzzzz")
}

// TestLongestLink: a name has ten digits at most.
func TestLongestLink(t *testing.T) {
	last := int64(1)
	for range 10 {
		last *= 62
	}
	last-- // the last one of ten digits
	if got := linkNumber(shortName(last)); got != last {
		t.Errorf("the link %q is number %d, want %d", shortName(last), got, last)
	}
	if got := linkNumber(shortName(last + 1)); got != 0 {
		t.Errorf("a name of eleven digits is link %d", got)
	}
}

// FuzzJSON: what is read is written as JSON that reads alike.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, 2.5, -0, 1e400, "x\ud800"], "b": {"c": null, "c": true}}`, `[[[]]]`, `"`, `{"a"`, `1 2`, ``} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON([]byte(text))
		if err != nil {
			return
		}
		again, err := parseJSON(v.bytes())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, v.bytes(), err)
		}
		if string(again.bytes()) != string(v.bytes()) {
			t.Errorf("%q became %q, then %q", text, v.bytes(), again.bytes())
		}
		v.replaceAll("a", "b\"")
		if !json.Valid(v.bytes()) {
			t.Errorf("%q became %q", text, v.bytes())
		}
	})
}
