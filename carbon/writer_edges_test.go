package carbon

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper/vfs"
)

func TestBackoff(t *testing.T) {
	for fails, want := range map[uint8]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 8: time.Minute, 255: time.Minute} {
		if got := backoff(fails); got != want {
			t.Errorf("after %d failures: %v, want %v", fails, got, want)
		}
	}
}

// TestDue: a series that failed is left alone until its time has come. A time further ahead than the
// longest wait is one of a clock that was put back.
func TestDue(t *testing.T) {
	b := newBench(t, func(o *conf.Options) { o.WriteStrategy, o.TimeLag = "timesorted", 10 })
	s := addPoint(b.cache, "a", benchTime, 1)
	for lag, want := range map[int64]bool{10: false, 11: true} {
		if got := b.due(s, benchTime+lag); got != want {
			t.Errorf("%d s after its oldest point it is due: %v", lag, got)
		}
	}
	const now = benchTime + 1000
	for wait, want := range map[int64]bool{0: true, 1: false, maxBackoff: false, maxBackoff + 1: true} {
		s.RetryAt = uint32(now + wait)
		if got := b.due(s, now); got != want {
			t.Errorf("%d s before its next try it is due: %v", wait, got)
		}
	}
}

// TestOldestPoint: what lies just within the longest retention is written, and what is a second
// older is lost and counted.
func TestOldestPoint(t *testing.T) {
	b := newBench(t, nil)
	longest := testSpec("").MaxRetention()
	addPoint(b.cache, "a", uint32(benchTime-longest), 1)
	addPoint(b.cache, "a", uint32(benchTime-longest-1), 1)
	b.rounds(1)
	if written, old := b.stats.Committed.Load(), b.stats.Dropped(wire.TooOld); written != 1 || old != 1 {
		t.Errorf("%d points are written, %d are too old; want 1 and 1", written, old)
	}
}

// TestProbeOfAFullDisk: a log that had no room is tried again when there is enough.
func TestProbeOfAFullDisk(t *testing.T) {
	for free, want := range map[uint64]bool{probeSpace: true, probeSpace - 1: false} {
		o := conf.DefaultOptions()
		o.LocalDataDir = "/data"
		disk := &smallDisk{vfs.NewMem(), vfs.Space{Free: free, Total: 1 << 40}}
		j, err := openJournal(o, journalDeps{FS: disk, Files: disk, Dirty: new(atomic.Int64), Logs: tally.NewLogs(zerolog.Nop())})
		if err != nil {
			t.Fatal(err)
		}
		full := errors.New("no room")
		j.failing.Store(&full)
		j.probe()
		if got := j.failing.Load() == nil; got != want {
			t.Errorf("with %d bytes free it takes points again: %v", free, got)
		}
		if err := j.close(false); err != nil {
			t.Error(err)
		}
	}
}

// TestNamesBeforeTheLog: as long as the names cannot be written down, nothing of the log goes.
func TestNamesBeforeTheLog(t *testing.T) {
	k := newKilled(t, t.TempDir(), benchTime, nil)
	defer k.Close()
	k.take(fmt.Sprintf("a 1 %d\n", benchTime))
	k.writer.round(t.Context(), k.cache.Round("sorted", always))
	var failure error = errors.New("no names")
	k.journal.keep = func() error { return failure }
	if n, err := k.journal.log.Prune(k.journal.syncData); n != 0 || !errors.Is(err, failure) {
		t.Errorf("%d segments removed, %v", n, err)
	}
	failure = nil
	if n, err := k.journal.log.Prune(k.journal.syncData); n != 1 || err != nil {
		t.Errorf("%d segments removed, %v", n, err)
	}
}
