package pyvalue

import (
	"math"
	"testing"
)

func TestFormatG(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := FormatG(v); got != want {
			t.Errorf("%%g of %v is %q, want %q", v, got, want)
		}
	}
	f(0, "0")
	f(5, "5")
	f(-2.5, "-2.5")
	f(100000, "100000")
	f(1e6, "1e+06")
	f(1234567.5, "1.23457e+06")
	f(0.0001, "0.0001")
	f(0.00001, "1e-05")
	f(1.0/3, "0.333333")
	f(1e100, "1e+100")
	f(math.Inf(1), "inf")
	f(math.Inf(-1), "-inf")
	f(math.NaN(), "nan")
}

func TestRepr(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := Repr(v); got != want {
			t.Errorf("repr of %v is %q, want %q", v, got, want)
		}
	}
	f(0, "0.0")
	f(math.Copysign(0, -1), "-0.0")
	f(5, "5.0")
	f(0.1, "0.1")
	f(1e16, "1e+16")
	f(123456789012345680, "1.2345678901234568e+17")
	f(1e15, "1000000000000000.0")
	f(0.0001, "0.0001")
	f(0.00001, "1e-05")
	f(1e-12, "1e-12")
}

func TestFormatD(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := FormatD(v); got != want {
			t.Errorf("%%d of %v is %q, want %q", v, got, want)
		}
	}
	f(2.9, "2")
	f(-2.9, "-2")
	f(-0.5, "0")
	f(1e20, "100000000000000000000")
}

func TestQuote(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := Quote(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
	f("", `''`)
	f("a", `'a'`)
	f("it's", `"it's"`)
	f(`it's "x"`, `'it\'s "x"'`)
	f("a\\\n\r\t\x00\x7f", `'a\\\n\r\t\x00\x7f'`)
	f("ü€😀", `'ü€😀'`)
	f("\u200b\U000e0001", `'\u200b\U000e0001'`)
}

func FuzzQuote(f *testing.F) {
	f.Add("a'b\"\\\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		q := Quote(s)
		if len(q) < 2 || q[0] != q[len(q)-1] {
			t.Errorf("%q: %s", s, q)
		}
		for _, c := range []byte(q) {
			if c < ' ' || c == 0x7f {
				t.Errorf("%q: %q", s, q)
			}
		}
	})
}

func TestUnquotePlus(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := UnquotePlus(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
	f("a", "a")
	f("a+b", "a b")
	f("a%25b%2", "a%b%2")
	f("%c3%BC%zz%", "ü%zz%")
	f("%ff", "\uFFFD")
	f("%+1%-1", "% 1%-1")
	f("50%", "50%")
	f("%e4%b8%ad", "中")
}
