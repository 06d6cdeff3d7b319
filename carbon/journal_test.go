package carbon

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper/vfs"
)

// killed is a daemon that never gets to write: it takes points in, and ends as if by force.
type killed struct {
	*Daemon
	t *testing.T
}

func newKilled(t *testing.T, dir string, now int64, change func(*conf.Options)) *killed {
	t.Helper()
	return newKilledWith(t, dir, Deps{FS: vfs.OS{}, Spec: testSpec, Clock: func() time.Time { return time.Unix(now, 0) }, Log: zerolog.Nop()}, change)
}

func newKilledWith(t *testing.T, dir string, deps Deps, change func(*conf.Options)) *killed {
	t.Helper()
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.MetricInterval = dir, 0, 0, 0, 0
	if change != nil {
		change(&o)
	}
	d, err := New(o, deps)
	if err == nil {
		err = d.load(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &killed{d, t}
}

// take brings lines into the cache as a connection would.
func (k *killed) take(lines string) {
	b := wire.NewBatch()
	wire.DecodeDatagram(b, []byte(lines))
	k.newIntake(nil).add(b)
}

func (k *killed) points(name string, now int64) map[int64]float64 {
	k.t.Helper()
	f := fixture{Daemon: k.Daemon, t: k.t}
	return f.values(name, now-3000, now, now)
}

func countSegments(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, journalFolder, "*.wal"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir, now := t.TempDir(), int64(benchTime)
	want := map[string]map[int64]float64{}
	for run := range int64(5) {
		k := newKilled(t, dir, now, nil)
		for name, points := range want {
			if got := k.points(name, now); !maps.Equal(got, points) {
				t.Errorf("start %d: %s has %v, want %v", run, name, got, points)
			}
		}
		var b strings.Builder
		for i := range 3 {
			name := fmt.Sprintf("s%d;tag=x", i)
			if want[name] == nil {
				want[name] = map[int64]float64{}
			}
			for n := range int64(20) {
				at := now - 2000 + run*200 + n*10
				want[name][at] = float64(n)
				fmt.Fprintf(&b, "%s 99 %d\n%s %d %d\n", name, at, name, n, at) // the last of equal timestamps counts
			}
		}
		k.take(b.String())
		if run == 2 {
			// One of the processes gets to write what there is; the log goes on with it.
			k.writer.round(t.Context(), k.cache.Round("sorted", always))
			if k.cache.Size() != 0 {
				t.Errorf("%d points were not written", k.cache.Size())
			}
			if _, err := k.journal.log.Prune(k.journal.syncData); err != nil {
				t.Error(err)
			}
		}
		k.Close()
		now += 10
	}
	k := newKilled(t, dir, now, nil)
	k.writer.drain()
	if err := k.endJournal(); err != nil {
		t.Error(err)
	}
	if n := countSegments(t, dir); n != 0 {
		t.Errorf("%d segments are left although all is written", n)
	}
	for name, points := range want {
		if got := k.points(name, now); !maps.Equal(got, points) {
			t.Errorf("in the end %s has %v, want %v", name, got, points)
		}
	}
	k.Close()
}

// TestMuchToSyncAtTheEnd: with more than a few seconds of syncing left the log stays, unless all is
// to be drained.
func TestMuchToSyncAtTheEnd(t *testing.T) {
	for _, drain := range []bool{false, true} {
		dir := t.TempDir()
		k := newKilled(t, dir, benchTime, func(o *conf.Options) { o.DrainOnStop = drain })
		k.take(fmt.Sprintf("s 1 %d\n", benchTime-10))
		k.writer.drain()
		k.stats.Dirty.Store(quickSync)
		if err := k.endJournal(); err != nil {
			t.Error(err)
		}
		if n := countSegments(t, dir); (n == 0) != drain {
			t.Errorf("drain: %t: %d segments are left", drain, n)
		}
		if drain && k.stats.Dirty.Load() != 0 {
			t.Error("what is durable counts as not durable")
		}
		k.Close()
		k = newKilled(t, dir, benchTime, nil)
		if got := k.points("s", benchTime); len(got) != 1 {
			t.Errorf("drain: %t: after the next start %v", drain, got)
		}
		k.Close()
	}
}

// TestLongOutage: what was to go into the fine archive before an outage longer than that archive
// must not overwrite roll-ups after it.
func TestLongOutage(t *testing.T) {
	feed := func(k *killed, from int64) {
		var b strings.Builder
		for n := range int64(30) {
			fmt.Fprintf(&b, "s %d %d\n", n, from+n*10)
		}
		k.take(b.String())
	}
	later := int64(benchTime + 5000) // the fine archive of testSpec reaches back 3600 s
	results := make([]string, 2)
	for i, crash := range []bool{false, true} {
		dir := t.TempDir()
		k := newKilled(t, dir, benchTime, nil)
		feed(k, benchTime-600)
		k.writer.round(t.Context(), k.cache.Round("sorted", always))
		feed(k, benchTime-400)
		if !crash {
			k.writer.round(t.Context(), k.cache.Round("sorted", always))
		}
		k.Close()
		k = newKilled(t, dir, later, nil)
		s, err := k.Store().Fetch(t.Context(), "s", benchTime-700, benchTime, later)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = fmt.Sprint(s.From, s.Step, s.Values)
		k.Close()
	}
	if results[0] != results[1] {
		t.Errorf("without a crash %s\nwith one        %s", results[0], results[1])
	}
}

// TestLongOutageKnowsNoLimits: what is written late, because of a limit, would be written by the
// wrong clock, and the start would wait for it.
func TestLongOutageKnowsNoLimits(t *testing.T) {
	dir, limited := t.TempDir(), func(o *conf.Options) { o.MaxUpdates, o.MaxCreates = 0, 0 }
	k := newKilled(t, dir, benchTime, limited)
	k.take(fmt.Sprintf("a 1 %d\nb 2 %d\n", benchTime-10, benchTime-10))
	k.Close()
	k = newKilled(t, dir, benchTime+5000, limited)
	if k.cache.Size() != 0 || k.stats.Creates.Load() != 2 {
		t.Errorf("%d points are left, %d files were created; want 0 and 2", k.cache.Size(), k.stats.Creates.Load())
	}
	if k.writer.creates.TryTake() {
		t.Error("the limit on creates does not hold any more")
	}
	k.Close()
}

func TestLogThatCannotBeWrittenLosesNoPoint(t *testing.T) {
	failing := false
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if failing && strings.HasSuffix(op.Name, ".wal") {
			return syscall.ENOSPC
		}
		return nil
	}}
	o := conf.DefaultOptions()
	o.LocalDataDir = "/data"
	j, err := openJournal(o, journalDeps{FS: fsys, Files: fsys, Dirty: new(atomic.Int64), Logs: tally.NewLogs(zerolog.Nop())})
	if err != nil {
		t.Fatal(err)
	}
	b := newBenchOn(t, vfs.NewMem(), j.log, nil)
	in := &intake{cache: b.cache, known: b.known, stats: b.stats, logs: b.logs, clock: b.clock, rules: &namesInForce{}, log: j}
	want := map[int64]float64{}
	for i := range int64(6) {
		failing = i == 2 || i == 3
		batch := wire.NewBatch()
		batch.Add([]byte("s"), benchTime-100+i*10, float64(i))
		want[benchTime-100+i*10] = float64(i)
		in.add(batch)
	}
	if got := b.points("s"); !maps.Equal(got, want) {
		t.Errorf("the cache has %v, want %v", got, want)
	}
	if n := j.missed.Load(); n != 2 {
		t.Errorf("%d points counted as not logged, want 2", n)
	}
	b.rounds(1)
	if got := b.points("s"); !maps.Equal(got, want) {
		t.Errorf("the file has %v, want %v", got, want)
	}
	if err := j.close(true); err != nil {
		t.Error(err)
	}
}

