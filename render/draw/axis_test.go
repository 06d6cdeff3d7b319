package draw

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// eachLine calls f with every line of a file in testdata.
func eachLine(t *testing.T, name string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f(lines.Bytes())
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

// TestAxes compares random axes with those of graphite-web.
func TestAxes(t *testing.T) {
	n := 0
	eachLine(t, "axes.jsonl", func(line []byte) {
		var c struct {
			Low, High        float64
			Min, Limit, Step *float64
			Max              any
			System           string
			Divisors         []float64
			Base             float64
			Error            string
			Want             []json.RawMessage
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		n++
		none := func(p *float64) float64 {
			if p == nil {
				return math.NaN()
			}
			return *p
		}
		o := axisOptions{min: none(c.Min), max: math.NaN(), limit: none(c.Limit), step: none(c.Step), names: axisNames{"yMin", "yMax", "yLimit", "yStep"}}
		o.toExtremum = c.Max == "max"
		if v, ok := c.Max.(float64); ok {
			o.max = v
		}
		p := &params{get: func(string) (string, bool) { return "", false }}
		var values []float64
		l := &lineGraph{canvas: &canvas{p: p}, s: &lineSettings{divisors: []float64{4, 5, 6}, unitSystem: c.System, base: c.Base}}
		if len(c.Divisors) > 0 {
			l.s.divisors = c.Divisors
		}
		l.curves = []curve{{drawn: []float64{c.Low, c.High}}}
		d := newFaceForTest(t)
		l.s.font = font{face: d, size: 10}
		s := &scale{}
		l.setScale(s, o, func(*curve) bool { return true })
		if c.Error != "" {
			// A step of zero is rejected when it is parsed.
			if p.err == nil && !(c.Step != nil && *c.Step == 0) && !strings.Contains(c.Error, "OverflowError") {
				t.Errorf("%s: no error, %v to %v by %v", line, s.bottom, s.top, s.step)
			}
			return
		}
		if p.err != nil {
			t.Errorf("%s: %v", line, p.err)
			return
		}
		var bottom, top float64
		var labels []string
		for i, to := range []any{&bottom, &top, &values, &labels} {
			if err := json.Unmarshal(c.Want[i], to); err != nil {
				t.Fatal(err)
			}
		}
		if !same(bottom, s.bottom) || !same(top, s.top) || len(values) != len(s.values) || strings.Join(labels, "|") != strings.Join(s.labels, "|") {
			t.Errorf("%s:\n%v to %v: %q", line, s.bottom, s.top, s.labels)
		}
	})
	if n < 500 {
		t.Errorf("only %d axes", n)
	}
}

func same(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

func newFaceForTest(t testing.TB) *face {
	return testFaces(t).sans
}

// TestTimeFormat compares appendTime with Python's strftime.
func TestTimeFormat(t *testing.T) {
	zones := map[string]*time.Location{}
	n := 0
	eachLine(t, "times.jsonl", func(line []byte) {
		var c struct {
			Unix             int64
			TZ, Format, Want string
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		n++
		if zones[c.TZ] == nil {
			var err error
			if zones[c.TZ], err = time.LoadLocation(c.TZ); err != nil {
				t.Skipf("no time zone data: %v", err)
			}
		}
		if got := string(appendTime(nil, time.Unix(c.Unix, 0).In(zones[c.TZ]), c.Format)); got != c.Want {
			t.Errorf("%s of %d in %s: %q, want %q", c.Format, c.Unix, c.TZ, got, c.Want)
		}
	})
	if n < 500 {
		t.Errorf("only %d times", n)
	}
	if got := string(appendTime(nil, time.Unix(0, 0), "%q %")); got != "%q %" {
		t.Errorf("unknown directives: %q", got)
	}
}

// TestClockChange checks that labels are at whole hours of local time on both sides of a change of
// the clock, and none is at a time that does not exist or occurs twice.
func TestClockChange(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zone data: %v", err)
	}
	f := func(start string, hours int64, step float64, want string) {
		t.Helper()
		from, err := time.ParseInLocation("2006-01-02 15:04", start, zone)
		if err != nil {
			t.Fatal(err)
		}
		a := timeAxis{start: from.Unix(), end: from.Unix() + 3600*hours, zone: zone}
		var got []string
		a.each(hour, step, func(x time.Time) { got = append(got, x.Format("15:04")) })
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", start, s, want)
		}
	}
	f("2026-03-29 00:00", 6, 1, "00:00 01:00 03:00 04:00 05:00 06:00")
	f("2026-03-29 00:30", 6, 2, "04:00 06:00")
	f("2026-10-25 00:00", 6, 2, "00:00 02:00 04:00")
	f("2026-07-01 00:00", 6, 2, "00:00 02:00 04:00")
}
