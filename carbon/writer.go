package carbon

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"math"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/carbon/pace"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

const (
	roundInterval = time.Second     // rounds of writing start this far apart
	crowd         = 1 << 23         // points in the cache, some 120 MB, from which on no series waits for more points
	pageSize      = 4096            // bytes that an update makes dirty, at least
	unitSeries    = 32              // series a worker takes at once
	drainTime     = 4 * time.Second // for writing at the end, if there is a log for what is left: HTTP may take five more
	maxMigrations = 200             // files a second, so that a changed schema does not stop everything else
	burstPoints   = 1 << 20         // points written that make it worth to hand memory back to the system, once there is nothing to do
)

// writer moves points from the cache to their files: rounds over all series that have some, cut
// into units for N workers.
type writer struct {
	o         conf.Options
	fsys      vfs.FS
	cache     *cache.Cache
	stats     *tally.Stats
	logs      *tally.Logs
	spec      func(metric string) whisper.Spec
	clock     func() time.Time
	log       *journal // nil: none
	known     catalog
	keepNames func() error // writes down the names of tagged series
	created   *tally.Newest

	troubles   troubles
	unwritable *unwritable

	updates, creates, migrations *pace.Bucket

	disk, creating *breaker
	space          *spaceGuard
	place          *vfs.Place // the folder of the files; nil: it is not watched
	busy           busyFiles
	rewriting      sync.RWMutex // held while the log is written again; by others while they remove a series
	turn           turn         // of the round that is being put together
	hurry          bool         // no round comes any more, and no log keeps the points
}

// writerDeps is what a writer needs from outside.
type writerDeps struct {
	FS        vfs.FS
	Place     *vfs.Place // the folder of the files; nil: it is not watched
	Cache     *cache.Cache
	Journal   *journal // nil: there is no log
	Known     catalog
	KeepNames func() error                     // writes down the names of tagged series
	Spec      func(metric string) whisper.Spec // how the file of a new metric is laid out
	Clock     func() time.Time
	Created   *tally.Newest
	Stats     *tally.Stats
	Logs      *tally.Logs
}

func newWriter(o conf.Options, deps writerDeps) *writer {
	w := &writer{
		o: o, fsys: deps.FS, cache: deps.Cache, stats: deps.Stats, logs: deps.Logs, spec: deps.Spec, clock: deps.Clock, log: deps.Journal,
		known: deps.Known, keepNames: deps.KeepNames, created: deps.Created, place: deps.Place,
		unwritable: newUnwritable(deps.Clock),
		updates:    pace.NewBucket(o.MaxUpdates, time.Second),
		creates:    pace.NewBucket(o.MaxCreates, time.Minute),
		migrations: pace.NewBucket(maxMigrations, time.Second),
		disk:       &breaker{now: time.Now},
		creating:   &breaker{now: time.Now},
		space:      &spaceGuard{fsys: deps.FS, dir: o.LocalDataDir, min: o.MinFreeSpace, log: deps.Logs.All},
		turn:       turn{updates: math.MaxInt, creates: math.MaxInt},
	}
	w.busy.seed = maphash.MakeSeed()
	return w
}

// run writes until ctx ends, then writes all that is left, once and without limits but
// MAX_UPDATES_PER_SECOND_ON_SHUTDOWN. Series that cannot be written even then are lost; they are
// counted and told.
func (w *writer) run(ctx context.Context) {
	tick := time.NewTicker(roundInterval)
	defer tick.Stop()
	written := int64(0) // points since memory was given back
	for ctx.Err() == nil {
		if w.log.doubted() && w.place.Here() == nil {
			w.rewrite(ctx)
		}
		before, all := w.stats.Committed.Load(), w.next()
		w.round(ctx, all)
		n := w.stats.Committed.Load() - before
		written += n
		if n > 0 && w.cache.Crowded() {
			continue // receivers are waiting
		}
		if len(all) == 0 && written >= burstPoints {
			written = 0
			runtime.GC() // moves the pooled blocks to where the next collection finds them
			debug.FreeOSMemory()
		}
		select {
		case <-tick.C:
		case <-w.cache.Woken():
		case <-ctx.Done():
		}
	}
	w.drain()
}

