package store

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"graphited/testdata/allocs"
)

// TestEventModel compares the events with a list in memory.
func TestEventModel(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "web.db")
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		s, err := Open(path+strings.Repeat("x", run), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		var model []Event
		when := rapid.OneOf(rapid.Int64Range(-5, 20), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64}))
		tags := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "ü", "a;b"}), 0, 3)
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			e := Event{When: when.Draw(t, "when"), What: rapid.String().Draw(t, "what"), Data: rapid.String().Draw(t, "data"), Tags: tags.Draw(t, "tags")}
			if err := s.Add(ctx, e); err != nil {
				t.Fatal(err)
			}
			e.ID = int64(len(model) + 1)
			model = append(model, e)
			if got, ok, err := s.Get(ctx, e.ID); !ok || err != nil || !same(got, e) {
				t.Fatalf("got %+v %v %v, want %+v", got, ok, err, e)
			}
		}
		from, until := when.Draw(t, "from"), when.Draw(t, "until")
		of, union := tags.Draw(t, "of"), rapid.Bool().Draw(t, "union")
		sorted := slices.Clone(model)
		slices.SortStableFunc(sorted, func(a, b Event) int {
			if a.When < b.When {
				return -1
			}
			return min(1, int(min(1, uint64(a.When-b.When))))
		})
		var want []Event
		var times []int64
		for _, e := range sorted {
			has := func(tag string) bool { return slices.Contains(e.Tags, tag) }
			all := !slices.ContainsFunc(of, func(tag string) bool { return !has(tag) })
			if e.When < from || e.When > until {
				continue
			}
			if all {
				times = append(times, e.When)
			}
			if all && !union || union && (len(of) == 0 || slices.ContainsFunc(of, has)) {
				want = append(want, e)
			}
		}
		got, err := s.Find(ctx, from, until, of, union)
		if err != nil || !slices.EqualFunc(got, want, same) {
			t.Fatalf("find %d to %d of %q union %v:\n got %+v %v\nwant %+v", from, until, of, union, got, err, want)
		}
		if got, err := s.EventTimes(ctx, of, from, until); err != nil || !slices.Equal(got, times) {
			t.Fatalf("times: got %v %v, want %v", got, err, times)
		}
	})
}

func same(a, b Event) bool {
	return a.ID == b.ID && a.When == b.When && a.What == b.What && a.Data == b.Data && slices.Equal(a.Tags, b.Tags)
}

func TestNoSuchEvent(t *testing.T) {
	s := open(t, filled(t, 3), Options{})
	for _, id := range []int64{0, 4, -1, math.MinInt64, math.MaxInt64} {
		if e, ok, err := s.Get(context.Background(), id); ok || err != nil || !reflect.DeepEqual(e, Event{}) {
			t.Errorf("%d: %+v %v %v", id, e, ok, err)
		}
	}
}

func TestEventLimits(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{MaxAnswer: 2*maxData + 1000})
	ctx := context.Background()
	f := func(ok bool, e Event) {
		t.Helper()
		err := s.Add(ctx, e)
		var limit *LimitError
		if ok != (err == nil) || err != nil && (!errors.As(err, &limit) || limit.Error() == "") {
			t.Errorf("%.40v: %v", e, err)
		}
	}
	f(true, Event{})
	f(true, Event{What: strings.Repeat("x", maxWhat), Data: strings.Repeat("x", maxData)})
	f(false, Event{What: strings.Repeat("x", maxWhat+1)})
	f(false, Event{Data: strings.Repeat("x", maxData+1)})
	f(true, Event{Tags: []string{strings.Repeat("x", maxTags-1)}})
	f(false, Event{Tags: []string{strings.Repeat("x", maxTags)}})
	f(false, Event{Tags: slices.Repeat([]string{"tag"}, maxTags/4+1)})
	f(false, Event{Tags: []string{"two words"}})
	f(false, Event{Tags: []string{""}})
	f(false, Event{Tags: []string{"a\u00a0b"}})
	f(true, Event{Data: strings.Repeat("x", maxData)})
	if _, err := s.Find(ctx, 0, 1, nil, false); !errors.Is(err, ErrTooMany) {
		t.Errorf("a result above MaxAnswer: %v", err)
	}
	if _, err := s.EventTimes(ctx, nil, 0, 1); err != nil {
		t.Errorf("times: %v", err)
	}
}

func TestFindEnds(t *testing.T) {
	s := open(t, filled(t, 3000), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Find(ctx, 0, math.MaxInt64, nil, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzReadEvent checks that arbitrary bytes do not cause a panic, and that a decoded event is
// encoded to the same bytes.
func FuzzReadEvent(f *testing.F) {
	v, _ := appendEvent(nil, Event{What: "what", Data: "data", Tags: []string{"a", "b"}})
	f.Add(v)
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte{0, 200, 1})
	f.Fuzz(func(t *testing.T, value []byte) {
		matches(value, []string{"a", ""}, true)
		e, err := readEvent(value)
		if err != nil {
			return
		}
		again, err := appendEvent(nil, e)
		if err != nil {
			return // too large
		}
		if e2, err := readEvent(again); err != nil || !same(e, e2) {
			t.Errorf("%+v became %+v, %v", e, e2, err)
		}
	})
}

func TestMatchesAllocatesNothing(t *testing.T) {
	v, err := appendEvent(nil, Event{Tags: []string{"one", "two", "three"}})
	if err != nil {
		t.Fatal(err)
	}
	tags := []string{"one", "three"}
	if n := allocs.Least(100, func() { matches(v, tags, false) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFind(b *testing.B) {
	s := open(b, filled(b, 100_000), Options{})
	ctx := context.Background()
	f := func(name string, from, until int64, tags []string, want int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e, err := s.Find(ctx, from, until, tags, false)
				if err != nil || len(e) != want {
					b.Fatal(len(e), err)
				}
			}
		})
	}
	f("20 of 100000", 500_000, 500_190, nil, 20)
	f("rare tag", 0, 1e9, []string{"nosuch"}, 0)
	f("all", 0, 1e9, []string{"deploy"}, 100_000)
}

func BenchmarkAdd(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "web.db"), Options{})
	e := Event{When: 1e9, What: "deploy", Data: "v1", Tags: []string{"a"}}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Add(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}
