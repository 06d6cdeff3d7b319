package carbon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// bench is a cache, a writer and a store over a file system in memory, with a clock that stands
// still until it is moved.
type bench struct {
	*writer
	t     *testing.T
	now   int64
	fail  func(vfs.Op) error
	store *Store
}

const benchTime = 1_700_000_000

func newBench(t *testing.T, change func(*conf.Options)) *bench {
	t.Helper()
	return newBenchOn(t, vfs.NewMem(), nil, change)
}

// newBenchOn is newBench over a file system, with a cache that tells log which segments it needs.
func newBenchOn(t *testing.T, disk vfs.FS, log cache.Segments, change func(*conf.Options)) *bench {
	t.Helper()
	o := conf.DefaultOptions()
	o.LocalDataDir, o.MaxUpdates, o.Workers, o.WriteDelay = "/data", math.Inf(1), 1, 0
	if change != nil {
		change(&o)
	}
	b := &bench{t: t, now: benchTime}
	fsys := &vfs.Fail{FS: disk, Hook: func(op vfs.Op) error {
		if b.fail == nil {
			return nil
		}
		return b.fail(op)
	}}
	clock := func() time.Time { return time.Unix(b.now, 0) }
	names, stats := index.New(), new(tally.Stats)
	known := catalog{names, index.NewTags(names), o.HashTagged}
	b.writer = newWriter(o, writerDeps{
		FS: fsys, Cache: cache.New(cache.Options{Limit: o.MaxCacheSize, FlowControl: o.FlowControl}, log, nil), Known: known, KeepNames: func() error { return nil }, Spec: testSpec, Clock: clock,
		Created: new(tally.Newest), Stats: stats, Logs: tally.NewLogs(zerolog.Nop()),
	})
	b.disk.now, b.creating.now = clock, clock
	b.store = &Store{o: o, fsys: fsys, cache: b.cache, names: names, tags: known.tags, spec: testSpec, clock: clock, stats: stats}
	return b
}

// condition is what health says of the updates.
type condition struct {
	OK     bool
	Detail string
}

func (b *bench) updating() condition {
	ok, detail := b.state().updating()
	return condition{ok, detail}
}

// rounds lets the writer work, a minute and more apart so that nothing is still waiting for its
// next try, until nothing is left or n rounds are over.
func (b *bench) rounds(n int) {
	for ; n > 0 && b.cache.Size() > 0; n-- {
		b.round(context.Background(), b.next())
		b.now += 120
	}
}

func (b *bench) points(name string) map[int64]float64 {
	b.t.Helper()
	s, err := b.store.Fetch(b.t.Context(), name, benchTime-600, benchTime, benchTime)
	if err != nil && !errors.Is(err, whisper.ErrNoData) {
		b.t.Fatal(err)
	}
	got := map[int64]float64{}
	for i, v := range s.Values {
		if v == v {
			got[s.From+int64(i)*s.Step] = v
		}
	}
	return got
}

