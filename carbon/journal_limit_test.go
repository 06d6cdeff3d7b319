package carbon

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"graphited/carbon/conf"
)

// logBench is a daemon that writes only when it is told to, with a clock that the test sets.
type logBench struct {
	*killed
	now time.Time
}

func newLogBench(t *testing.T, change func(*conf.Options)) *logBench {
	t.Helper()
	b := &logBench{killed: newKilled(t, t.TempDir(), benchTime, func(o *conf.Options) {
		o.WriteDelay = time.Hour
		change(o)
	}), now: time.Unix(benchTime, 0)}
	b.clock = func() time.Time { return b.now }
	b.writer.clock = b.clock
	t.Cleanup(func() { b.Close() })
	return b
}

// due returns which series the writer would write now, in its order.
func (b *logBench) due() (names []string) {
	for _, s := range b.writer.next() {
		names = append(names, s.Name)
		b.cache.Enqueue(s)
	}
	return names
}

// TestLogOverItsLimit: with a log of more than WAL_MAX_SIZE no series waits for more points, and
// those that hold its oldest segment come first. Without a limit nothing of that happens.
func TestLogOverItsLimit(t *testing.T) {
	b := newLogBench(t, func(o *conf.Options) { o.WALMaxSize = 0 })
	b.take(fmt.Sprintf("few 1 %d\n", benchTime))
	b.now = b.now.Add(2 * pruneInterval) // a new segment begins
	b.take(fmt.Sprintf("many 1 %d\nmany 2 %d\n", benchTime+10, benchTime+20))
	_, _, size := b.journal.log.Oldest()
	for limit, want := range map[int64][]string{0: nil, size + 1: nil, size: nil, size - 1: {"few", "many"}} {
		b.journal.limit = limit
		if got := b.due(); !slices.Equal(got, want) {
			t.Errorf("a log of %d bytes with a limit of %d: %v are written, want %v", size, limit, got, want)
		}
	}
}

// TestLogOverItsLimitForNobody: a log whose oldest segment nobody needs is long only until it is
// shortened, and to write other series would not help.
func TestLogOverItsLimitForNobody(t *testing.T) {
	b := newLogBench(t, func(o *conf.Options) { o.WALMaxSize = 1 })
	b.take(fmt.Sprintf("a 1 %d\n", benchTime))
	if got := b.due(); !slices.Equal(got, []string{"a"}) {
		t.Fatalf("%v are written, want a: the log is over its limit", got)
	}
	b.writer.round(t.Context(), b.writer.next())
	b.now = b.now.Add(2 * pruneInterval)
	b.take(fmt.Sprintf("b 1 %d\n", benchTime+10))
	if got := b.due(); got != nil {
		t.Errorf("%v are written, and the oldest segment has points of nobody", got)
	}
	if n, err := b.journal.log.Prune(b.journal.syncData); n != 1 || err != nil {
		t.Fatalf("%d segments removed, %v", n, err)
	}
	if got := b.due(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("%v are written, want b: it holds the oldest segment now", got)
	}
}

// TestRemovedSeriesHoldsNoSegment: a removal is logged, and what says so in the log keeps no segment
// of it.
func TestRemovedSeriesHoldsNoSegment(t *testing.T) {
	b := newLogBench(t, func(*conf.Options) {})
	b.take(fmt.Sprintf("a 1 %d\n", benchTime))
	b.running.open(t.Context())
	if names, err := b.Remove(t.Context(), []string{"a"}); !slices.Equal(names, []string{"a"}) || err != nil {
		t.Fatalf("removed %v, %v", names, err)
	}
	if n, err := b.journal.log.Prune(b.journal.syncData); n != 1 || err != nil {
		t.Errorf("%d segments removed, %v; want 1", n, err)
	}
}