// next takes the series of the next round: those that have waited WRITE_DELAY for more points and
// are due. Nothing waits for more points when the cache is half full or very large, or the log too
// long.
func (w *writer) next() []*cache.Series {
	clock, settle, strategy := w.clock(), w.o.WriteDelay, w.o.WriteStrategy
	if w.log.overfull() {
		strategy = cache.ByLog
	}
	if size := w.cache.Size(); strategy == cache.ByLog || size >= min(w.cache.Share(2), crowd) {
		settle = 0
	}
	now := clock.Unix()
	w.turn = w.newTurn()
	all := w.cache.Settled(strategy, cache.Ticks(clock), settle, func(s *cache.Series) bool { return w.due(s, now) && w.turn.takes(s) })
	w.stats.AwaitFile.Store(int64(w.turn.waiting))
	w.unwritable.hold(w.turn.held())
	return all
}

// due reports whether a series may be written now. Only the writer's own goroutine calls it,
// between rounds.
func (w *writer) due(s *cache.Series, now int64) bool {
	if wait := int64(s.RetryAt) - now; wait > 0 && wait <= maxBackoff {
		return false
	}
	if w.o.WriteStrategy != "timesorted" || w.o.TimeLag <= 0 {
		return true
	}
	return now-s.Oldest() > w.o.TimeLag
}

// drain is the last round. With a log, unless DRAIN_ON_STOP says otherwise, it has a few seconds,
// and what is left is written after the next start; without one what is left is lost.
func (w *writer) drain() {
	rate := w.o.MaxUpdatesAtStop
	if rate <= 0 {
		rate = math.Inf(1)
	}
	ctx, cancel := context.Background(), func() {}
	if w.log != nil && !w.o.DrainOnStop {
		ctx, cancel = context.WithTimeout(ctx, drainTime)
	}
	defer cancel()
	w.hurry = w.log == nil
	w.writeAll(ctx, pass{clock: w.clock, updates: pace.NewBucket(rate, time.Second)})
	n := w.cache.Size()
	switch {
	case n == 0:
	case w.log != nil:
		w.logs.All.Info().Int64("points", n).Msg("points are left in the log for the next start")
	default:
		w.stats.Drop(wire.Unwritable, int(n))
		w.logs.All.Error().Int64("points", n).Msg("points could not be written before the end and are lost")
	}
}

// catchUp writes all that has come from the log of an earlier process, at the time when that ended:
// a point that was to go into a fine archive then must not go raw into a coarser one because the
// fine one has expired meanwhile. What is not written when ctx ends is written after the next
// start.
func (w *writer) catchUp(ctx context.Context, ended int64) {
	w.writeAll(ctx, pass{clock: func() time.Time { return time.Unix(ended, 0) }})
}

// writeAll writes all series with points, also those that were to wait.
func (w *writer) writeAll(ctx context.Context, p pass) {
	w.pass(ctx, p, w.cache.Round(w.o.WriteStrategy, func(*cache.Series) bool { return true }))
}

// pass is how series are written at one time: by which clock, and within which limits. A nil bucket
// is no limit.
type pass struct {
	clock            func() time.Time
	updates, creates *pace.Bucket
}

// usual is how series are written while the daemon is at work.
func (w *writer) usual() pass { return pass{w.clock, w.updates, w.creates} }

// round writes the given series in the usual way.
func (w *writer) round(ctx context.Context, all []*cache.Series) { w.pass(ctx, w.usual(), all) }

