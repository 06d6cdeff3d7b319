package whisper

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPythonSetOrder(t *testing.T) {
	f := func(in []int64, want ...int64) {
		t.Helper()
		if got := pythonSetOrder(in); !slices.Equal(got, want) {
			t.Errorf("%v: got %v, want %v", in, got, want)
		}
	}
	// Recorded from CPython 3.11: list(set([...])).
	f(nil)
	f([]int64{7}, 7)
	f([]int64{300, 600, 900}, 600, 900, 300)
	f([]int64{1700000100, 1700000400, 1700000700, 1700001000, 1700001300}, 1700000100, 1700001000, 1700000400, 1700001300, 1700000700)
}

func TestPythonSetOrderSame(t *testing.T) {
	py := startPython(t)
	r := rand.New(rand.NewPCG(1, 2))
	var sets [][]int64
	var want [][][]int64
	for range 400 {
		step, start := 1+r.Int64N(4000), 1_600_000_000+r.Int64N(1<<30)
		var set []int64
		for range 1 + r.IntN(500) {
			start += step * (1 + r.Int64N(3)*r.Int64N(2))
			set = append(set, start-start%step)
		}
		sets = append(sets, slices.Compact(set))
	}
	py.ask(t, []object{{"op": "set", "sets": sets}}, &want)
	for i, set := range sets {
		if got := pythonSetOrder(set); !slices.Equal(got, want[0][i]) {
			t.Fatalf("set %v:\n got %v\nwant %v", set, got, want[0][i])
		}
	}
}
