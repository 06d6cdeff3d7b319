package encode

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"graphited/render"
	"graphited/whisper"
)

var null = math.NaN()

func series(name string, from, step int64, values ...float64) *render.Series {
	return &render.Series{
		Series: whisper.Series{From: from, Until: from + int64(len(values))*step, Step: step, Values: values},
		Name:   name, Path: name, Tags: []render.Tag{{Key: "name", Value: name}},
	}
}

func TestAppendJSON(t *testing.T) {
	f := func(o JSONOptions, want string, s ...*render.Series) {
		t.Helper()
		if got := string(appendJSON(t, o)([]byte("x"), s)); got != "x"+want {
			t.Errorf("%+v\n got %s\nwant %s", o, got, want)
		}
	}
	plain := JSONOptions{}
	f(plain, "[]")
	f(plain, "[]", series("a", 60, 60), series("b", 60, 60))
	f(plain, `[{"target": "a", "tags": {"name": "a"}, "datapoints": []}, {"target": "b", "tags": {"name": "b"}, "datapoints": [[1.0, 60]]}]`,
		series("a", 60, 60), series("b", 60, 60, 1))
	f(plain, `[{"target": "a", "tags": {"name": "a"}, "datapoints": [[1.0, 60], [null, 120], [-1e9999, 180]]}]`,
		series("a", 60, 60, 1, null, math.Inf(-1)))
	f(JSONOptions{NoNullPoints: true}, `[{"target": "a", "tags": {"name": "a"}, "datapoints": [[1.0, 60], [2.0, 180]]}]`,
		series("a", 60, 60, 1, null, 2), series("b", 60, 60, null))
	// Everything becomes one point, at the start.
	f(JSONOptions{MaxDataPoints: 1}, `[{"target": "a", "tags": {"name": "a"}, "datapoints": [[2.0, 60]]}]`, series("a", 60, 60, 1, 2, 3))
	// Values beyond the range are cut off, as Python's zip does.
	long := series("a", 0, 10, 1, 2, 3, 4)
	long.Until = 20
	f(plain, `[{"target": "a", "tags": {"name": "a"}, "datapoints": [[1.0, 0], [2.0, 10], [3.0, 20]]}]`, long)
}

// TestAppendJSONEdges checks that series on which graphite-web fails give valid JSON and no panic.
func TestAppendJSONEdges(t *testing.T) {
	weird := func(from, until, step int64, n int) *render.Series {
		s := series("weird", from, step, make([]float64, n)...)
		s.Until = until
		return s
	}
	in := [][]*render.Series{
		{weird(0, 10, 0, 3)},
		{weird(0, 10, -5, 3)},
		{weird(100, 0, 10, 3)},
		{weird(-7, 1<<40, 10, 3)},
		{weird(0, 1<<40, 1, 2), weird(5, 6, 1<<30, 1)},
		{weird(math.MinInt64/4, math.MaxInt64/4, 1, 1)},
		{weird(0, 600, 60, 1)},
		{weird(0, 0, 60, 0), weird(1, 2, 1, 1)},
	}
	for _, s := range in {
		for _, most := range []int{0, 1, 2, 3, 1000, math.MaxInt32} {
			for _, pretty := range []bool{false, true} {
				got := appendJSON(t, JSONOptions{MaxDataPoints: most, Pretty: pretty})(nil, s)
				if !json.Valid(got) {
					t.Errorf("%d: %s", most, got)
				}
			}
		}
		if b := AppendDygraph(t.Context(), nil, s); !json.Valid(b) {
			t.Errorf("dygraph: %s", b)
		}
		if b := AppendRickshaw(t.Context(), nil, s, false); !json.Valid(b) {
			t.Errorf("rickshaw: %s", b)
		}
	}
}

func TestAppendJSONUnknownConsolidation(t *testing.T) {
	s := series("a", 0, 60, 1, 2, 3, 4)
	s.Consolidate = "bogus"
	if got, err := AppendJSON(t.Context(), nil, []*render.Series{s}, JSONOptions{}); err != nil {
		t.Errorf("without consolidation: %s, %v", got, err)
	}
	_, err := AppendJSON(t.Context(), nil, []*render.Series{s}, JSONOptions{MaxDataPoints: 2})
	if err == nil || !strings.Contains(err.Error(), "bogus") {
		t.Errorf("got %v, want an error that names bogus", err)
	}
}

// TestDygraphUneven checks series of unequal length, on which graphite-web fails.
func TestDygraphUneven(t *testing.T) {
	got := string(AppendDygraph(t.Context(), nil, []*render.Series{series("a", 60, 60, 1), series("b", 60, 60, 1, 2)}))
	want := `{"labels" : ["Time", "a", "b"], "data" : [[60000, 1.0, 1.0], [120000, null, 2.0]]}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestRawLineEnds checks that a line end in a name does not begin a line.
func TestRawLineEnds(t *testing.T) {
	got := string(AppendRaw(t.Context(), nil, []*render.Series{series("a\nb,1,2,3|\r", 60, 60, 1)}))
	if want := "a b,1,2,3| ,60,120,60|1.0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("a.b", int64(1500000000), int64(60), 10, 3, 1.5, false)
	f.Add("\xff\"\\", int64(-5), int64(7), 3, 1, math.Inf(1), true)
	f.Fuzz(func(t *testing.T, name string, from, step int64, n, most int, v float64, pretty bool) {
		const bound = 1 << 50
		if n < 0 || n > 1000 || from > bound || from < -bound || step > bound || step < -bound {
			return
		}
		s := series(name, from, step, make([]float64, n)...)
		for i := range s.Values {
			s.Values[i] = v * float64(i%7)
		}
		got := appendJSON(t, JSONOptions{MaxDataPoints: most, Pretty: pretty, NoNullPoints: n%2 == 0})(nil, []*render.Series{s, s})
		if !json.Valid(got) {
			t.Fatalf("not JSON: %s", got)
		}
	})
}

// TestStops checks that after ctx is done only the closing brackets are written.
func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := []*render.Series{series("a", 60, 60, 1), series("b", 60, 60, 1)}
	if got, err := AppendJSON(ctx, nil, in, JSONOptions{}); err == nil || strings.Contains(string(got), "datapoints") {
		t.Errorf("JSON: %s, %v", got, err)
	}
	for name, got := range map[string][]byte{
		"csv": AppendCSV(ctx, nil, in, time.UTC), "raw": AppendRaw(ctx, nil, in), "rickshaw": AppendRickshaw(ctx, nil, in, false), "dygraph": AppendDygraph(ctx, nil, in),
	} {
		if strings.Contains(string(got), "60") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