func TestLogSyncPolicyIsChecked(t *testing.T) {
	o := conf.DefaultOptions()
	o.LocalDataDir, o.WALSync = t.TempDir(), "sometimes"
	if _, err := New(o, Deps{FS: vfs.OS{}}); err == nil || !strings.Contains(err.Error(), "WAL_SYNC") || !strings.Contains(err.Error(), "sometimes") {
		t.Errorf("WAL_SYNC = sometimes: %v", err)
	}
	o.WAL, o.WALSync = false, "always"
	if _, err := New(o, Deps{FS: vfs.OS{}}); err == nil || !strings.Contains(err.Error(), "WAL_SYNC: always needs the log") {
		t.Errorf("WAL_SYNC = always without a log: %v", err)
	}
	if j, err := openJournal(o, journalDeps{FS: vfs.OS{}, Logs: tally.NewLogs(zerolog.Nop())}); j != nil || err != nil {
		t.Errorf("WAL = False: %v, %v", j, err)
	}
	if _, err := os.Stat(filepath.Join(o.LocalDataDir, journalFolder)); err == nil {
		t.Error("a folder for the log was made although it is off")
	}
}

// TestPointsAfterAnOutageOfTheLog: points that are logged keep their segment, also behind ones of
// the same series that could not be.
func TestPointsAfterAnOutageOfTheLog(t *testing.T) {
	dir := t.TempDir()
	k := newKilled(t, dir, benchTime, nil)
	log := k.journal.log
	s, _ := k.cache.Create([]byte("s"))
	k.cache.Append(s, benchTime-30, 1, 0, 0)
	k.cache.Grow(1)
	k.take(fmt.Sprintf("s 2 %d\n", benchTime-20))
	if n, err := log.Prune(k.journal.syncData); n != 0 || err != nil {
		t.Errorf("%d segments removed, %v", n, err)
	}
	k.Close()
	k = newKilled(t, dir, benchTime, nil)
	if got, want := k.points("s", benchTime), map[int64]float64{benchTime - 20: 2}; !maps.Equal(got, want) {
		t.Errorf("after the next start %v, want %v", got, want)
	}
	k.Close()
}
