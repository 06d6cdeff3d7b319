package cache

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"graphited/whisper"
)

func put(c *Cache, name string, t uint32, v float64) *Series {
	s, _ := c.Create([]byte(name))
	c.Append(s, t, v, 0, 0)
	c.Grow(1)
	return s
}

func all(*Series) bool { return true }

func TestCachePointsStayReadable(t *testing.T) {
	c := New(Options{math.Inf(1), true}, nil, nil)
	s := put(c, "a", 10, 1)
	put(c, "a", 20, 2)
	want := func(stage string, want ...float64) {
		t.Helper()
		var got []float64
		for _, p := range c.Pending("a") {
			got = append(got, p.Value)
		}
		if !slices.Equal(got, want) || c.Size() != int64(len(want)) {
			t.Errorf("%s: points %v, size %d; want %v", stage, got, c.Size(), want)
		}
	}
	want("pending", 1, 2)
	if r := c.Round("sorted", all); len(r) != 1 || r[0] != s {
		t.Fatalf("round gives %d series", len(r))
	}
	c.Take(s, nil)
	want("taken", 1, 2)
	put(c, "a", 30, 3)
	want("taken and pending", 1, 2, 3)
	c.PutBack(s)
	want("put back", 1, 2, 3)
	if r := c.Round("sorted", all); len(r) != 1 {
		t.Fatalf("after putBack a round gives %d series", len(r))
	}
	c.Take(s, nil)
	c.Confirm(s)
	want("confirmed")
	if r := c.Round("sorted", all); len(r) != 0 {
		t.Errorf("nothing is left, but a round gives %d series", len(r))
	}
}

// TestCacheModel runs random operations against a plain slice per series.
func TestCacheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := New(Options{math.Inf(1), true}, nil, nil)
		pending, taken := map[string][]whisper.Point{}, map[string][]whisper.Point{}
		listed := []*Series{}
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		check := func() {
			size := 0
			for _, n := range []string{"a", "b", "c"} {
				want := slices.Concat(taken[n], pending[n])
				size += len(want)
				if got := c.Pending(n); !slices.Equal(got, want) {
					t.Fatalf("%s has %v, want %v", n, got, want)
				}
			}
			if c.Size() != int64(size) {
				t.Fatalf("size %d, want %d", c.Size(), size)
			}
		}
		clock := uint32(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := name.Draw(t, "name")
				for range rapid.IntRange(1, 25).Draw(t, "points") {
					clock++
					put(c, n, clock, float64(clock))
					pending[n] = append(pending[n], whisper.Point{Time: int64(clock), Value: float64(clock)})
				}
			},
			"round": func(t *rapid.T) {
				if len(listed) > 0 {
					t.Skip("the last round is not over")
				}
				listed = c.Round(rapid.SampledFrom([]string{"sorted", "timesorted", "naive", "random"}).Draw(t, "strategy"), all)
				for _, s := range listed {
					if got, _ := c.Take(s, nil); !slices.Equal(got, pending[s.Name]) {
						t.Fatalf("took %v of %s, want %v", got, s.Name, pending[s.Name])
					}
					taken[s.Name], pending[s.Name] = pending[s.Name], nil
				}
				for n, p := range pending {
					if len(p) > 0 {
						t.Fatalf("%s has points and was not in the round", n)
					}
				}
			},
			"confirm": func(t *rapid.T) {
				for _, s := range listed {
					c.Confirm(s)
					taken[s.Name] = nil
				}
				listed = nil
			},
			"putBack": func(t *rapid.T) {
				for _, s := range listed {
					c.PutBack(s)
					pending[s.Name], taken[s.Name] = slices.Concat(taken[s.Name], pending[s.Name]), nil
				}
				listed = nil
			},
			"": func(*rapid.T) { check() },
		})
	})
}

