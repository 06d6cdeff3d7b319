package carbon

import (
	"fmt"
	"math"
	"testing"

	"graphited/whisper"
)

func TestOverlay(t *testing.T) {
	nan := math.NaN()
	spec := func(m whisper.Method) whisper.Spec {
		return whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 360}, {Step: 60, Points: 1440}}, Method: m, XFilesFactor: 1}
	}
	pts := func(tv ...float64) (p []whisper.Point) {
		for i := 0; i < len(tv); i += 2 {
			p = append(p, whisper.Point{Time: int64(tv[i]), Value: tv[i+1]})
		}
		return p
	}
	f := func(what string, m whisper.Method, step int64, disk []float64, points []whisper.Point, want ...float64) {
		t.Helper()
		s := whisper.Series{From: 600, Until: 600 + step*int64(len(disk)), Step: step, Values: disk}
		overlay(s, points, spec(m))
		if fmt.Sprint(s.Values) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, s.Values, want)
		}
	}
	f("nothing cached", whisper.Average, 10, []float64{1, nan}, nil, 1, nan)
	f("the cache wins", whisper.Average, 10, []float64{1, 2, nan}, pts(610, 5, 620, 6), 1, 5, 6)
	f("of one slot the last to come counts", whisper.Average, 10, []float64{nan}, pts(605, 1, 600, 2), 2)
	f("a point within its slot", whisper.Average, 10, []float64{nan, nan}, pts(619, 7), nan, 7)
	f("what is outside stays outside", whisper.Average, 10, []float64{1}, pts(590, 5, 610, 6, 599, 7), 1)
	f("coarse: by the file's method, whatever its xFilesFactor", whisper.Sum, 60, []float64{9, nan}, pts(600, 1, 610, 2, 660, 4), 3, 4)
	f("coarse: last of each fine slot first", whisper.Sum, 60, []float64{9}, pts(601, 1, 602, 2, 615, 4), 6)
	f("coarse average, out of order", whisper.Average, 60, []float64{nan}, pts(650, 3, 600, 1), 2)
	f("coarse last", whisper.Last, 60, []float64{nan}, pts(650, 3, 600, 1), 3)
	f("coarse absmax", whisper.AbsMax, 60, []float64{nan}, pts(600, -5, 610, 3), -5)
	f("avg_zero is over the cached points", whisper.AvgZero, 60, []float64{nan}, pts(600, 4, 610, 2), 3)
}

func TestStoreBeforeAndAfterTheFile(t *testing.T) {
	b := newBench(t, nil)
	if got := b.points("a"); len(got) != 0 {
		t.Errorf("an unknown series has %v", got)
	}
	if _, _, ok := b.store.Interval("a"); ok {
		t.Error("an unknown series has an interval")
	}
	addPoint(b.cache, "a", benchTime-25, 1)
	unwritten := fmt.Sprint(b.points("a"))
	if unwritten != fmt.Sprint(map[int64]float64{benchTime - 30: 1}) {
		t.Errorf("before there is a file: %v", unwritten)
	}
	coarse, err := b.store.Fetch(t.Context(), "a", benchTime-7200, benchTime, benchTime)
	if err != nil || coarse.Step != 60 {
		t.Errorf("a range beyond the finest archive: step %d, %v", coarse.Step, err)
	}
	b.rounds(1)
	if written := fmt.Sprint(b.points("a")); written != unwritten {
		t.Errorf("from the file: %v, before from the cache: %v", written, unwritten)
	}
	start, end, ok := b.store.Interval("a")
	if !ok || end != b.now || end-start != 86400 {
		t.Errorf("interval %d to %d, %v", start, end, ok)
	}
	if _, err := b.store.Fetch(t.Context(), "a", benchTime+10, benchTime+20, benchTime); err == nil {
		t.Error("a range in the future must have no data")
	}
}