// pass writes the given series with all workers and returns when they are done, or ctx has ended.
func (w *writer) pass(ctx context.Context, p pass, all []*cache.Series) {
	if len(all) == 0 {
		return
	}
	units := make(chan []*cache.Series)
	var wg sync.WaitGroup
	for range min(workers(w.o), (len(all)+unitSeries-1)/unitSeries) {
		wg.Go(func() {
			wk := worker{w: w, pass: p}
			for u := range units {
				wk.unit(ctx, u)
			}
		})
	}
	for len(all) > 0 {
		n := min(unitSeries, len(all))
		units <- all[:n]
		all = all[n:]
	}
	close(units)
	wg.Wait()
}

// worker is one of the writer's goroutines with its buffers.
type worker struct {
	w *writer
	pass
	points []whisper.Point
}

func (k *worker) unit(ctx context.Context, u []*cache.Series) {
	for _, s := range u {
		if ctx.Err() != nil || k.w.disk.stopped() || !k.updates.Take(ctx) {
			k.w.cache.Enqueue(s)
			continue
		}
		k.update(s)
	}
}

// errNoCreate postpones a create over MAX_CREATES_PER_MINUTE, or that the disk has no room for. The
// points wait in the cache.
var errNoCreate = errors.New("no file can be created now")

// update writes one series' points and confirms them; when that fails they go back to the cache.
func (k *worker) update(s *cache.Series) {
	w := k.w
	points, since := w.cache.Take(s, k.points[:0])
	if k.points = points; len(points) == 0 {
		return
	}
	w.unwritable.begin(s)
	start, clock := time.Now(), k.clock()
	now, before := clock.Unix(), s.LastWrite()
	old, creating, err := k.write(s, now)
	if err == nil && s.Renew {
		err = w.renew(s)
		s.Renew = err != nil
	}
	took := time.Since(start)
	w.stats.WriteTime.Add(int64(took))
	if err != nil && !errors.Is(err, errNoCreate) && !errors.Is(err, errChanging) && !errors.Is(err, vfs.ErrAway) {
		w.troubles.note(s.Name, err, now)
	}
	switch {
	case err == nil:
		s.Fails, s.RetryAt, s.Absent = 0, 0, false
		w.worked(creating)
		w.unwritable.wrote(s, before, now)
		w.known.learnTags(s.Name) // almost always for nothing: only what somebody has taken out of the index of tags is not known
		w.cache.Written(s, now)
		w.stats.UpdateTime.Observe(took)
		w.stats.WriteLatency.Observe(cache.Waited(since, cache.Ticks(clock)) + took)
		w.stats.Updates.Add(1)
		w.stats.Dirty.Add(pageSize)
		w.stats.Committed.Add(int64(len(k.points) - old))
		w.stats.Lose(wire.TooOld, old, s.Name)
		if w.o.LogUpdates {
			w.logs.All.Trace().Str("metric", s.Name).Int("points", len(k.points)).Msg("updated")
		}
	case errors.Is(err, vfs.ErrAway) && w.place.Away() != nil: // the next round waits until it is back; a file system below the folder concerns its series alone
		w.unwritable.postponed(s)
		w.cache.PutBack(s)
	case errors.Is(err, errNoCreate):
		if !s.Absent {
			w.stats.CreateWaits.Add(1)
		}
		s.Absent = true
		w.unwritable.postponed(s)
		w.cache.PutBack(s)
	case errors.Is(err, errChanging):
		s.Fails++
		s.RetryAt = uint32(now + int64(backoff(s.Fails)/time.Second))
		w.cache.PutBack(s)
	case hopeless(err):
		w.unwritable.fail(s, err, before, true)
		w.stats.Lose(wire.Unwritable, len(k.points), s.Name)
		w.logs.Reason[wire.Unwritable].Error().Err(err).Str("metric", s.Name).Int("points", len(k.points)).Msg("points lost: no file can have this name")
		w.cache.Confirm(s)
		w.cache.Forget(s.Name, func() { w.known.forget(s.Name) })
	default:
		w.stats.Errors.Add(1)
		k.failed(s, err, creating, now)
		w.cache.PutBack(s)
	}
}