func TestCacheOrder(t *testing.T) {
	c := New(Options{math.Inf(1), true}, nil, nil)
	put(c, "few", 50, 1)
	for i := range uint32(3) {
		put(c, "many", 100+i, 1)
	}
	put(c, "old", 1, 1)
	put(c, "old", 200, 1)
	f := func(strategy, want string) {
		t.Helper()
		var got []string
		for _, s := range c.Round(strategy, all) {
			got = append(got, s.Name)
			c.Enqueue(s)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", strategy, got, want)
		}
	}
	f("sorted", "many old few")
	f("max", "many old few")
	f("timesorted", "old few many")
	left := c.Round("naive", func(s *Series) bool { return s.Name == "few" })
	if len(left) != 1 || len(c.Round("naive", all)) != 2 {
		t.Error("series that are not ready must stay for the next round")
	}
}

func TestFlowControl(t *testing.T) {
	o := Options{100, true}
	c := New(o, nil, nil)
	if c.limit != 100 || c.low != 95 || c.hard != 105 {
		t.Fatalf("limits %d %d %d, want 100 95 105", c.limit, c.low, c.hard)
	}
	shut := func() bool {
		c.flow.mu.Lock()
		defer c.flow.mu.Unlock()
		return c.flow.paused != nil
	}
	c.Grow(99)
	if shut() {
		t.Error("shut below the limit")
	}
	c.Grow(1)
	if !shut() {
		t.Error("open at the limit")
	}
	c.Grow(-5)
	if !shut() {
		t.Error("opened at 95, want below")
	}
	opened := make(chan struct{})
	go func() { c.flow.wait(nil); close(opened) }()
	c.Grow(-1)
	<-opened
	c.Grow(50)
	done := make(chan struct{})
	close(done)
	c.flow.wait(done) // returns although receivers pause
	o.FlowControl = false
	if c = New(o, nil, nil); c.hard != 100 {
		t.Errorf("without flow control points are dropped at %d, want 100", c.hard)
	}
	o.Limit = math.Inf(1)
	if c = New(o, nil, nil); c.limit != math.MaxInt64 {
		t.Errorf("limit %d, want none", c.limit)
	}
}

func TestCacheConcurrent(t *testing.T) {
	c := New(Options{math.Inf(1), true}, nil, nil)
	const adders, series, each = 4, 50, 200
	var wg, writer sync.WaitGroup
	stop := make(chan struct{})
	written := 0
	writer.Go(func() {
		for last := false; ; {
			for _, s := range c.Round("sorted", all) {
				points, _ := c.Take(s, nil)
				n := len(points)
				if rand.IntN(3) == 0 && !last {
					c.PutBack(s)
				} else {
					written += n
					c.Confirm(s)
				}
			}
			if last {
				return
			}
			select {
			case <-stop:
				last = true
			default:
			}
		}
	})
	for range adders {
		wg.Go(func() {
			for i := range each {
				for k := range series {
					put(c, fmt.Sprintf("s%d", k), uint32(i), 1)
					c.Pending("s0")
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	writer.Wait()
	if written != adders*series*each || c.Size() != 0 || c.Known() != series {
		t.Errorf("%d points written, %d left, %d series; want %d, 0, %d", written, c.Size(), c.Known(), adders*series*each, series)
	}
}

// TestSeriesSize holds what the memory of an idle server hangs on.
func TestSeriesSize(t *testing.T) {
	if n := unsafe.Sizeof(Series{}); n > 96 {
		t.Errorf("a series takes %d bytes, want at most 96", n)
	}
	if n := unsafe.Sizeof(block{}); n > 128 {
		t.Errorf("a block takes %d bytes, want 128", n)
	}
}

// TestMaker holds that names and series do not share memory with others.
func TestMaker(t *testing.T) {
	var m maker
	made := map[string]*Series{}
	for i := range 2000 {
		name := strings.Repeat("n", i%300) + fmt.Sprint(i)
		s := m.make([]byte(name))
		s.points = uint32(i)
		made[name] = s
	}
	for name, s := range made {
		if s.Name != name || !strings.HasSuffix(name, fmt.Sprint(s.points)) {
			t.Errorf("%q is kept as %q, number %d", name, s.Name, s.points)
		}
	}
	if s := m.make(bytes.Repeat([]byte("x"), 2*makerBytes)); len(s.Name) != 2*makerBytes {
		t.Errorf("a long name has %d bytes", len(s.Name))
	}
}
