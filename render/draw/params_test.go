package draw

import "testing"

func paramsOf(m map[string]string) *params {
	return &params{get: func(name string) (string, bool) {
		v, ok := m[name]
		return v, ok
	}}
}

// TestLookup compares with the values that graphite-web's parseOptions returns.
func TestLookup(t *testing.T) {
	f := func(name, text string, want value, ok bool) {
		t.Helper()
		got, given := paramsOf(map[string]string{name: text}).lookup(name)
		if want.text == "" {
			want.text = text
		}
		if given != ok || ok && got != want {
			t.Errorf("%s=%s: %+v, %v, want %+v, %v", name, text, got, given, want, ok)
		}
	}
	f("x", "12", value{kind: kindInt, num: 12}, true)
	f("x", "-12", value{kind: kindInt, num: -12}, true)
	f("x", "--12", value{}, true)
	f("x", "-", value{}, true)
	f("x", "1.5", value{kind: kindFloat, num: 1.5}, true)
	f("x", "-.5", value{kind: kindFloat, num: -0.5}, true)
	f("x", "1.", value{kind: kindFloat, num: 1}, true)
	f("x", ".", value{}, true)
	f("x", "1.2.3", value{}, true)
	f("x", "1e3", value{}, true)
	f("x", "True", value{kind: kindBool, num: 1}, true)
	f("x", "FALSE", value{kind: kindBool}, true)
	f("x", "yes", value{}, true)
	f("x", "Default", value{}, false)
	f("x", "", value{}, false)
	f("bgcolor", "123456", value{}, true)
	f("colorList", "111111", value{}, true)
	if _, ok := (&params{}).lookup("x"); ok {
		t.Error("lookup returned a parameter that is not given")
	}
}

func TestFirstErrorStays(t *testing.T) {
	p := paramsOf(map[string]string{"a": "x", "b": "y"})
	if p.float("a", 3) != 3 || p.within("b", 4, 0, 9) != 4 {
		t.Error("a bad value does not give the default")
	}
	if e := p.err.(*ParamError); e.Name != "a" || e.Error() != `invalid a "x": must be a number` {
		t.Error(e)
	}
}

func TestAlpha(t *testing.T) {
	f := func(text string, want float64) {
		t.Helper()
		var s settings
		s.readAlpha(paramsOf(map[string]string{"areaAlpha": text}), -1, 0.5)
		if s.areaAlpha != want {
			t.Errorf("%q: %v, want %v", text, s.areaAlpha, want)
		}
	}
	f("", -1)
	f("0", -1)
	f("false", -1)
	f("0.3", 0.3)
	f("1", 1)
	f("true", 1)
	f("5e-1", 0.5)
	f("much", 0.5)
}