// hopeless reports errors that another try cannot mend, since they are about the name itself.
func hopeless(err error) bool {
	return errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EILSEQ)
}

// write updates the file, or creates it with the points in it. A file that is no whisper file is
// set aside under another name and the series begins a new one. old is how many of the points lie
// before everything the file keeps; creating says that the file was created, or was to be.
func (k *worker) write(s *cache.Series, now int64) (old int, creating bool, err error) {
	w := k.w
	path := naming.FilePath(w.o.LocalDataDir, s.Name, w.o.HashTagged)
	opt := whisper.Options{Sparse: w.o.Sparse, Fallocate: w.o.Fallocate, Autoflush: w.o.Autoflush, Lock: w.o.LockWrites, FadviseRandom: w.o.FadviseRandom}
	busy := w.busy.of(path)
	busy.Lock()
	defer busy.Unlock()
	old, err = k.updateFile(s, path, now, opt)
	var corrupt *whisper.CorruptError
	if errors.As(err, &corrupt) {
		if w.changing(s, path) {
			return 0, false, errChanging
		}
		if err := w.setAside(path, s.Name, err); err != nil {
			return 0, false, fmt.Errorf("%w: %w", errAside, err)
		}
		err = fs.ErrNotExist
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return old, false, err
	}
	if naming.IsTagged(s.Name) {
		if old, err := k.adopt(s, path, now, opt); !errors.Is(err, fs.ErrNotExist) {
			return old, false, err
		}
	}
	spec := w.spec(s.Name)
	if !k.mayCreate(spec) {
		return 0, false, errNoCreate
	}
	if err := whisper.Create(w.fsys, path, spec, now, k.points, opt); err != nil {
		return 0, true, err
	}
	w.stats.Creates.Add(1)
	w.stats.Dirty.Add(spec.FileSize())
	w.created.Add(s.Name)
	w.known.learn(s.Name) // the file may have been removed meanwhile, and the name forgotten
	if w.o.LogCreates {
		w.logs.All.Debug().Str("metric", s.Name).Str("file", path).Msg("created")
	}
	return k.tooOld(s, spec, now), true, nil
}

// adopt updates the file of a tagged series that is called the other way, from before
// TAG_HASH_FILENAMES was changed, and gives it the name that it is to have, as carbon does. The
// error wraps fs.ErrNotExist when there is none.
func (k *worker) adopt(s *cache.Series, path string, now int64, opt whisper.Options) (old int, err error) {
	w := k.w
	other := naming.FilePath(w.o.LocalDataDir, s.Name, !w.o.HashTagged)
	if w.keepNames() != nil { // told: a hash does not tell the name, so while that cannot be written down the file keeps its own
		return k.updateFile(s, other, now, opt)
	}
	if err := w.rename(other, path); err != nil {
		return 0, err
	}
	w.known.learn(s.Name)
	return k.updateFile(s, path, now, opt)
}

