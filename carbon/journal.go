package carbon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync/atomic"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wal"
	"graphited/whisper/vfs"
)

const (
	journalFolder = ".graphited.wal" // below the whisper files, unless WAL_DIR says otherwise
	pruneInterval = time.Minute      // between two looks for segments that nobody needs any more
	pruneStep     = 64 << 20         // bytes of log after which it is time for a look, too
	probeSpace    = 1 << 20          // bytes that are free when a log that had no room is tried
	staleLog      = 600              // seconds after which points of the log are written with the clock of their time, see catchUp
)

// journal is the write-ahead log as the daemon uses it: what the intake takes in is in the log
// before it counts as received, and a segment of the log goes when all of its points are in their
// files and those are durable.
type journal struct {
	log     *wal.Log
	fsys    vfs.FS
	dir     string
	dataDir string
	limit   int64 // WAL_MAX_SIZE
	logs    *tally.Logs
	dirty   *atomic.Int64 // bytes of files that are not durable, roughly: Stats.dirty
	keep    func() error  // writes down the names, which the log is shortened after
	away    func() error  // why the folder of the files, or of the log, is not where it was; nil: it is

	replayed  atomic.Int64          // points of an earlier process
	rewritten atomic.Int64          // points written again after a sync of the files had failed
	missed    atomic.Int64          // points taken in although they could not be logged
	failedAt  atomic.Int64          // when that was last so, in Unix nanoseconds
	failing   atomic.Pointer[error] // why the last batch could not be logged; nil: it could
	doubt     doubt                 // whether the files have what was written to them
	unpruned  atomic.Bool           // the last try to shorten the log failed
	short     chan struct{}         // gets a message when the log has no room
}

// journalDeps is what a journal needs from outside.
type journalDeps struct {
	FS    vfs.FS        // of the log
	Files vfs.FS        // of the whisper files
	Dirty *atomic.Int64 // bytes of files that are not durable, roughly
	Logs  *tally.Logs
	Keep  func() error // writes down the names of the series; nil: there are none
	Away  func() error // why the folder of the files, or of the log, is not where it was; nil: nobody watches them
}

// openJournal opens the log; nil when it is turned off.
func openJournal(o conf.Options, deps journalDeps) (*journal, error) {
	if !o.WAL {
		return nil, nil
	}
	dir := o.WALDir
	if dir == "" {
		dir = filepath.Join(o.LocalDataDir, journalFolder)
	}
	nothing := func() error { return nil }
	if deps.Keep == nil {
		deps.Keep = nothing
	}
	if deps.Away == nil {
		deps.Away = nothing
	}
	logs := deps.Logs
	log, err := wal.Open(deps.FS, wal.Options{
		Dir: dir, Sync: conf.WALPolicies[o.WALSync], SyncInterval: o.WALSyncInterval, SegmentAge: pruneInterval, Strict: o.WALStrict,
		Tell: func(message string, err error) { logs.Log.Warn().AnErr("error", err).Str("log", dir).Msg(message) },
	})
	if err != nil {
		return nil, err
	}
	return &journal{
		log: log, fsys: deps.Files, dir: dir, dataDir: o.LocalDataDir, dirty: deps.Dirty, limit: o.WALMaxSize, logs: logs, keep: deps.Keep, away: deps.Away,
		short: make(chan struct{}, 1),
	}, nil
}

// replay brings the points of an earlier process back into the cache, whatever its limit. find
// gives the series of a logged name, nil for one that is no name any more; removed is told of each
// series that was removed then, which may have points again that came later. When ctx ends it stops
// and returns that error; the log is as it was.
func (j *journal) replay(ctx context.Context, c *cache.Cache, find func(name []byte) *cache.Series, removed func(*cache.Series)) (points int, err error) {
	start := time.Now()
	now := cache.Ticks(start)
	st, err := j.log.Replay(ctx, func(p *wal.Point) {
		if *p.Memo == nil {
			*p.Memo = find(p.Name)
		}
		switch s := (*p.Memo).(*cache.Series); {
		case s == nil:
		case p.Value != p.Value:
			points -= c.Discard(s)
			removed(s)
		default:
			s.Renew = true // that process may have seen a sync of the files fail
			c.Append(s, p.Time, p.Value, now, p.Segment)
			points++
		}
	})
	j.replayed.Store(int64(points))
	c.Grow(points)
	if st.Points > 0 || err != nil {
		j.logs.All.Info().Int("points", points).Int64("bytes", st.Bytes).Int("segments", st.Segments).Int64("lost_bytes", st.Lost).Dur("took_ms", time.Since(start)).Msg("log of an earlier process read")
	}
	return points, err
}

// append logs points and returns the segment they are in. When that fails they are taken in all the
// same, since a disk that is full of log is no reason to drop points; but until they are in their
// files the end of the process loses them, so it is counted and told.
func (j *journal) append(now int64, entries []wal.Entry) (seg uint64, err error) {
	seg, err = j.log.Append(now, entries)
	if err != nil && seg == 0 {
		j.missed.Add(int64(len(entries)))
	}
	if err != nil || j.failing.Load() != nil {
		j.note(err)
	}
	return seg, err
}

