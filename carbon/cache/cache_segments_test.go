package cache

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// heldSegments stands for the write-ahead log: it counts the references to each segment.
type heldSegments map[uint64]int

func (h heldSegments) Retain(seg uint64) { h[seg]++ }

func (h heldSegments) Release(seg uint64) {
	if h[seg]--; h[seg] < 0 {
		panic(fmt.Sprintf("segment %d is released more often than retained", seg))
	}
	if h[seg] == 0 {
		delete(h, seg)
	}
}

// TestCacheHoldsSegments holds the references of a series to the log against what they are for: the
// oldest point that is logged and not in its file keeps its segment, and so all later ones. While the
// log takes all points a series holds one segment, and one more while the writer has points of it;
// without points it holds none.
func TestCacheHoldsSegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := heldSegments{}
		c := New(Options{math.Inf(1), true}, held, nil)
		s, _ := c.Create([]byte("s"))
		var pending, taken []uint64 // the segment of each point; 0: the log did not take it
		seg, now := uint64(1), uint32(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				logged := rapid.Bool().Draw(t, "logged")
				for range rapid.IntRange(1, 12).Draw(t, "points") {
					now++
					at := uint64(0)
					if logged {
						at = seg
					}
					c.Append(s, now, 1, 0, at)
					c.Grow(1)
					pending = append(pending, at)
				}
			},
			"next segment": func(*rapid.T) { seg++ },
			"take": func(t *rapid.T) {
				if len(c.Round("naive", all)) == 0 || len(taken) > 0 {
					t.Skip("there is nothing to take")
				}
				c.Take(s, nil)
				taken, pending = pending, nil
			},
			"confirm": func(*rapid.T) {
				c.Confirm(s)
				taken = nil
			},
			"put back": func(*rapid.T) {
				c.PutBack(s)
				taken, pending = nil, slices.Concat(taken, pending)
			},
			"discard": func(t *rapid.T) {
				if len(taken) > 0 {
					t.Skip("a series is discarded when the writer has none of its points")
				}
				c.Grow(-c.Discard(s))
				pending = nil
			},
			"": func(t *rapid.T) {
				points, first := slices.Concat(taken, pending), uint64(0)
				for _, at := range points {
					if first = at; at != 0 {
						break
					}
				}
				oldest, all := uint64(0), 0
				for at, n := range held {
					all += n
					if oldest == 0 || at < oldest {
						oldest = at
					}
				}
				most := min(1, len(pending)) + min(1, len(taken))
				if oldest != first || all > most && !slices.Contains(points, 0) {
					t.Fatalf("%d taken points and %d pending ones hold %v: want the first to be %d, and at most %d", len(taken), len(pending), held, first, most)
				}
			},
		})
	})
}