// rename gives a file the name that it is to have now. The error wraps fs.ErrNotExist when there is
// no such file.
func (w *writer) rename(from, to string) error {
	err := w.fsys.RenameNew(from, to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, gone := w.fsys.Stat(from); gone != nil {
		return gone
	}
	if err := w.fsys.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return w.fsys.RenameNew(from, to)
}

func (k *worker) updateFile(s *cache.Series, path string, now int64, opt whisper.Options) (old int, err error) {
	f, err := k.open(s, path, now, opt)
	if err != nil {
		return 0, err
	}
	err = f.Update(now, k.points)
	old = k.tooOld(s, f.Spec(), now)
	if e := f.Close(); err == nil {
		err = e
	}
	return old, err
}

// open opens a series' file. With MIGRATE_FILES a file that is not as the rules want it is first
// made so: here, since nobody else writes to it meanwhile.
func (k *worker) open(s *cache.Series, path string, now int64, opt whisper.Options) (*whisper.File, error) {
	w := k.w
	f, err := whisper.Open(w.fsys, path, opt)
	if err == nil && f.Missing() > 0 && w.changing(s, path) {
		return nil, errors.Join(errChanging, f.Close())
	}
	if err != nil || !w.o.MigrateFiles {
		return f, err
	}
	have, want := f.Spec(), w.spec(s.Name)
	if slices.Equal(have.Archives, want.Archives) && have.Method == want.Method && have.XFilesFactor == want.XFilesFactor {
		return f, nil
	}
	if !w.migrations.TryTake() {
		return f, nil // at the next update, then
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if err := whisper.Resize(w.fsys, path, want, now, whisper.ResizeOptions{Options: opt, Aggregate: true}); err != nil {
		return nil, err
	}
	w.logs.All.Debug().Str("metric", s.Name).Str("file", path).Msg("migrated to the present rules")
	return whisper.Open(w.fsys, path, opt)
}

// tooOld counts the points that no archive reaches back to, and notes for later ones how far that
// is.
func (k *worker) tooOld(s *cache.Series, spec whisper.Spec, now int64) int {
	n, oldest := 0, now-s.Reaches(spec)
	for _, p := range k.points {
		if p.Time < oldest {
			n++
		}
	}
	return n
}

// removing keeps the log from being written again while series are removed, until end is called.
func (w *writer) removing() (end func()) {
	w.rewriting.RLock()
	return w.rewriting.RUnlock
}

// forget forgets the failures of a series that was removed.
func (w *writer) forget(s *cache.Series) { w.unwritable.forget(s) }

// reading returns a lock that keeps a file from being updated.
func (w *writer) reading(path string) *sync.Mutex { return w.busy.of(path) }

// State is how the writing of files goes.
type State struct {
	Unwritable       UnwritableStatus
	Updates, Creates error  // why the disk takes no updates, or no new files; nil: it does
	Short            string // what the disk has too little of for new files; "": it has enough
	Stops            int64  // how often the disk has ceased to take updates or new files
}

// state returns how the writing of files goes now.
func (w *writer) state() State {
	return State{
		Unwritable: w.unwritable.status(), Updates: w.disk.why(), Creates: w.creating.why(), Short: w.space.short(),
		Stops: w.disk.trips.Load() + w.creating.trips.Load(),
	}
}

// updating says whether files are updated: whether the disk takes updates, and which series cannot
// be written.
func (s State) updating() (ok bool, detail string) {
	ok, detail = working(s.Updates)
	switch text := s.Unwritable.String(); {
	case text == "":
	case ok && !s.Unwritable.well():
		ok, detail = false, text
	default:
		detail += "; " + text
	}
	return ok, detail
}

// working says whether a part works that err, unless it is nil, keeps from it.
func working(err error) (ok bool, detail string) {
	if err != nil {
		return false, err.Error()
	}
	return true, "at work"
}

// creating says whether files are created.
func (s State) creating() (ok bool, detail string) {
	if ok, detail = working(s.Creates); ok && s.Short != "" {
		return false, "the disk has " + s.Short
	}
	return ok, detail
}

// lastWrite returns when the file of a series was last written, in Unix seconds, and the last error
// that kept it from being written, both since the start; zeros when there was none. The name is the
// canonical one. The price is a look into a map.
func (w *writer) lastWrite(metric string) (written int64, trouble Trouble) {
	if s := w.cache.Lookup([]byte(metric)); s != nil {
		written = s.LastWrite()
	}
	return written, w.troubles.of(metric)
}

// backoff is how long a series that failed for the n-th time in a row is left alone: 1 s, doubled
// up to a minute.
func backoff(fails uint8) time.Duration {
	return min(maxBackoff*time.Second, time.Second<<min(fails-1, 6))
}

// maxBackoff is the longest backoff in seconds. What seems to be longer comes of a clock that was
// put back.
const maxBackoff = 60

func workers(o conf.Options) int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}
