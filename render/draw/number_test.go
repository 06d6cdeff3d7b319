package draw

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHundredths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-1e12, 1e12).Draw(t, "n")
		s := string(appendHundredths(nil, n))
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Round(f*100) != float64(n) {
			t.Fatalf("%d is written as %q", n, s)
		}
		if strings.Contains(s, ".") && strings.HasSuffix(s, "0") || strings.HasPrefix(s, "0.") {
			t.Fatalf("%q is longer than necessary", s)
		}
	})
	if s := string(appendCoord(nil, math.Inf(1))); s != "1000000000" {
		t.Errorf("infinity is %q", s)
	}
}

// TestG compares with C's %g. fmt's %g with six digits is the same except for leading zeros of
// exponents.
func TestG(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(appendG(nil, v)); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	f(0, "0")
	f(1, "1")
	f(-50, "-50")
	f(0.1, "0.1")
	f(100000, "100000")
	f(999999.5, "1e+06")
	f(1e6, "1e+06")
	f(123456789, "1.23457e+08")
	f(0.0001, "0.0001")
	f(0.00001, "1e-05")
	f(-0.000012345678, "-1.23457e-05")
	f(1e100, "1e+100")
	f(math.Inf(-1), "-Inf")
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64().Draw(t, "v")
		if got, want := string(appendG(nil, v)), fmt.Sprintf("%.6g", v); got != want && v-v == 0 {
			t.Fatalf("%v: %q, want %q", v, got, want)
		}
	})
}

// TestPath parses path data and checks that every point is within half a hundredth.
func TestPath(t *testing.T) {
	command := regexp.MustCompile(`([Mlhvz])([^Mlhvz]*)`)
	number := regexp.MustCompile(`-?(\d+\.?\d*|\.\d+)`)
	rapid.Check(t, func(t *rapid.T) {
		coord := rapid.Float64Range(-100, 5000)
		points := rapid.SliceOf(rapid.Custom(func(t *rapid.T) point {
			if rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
				return gap()
			}
			return point{coord.Draw(t, "x"), coord.Draw(t, "y")}
		})).Draw(t, "points")
		var want []point
		for _, p := range points {
			if !p.isGap() {
				want = append(want, p)
			}
		}
		data := string(appendPath(nil, points, rapid.Bool().Draw(t, "closed")))
		var got []point
		var at point
		for _, c := range command.FindAllStringSubmatch(data, -1) {
			var n []float64
			for _, s := range number.FindAllString(c[2], -1) {
				f, err := strconv.ParseFloat(s, 64)
				if err != nil {
					t.Fatal(err)
				}
				n = append(n, f)
			}
			switch c[1] {
			case "M":
				at = point{n[0], n[1]}
			case "l":
				at = point{at.x + n[0], at.y + n[1]}
			case "h":
				at.x += n[0]
			case "v":
				at.y += n[0]
			case "z":
				continue
			}
			got = append(got, at)
		}
		if len(got) != len(want) {
			t.Fatalf("%d points of %d in %s", len(got), len(want), data)
		}
		for i := range got {
			if math.Abs(got[i].x-want[i].x) > 0.0051 || math.Abs(got[i].y-want[i].y) > 0.0051 {
				t.Fatalf("point %d is %v, want %v", i, got[i], want[i])
			}
		}
	})
}

// TestJSONFloat compares with Python's repr, which json.dumps uses.
func TestJSONFloat(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 0.1: "0.1", 1e15: "1000000000000000.0", 1e16: "1e+16", 0.0001: "0.0001",
		0.00001: "1e-05", 1.5e-7: "1.5e-07", 1e300: "1e+300", 123456.789: "123456.789", math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got := string((&jsonWriter{}).float(f).b); got != want {
			t.Errorf("%v: %s, want %s", f, got, want)
		}
	}
	if got := string((&jsonWriter{}).float(math.NaN()).b); got != "null" {
		t.Errorf("NaN: %s", got)
	}
}

func TestJSONText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		b := (&jsonWriter{}).text(s).b
		var back string
		if err := json.Unmarshal(b, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q is written as %s (%v)", s, b, err)
		}
		if bytes.ContainsAny(b, "<>&") {
			t.Fatalf("%s can end a script element", b)
		}
	})
}

func TestUnits(t *testing.T) {
	f := func(v, span, step float64, system, want string) {
		t.Helper()
		if got := valueLabel(v, span, step, unitSystem(system)); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	f(0, 200, 50, "si", "0 ")
	f(50, 200, 50, "si", "50.0 ")
	f(1500, 6000, 500, "si", "1500.0 ") // the step is less than 1k
	f(2000, 6000, 1000, "si", "2.0 k ")
	f(2048, 8192, 1024, "binary", "2.0 Ki ")
	f(0.25, 1, 0.25, "si", "0.25 ")
	f(1.25, 1, 0.25, "si", "1.25 ")
	f(1.001, 0.01, 0.001, "si", "1.001 ")
	f(7200, 20000, 3600, "sec", "2.0 H ")
	f(90000, 200000, 30000, "msec", "90.0 s ")
	f(123456, 1e6, 1e5, "none", "123456.0 ")
	f(-50, 200, 50, "si", "-50 ")
}