// TestWriteDelay holds that a series' first point waits for more, but not when the cache is half
// full, and that nothing waits for a clock that was put back.
func TestWriteDelay(t *testing.T) {
	b := newBench(t, func(o *conf.Options) { o.WriteDelay, o.MaxCacheSize = 3*time.Second, 100 })
	add := func(name string) {
		s, _ := b.cache.Create([]byte(name))
		b.cache.Append(s, uint32(b.now), 1, cache.Ticks(b.clock()), 0)
		b.cache.Grow(1)
	}
	names := func() (names []string) {
		for _, s := range b.next() {
			names = append(names, s.Name)
			b.cache.Enqueue(s)
		}
		return names
	}
	want := func(what string, want ...string) {
		t.Helper()
		if got := names(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	add("a")
	want("at once")
	b.now += 2
	add("a")
	add("b")
	want("after two seconds")
	b.now++
	want("after three, whatever came since", "a")
	b.now += 2
	want("later", "a", "b")
	for range 60 {
		add("c")
	}
	want("half full", "c", "a", "b")
	b = newBench(t, func(o *conf.Options) { o.WriteDelay = 3 * time.Second })
	add("a")
	b.now -= 3600
	want("clock put back", "a")
}

// TestLastWrite holds that the last write and the last error of a series can be asked for, and that
// the histogram of waits counts an update.
func TestLastWrite(t *testing.T) {
	b := newBench(t, nil)
	if at, trouble := b.lastWrite("a"); at != 0 || trouble.When != 0 {
		t.Errorf("of an unknown series: %d, %v", at, trouble)
	}
	s, _ := b.cache.Create([]byte("a"))
	add := func() {
		b.cache.Append(s, uint32(b.now-5), 1, cache.Ticks(b.clock()), 0)
		b.cache.Grow(1)
	}
	b.fail = func(op vfs.Op) error { return syscall.EACCES }
	add()
	b.rounds(1)
	failed := b.now - 120
	if at, trouble := b.lastWrite("a"); at != 0 || trouble.When != failed || !strings.Contains(trouble.Text, "permission denied") {
		t.Errorf("after a failure at %d: %d, %v", failed, at, trouble)
	}
	b.fail = nil
	b.rounds(1)
	if at, trouble := b.lastWrite("a"); at != b.now-120 || trouble.When != failed {
		t.Errorf("after a success at %d: %d, %v", b.now-120, at, trouble)
	}
	if p := tally.Quantile(tally.Tallied{}, b.stats.WriteLatency.Tallied(), 1); p < 120*time.Second || p > 180*time.Second {
		t.Errorf("the point waited 120 s, but the histogram says %v", p)
	}
	for i := range 2 * maxTroubles {
		b.troubles.note(fmt.Sprint(i), syscall.EACCES, 1)
	}
	if len(b.troubles.last) > maxTroubles {
		t.Errorf("%d errors are remembered, want at most %d", len(b.troubles.last), maxTroubles)
	}
}

// TestMetadataReachesWriter holds that a method of aggregation that was set at a file counts for
// the series' next roll-up.
func TestMetadataReachesWriter(t *testing.T) {
	b := newBench(t, nil)
	d := &Keeper{o: b.o, fsys: b.fsys}
	add := func() {
		for i := range uint32(6) {
			addPoint(b.cache, "a.b", uint32(b.now-b.now%60)-60+10*i, float64(i))
		}
		b.round(t.Context(), b.next())
	}
	add()
	b.now += 60
	add() // now the writer knows the file
	if old, err := d.SetMetadata(t.Context(), "a.b", "aggregationMethod", "last"); err != nil || old != "average" {
		t.Fatalf("set: %q, %v", old, err)
	}
	b.now += 60
	add()
	f, err := whisper.OpenRead(b.fsys, "/data/a/b.wsp")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := map[int64]float64{}
	if err := f.Slots(1, func(_ int64, s whisper.Slot) bool { got[int64(s.Time)] = s.Value; return true }); err != nil {
		t.Fatal(err)
	}
	minute := b.now - b.now%60
	if got[minute-120] != 2.5 || got[minute-60] != 5 {
		t.Errorf("roll-ups %v and %v, want the average 2.5 and the last 5", got[minute-120], got[minute-60])
	}
}

// TestRemovedFile holds that a file that was removed, with its name, is found again when it is made
// anew.
func TestRemovedFile(t *testing.T) {
	b := newBench(t, nil)
	addPoint(b.cache, "a.b", uint32(b.now), 1)
	b.rounds(1)
	if err := b.fsys.Remove("/data/a/b.wsp"); err != nil {
		t.Fatal(err)
	}
	b.known.names.Delete("a.b")
	addPoint(b.cache, "a.b", uint32(b.now), 1)
	b.rounds(1)
	if found := slices.Collect(b.known.names.Names()); !slices.Equal(found, []string{"a.b"}) {
		t.Errorf("the index has %v", found)
	}
}

// TestWriterLosesNothingWhenOperationsFail lets each file operation fail, once and for a while: in
// the end every point is in its file.
func TestWriterLosesNothingWhenOperationsFail(t *testing.T) {
	const series = 3
	want := map[int64]float64{}
	for _, forever := range []bool{false, true} {
		for n := int64(1); ; n++ {
			b := newBench(t, nil)
			clear(want)
			ops, failed := int64(0), 0
			b.fail = func(op vfs.Op) error {
				if ops++; ops == n || forever && ops > n {
					failed++
					return syscall.EIO
				}
				return nil
			}
			for round := range int64(4) {
				at := int64(benchTime - 400 + round*100)
				want[at] = float64(round)
				for i := range series {
					addPoint(b.cache, fmt.Sprintf("s%d", i), uint32(at), float64(round))
				}
				b.rounds(1)
				for i := range series {
					if got := b.points2(i); failed == 0 && !maps.Equal(got, want) {
						t.Fatalf("op %d: s%d has %v, want %v", n, i, got, want)
					}
				}
			}
			b.fail = nil
			b.rounds(5)
			for i := range series {
				if got := b.points(fmt.Sprintf("s%d", i)); !maps.Equal(got, want) {
					t.Errorf("operation %d failed (for ever: %v): s%d has %v, want %v", n, forever, i, got, want)
				}
			}
			if b.cache.Size() != 0 {
				t.Errorf("operation %d failed (for ever: %v): %d points are left in the cache", n, forever, b.cache.Size())
			}
			if failed == 0 {
				if n < 20 {
					t.Fatalf("only %d operations were tried", n)
				}
				break
			}
			if b.stats.Errors.Load() == 0 && b.stats.Committed.Load() != series*4 {
				t.Errorf("operation %d failed unseen", n)
			}
		}
	}
}

// points2 reads series i while operations may be failing; the reads are not counted as operations.
func (b *bench) points2(i int) map[int64]float64 {
	saved := b.fail
	b.fail = nil
	defer func() { b.fail = saved }()
	return b.points(fmt.Sprintf("s%d", i))
}

func TestWriterFailedSeriesWaitsAloneAndRarely(t *testing.T) {
	b := newBench(t, nil)
	tries := 0
	b.fail = func(op vfs.Op) error {
		if strings.Contains(op.Name, "bad") && op.Kind == "Open" {
			tries++
			return syscall.EACCES
		}
		return nil
	}
	addPoint(b.cache, "bad", benchTime-10, 1)
	for second := range int64(100) {
		b.now = benchTime + second
		addPoint(b.cache, "good", uint32(b.now), 1)
		b.round(context.Background(), b.next())
	}
	if b.stats.Committed.Load() != 100 {
		t.Errorf("%d points of the good series committed, want 100", b.stats.Committed.Load())
	}
	// Tries at second 0, 1, 3, 7, 15, 31, 63: doubled waits.
	if tries == 0 || tries > 8 {
		t.Errorf("%d tries within 100 s", tries)
	}
	if b.cache.Size() != 1 {
		t.Errorf("%d points in the cache, want the one that could not be written", b.cache.Size())
	}
}

func TestWriterGivesUpNamesNoFileCanHave(t *testing.T) {
	b := newBench(t, nil)
	b.fail = func(op vfs.Op) error {
		if op.Kind == "Open" {
			return syscall.ENAMETOOLONG
		}
		return nil
	}
	addPoint(b.cache, "a", benchTime, 1)
	b.rounds(1)
	if b.cache.Size() != 0 || b.stats.Dropped(wire.Unwritable) != 1 || b.stats.Committed.Load() != 0 {
		t.Errorf("size %d, dropped %d, committed %d", b.cache.Size(), b.stats.Dropped(wire.Unwritable), b.stats.Committed.Load())
	}
}

func TestWriterCreateLimitPostpones(t *testing.T) {
	b := newBench(t, func(o *conf.Options) { o.MaxCreates = 2 })
	for i := range 5 {
		addPoint(b.cache, fmt.Sprintf("s%d", i), benchTime-10, 1)
	}
	b.rounds(1)
	if b.stats.Creates.Load() != 2 || b.cache.Size() != 3 {
		t.Errorf("%d files created, %d points wait; want 2 and 3", b.stats.Creates.Load(), b.cache.Size())
	}
	b.drain()
	if b.stats.Creates.Load() != 5 || b.cache.Size() != 0 {
		t.Errorf("at the end: %d files created, %d points left; want 5 and 0", b.stats.Creates.Load(), b.cache.Size())
	}
}

func TestWriterCountsPointsTooOldForTheFile(t *testing.T) {
	b := newBench(t, nil)
	addPoint(b.cache, "a", benchTime-90_000, 1) // testSpec keeps a day
	addPoint(b.cache, "a", benchTime-10, 2)
	b.rounds(1)
	addPoint(b.cache, "a", benchTime-90_000, 3)
	b.rounds(1)
	if b.stats.Committed.Load() != 1 || b.stats.Dropped(wire.TooOld) != 2 {
		t.Errorf("committed %d, too old %d; want 1 and 2", b.stats.Committed.Load(), b.stats.Dropped(wire.TooOld))
	}
}

func TestWriterTimeLag(t *testing.T) {
	b := newBench(t, func(o *conf.Options) { o.WriteStrategy, o.TimeLag = "timesorted", 60 })
	addPoint(b.cache, "new", benchTime-60, 1)
	addPoint(b.cache, "old", benchTime-61, 1)
	b.rounds(1)
	if b.stats.Committed.Load() != 1 || len(b.cache.Pending("new")) != 1 {
		t.Errorf("%d points committed, want the one that is older than the lag", b.stats.Committed.Load())
	}
}

func TestWriterMigratesFiles(t *testing.T) {
	for _, migrate := range []bool{false, true} {
		b := newBench(t, func(o *conf.Options) { o.MigrateFiles = migrate })
		for i := range uint32(30) {
			addPoint(b.cache, "s", benchTime-300+i*10, float64(i))
		}
		b.rounds(1)
		before := b.points("s")
		want := whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 720}, {Step: 300, Points: 1000}}, Method: whisper.Max, XFilesFactor: 0.25}
		b.writer.spec = func(string) whisper.Spec { return want }
		addPoint(b.cache, "s", benchTime, 99)
		before[benchTime] = 99
		b.rounds(1)
		spec, _ := b.store.Spec("s")
		if migrated := spec.Archives[0].Points == 720 && spec.Method == whisper.Max && spec.XFilesFactor == 0.25; migrated != migrate {
			t.Errorf("MIGRATE_FILES = %v: the file is %+v", migrate, spec)
		}
		if got := b.points("s"); !maps.Equal(got, before) {
			t.Errorf("MIGRATE_FILES = %v: the file has %v, want %v", migrate, got, before)
		}
	}
}