// note notes whether the log takes points, and tells when that changes. What works within a second
// of a failure may have found the last bytes of a full disk, and does not count.
func (j *journal) note(err error) {
	if err == nil {
		if time.Now().UnixNano()-j.failedAt.Load() > int64(time.Second) && j.failing.Swap(nil) != nil {
			j.logs.All.Info().Int64("points_not_logged", j.missed.Load()).Msg("the log takes points again")
		}
		return
	}
	j.failedAt.Store(time.Now().UnixNano())
	if j.failing.Swap(&err) == nil {
		j.logs.All.Error().Err(err).Msg("cannot log points; until that works they are kept in memory alone")
	}
	select {
	case j.short <- struct{}{}: // there may be segments that nobody needs
	default:
	}
}

// probe finds out that a log that took no points takes some again when none come.
func (j *journal) probe() {
	if j.failing.Load() == nil {
		return
	}
	if s, err := j.fsys.Space(j.dir); err == nil && s.Free < probeSpace {
		return
	}
	j.note(j.log.Probe(time.Now().Unix()))
}

// remove logs that a series is removed: what the log has of it up to here is not to come back.
// Since nothing that was received is not a number, the mark is a point that is none.
func (j *journal) remove(now int64, s *cache.Series) {
	if j == nil {
		return
	}
	seg, _ := j.append(now, []wal.Entry{{Ref: &s.Ref, Name: s.Name, Time: uint32(now), Value: math.NaN()}}) // told and counted
	j.log.Release(seg)
}

// run syncs and prunes until ctx ends.
func (j *journal) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		j.log.Run(ctx)
	}()
	tick := time.NewTicker(pruneInterval / 20)
	defer tick.Stop()
	for last, size := time.Now(), int64(0); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
			continue
		case <-tick.C:
			j.probe()
			if j.away() != nil || time.Since(last) < pruneInterval && j.log.Stats().Size < size+pruneStep {
				continue
			}
		case <-j.short:
			if j.away() != nil || time.Since(last) < time.Second {
				continue
			}
		}
		_, err := j.log.Prune(j.syncData)
		if err != nil {
			j.logs.Log.Error().Err(err).Msg("cannot shorten the log")
		}
		j.unpruned.Store(err != nil)
		last, size = time.Now(), j.log.Stats().Size
	}
	<-done
}

// syncData makes the whisper files durable, and what is kept of their names.
func (j *journal) syncData() error {
	if err := j.keep(); err != nil {
		return err
	}
	before := j.dirty.Load()
	err := j.fsys.SyncFS(j.dataDir)
	switch {
	case err == nil || errors.Is(err, errors.ErrUnsupported): // then the system's own writing back, within half a minute, has to do
		j.dirty.Add(-before)
		if j.doubt.synced() {
			j.logs.All.Info().Msg("the files are durable again")
		}
		return nil
	case lostWrites(err):
		j.log.Keep(true)
		if j.doubt.raise() {
			j.logs.All.Error().Err(err).Msg("what was written to files may be lost: the log is kept, and is written to them once more")
		}
	}
	return err
}

// overfull says whether the log is over its limit, so that the series that hold its oldest segment
// are to be written first.
func (j *journal) overfull() bool {
	if j == nil || j.limit <= 0 {
		return false
	}
	_, pinned, size := j.log.Oldest()
	return pinned && size > j.limit
}

// close ends the log. What is written, says whether all points are in their files: then nothing of
// the log stays behind.
func (j *journal) close(written bool) error {
	if written {
		if err := j.syncData(); err != nil {
			written = false
			j.logs.All.Error().Err(err).Msg("cannot make the files durable; the log stays for the next start")
		}
	}
	return j.log.Close(written)
}

// condition says whether the log is well, and what is wrong or worth to know.
func (j *journal) condition() (ok bool, detail string) {
	st := j.log.Stats()
	size := fmt.Sprintf("%d segments with %d bytes", st.Segments, st.Size)
	switch failing := j.failing.Load(); {
	case failing != nil:
		return false, fmt.Sprintf("%v; %d points are or were in memory alone", *failing, j.missed.Load())
	case st.Failing:
		return false, "what was received is not safe from a power cut: syncs fail"
	case j.doubt.open():
		return false, "a sync of the files has failed, so the log is kept until it has been written to them again and that is durable; " + size
	case j.unpruned.Load():
		return false, "it cannot be shortened; " + size
	}
	return true, size
}

// rewriteFailed notes that the log could not be written to the files again.
func (j *journal) rewriteFailed() { j.doubt.raise() }

// rewriteDone notes that the log has been written to the files again. A sync tells whether it
// helped.
func (j *journal) rewriteDone() {
	j.doubt.rewritten()
	j.log.Keep(false)
	select {
	case j.short <- struct{}{}:
	default:
	}
}

// doubted says whether the log is to be written again now.
func (j *journal) doubted() bool { return j != nil && j.doubt.due() }
