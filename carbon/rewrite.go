package carbon

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/naming"
	"graphited/carbon/wal"
	"graphited/whisper"
)

// rewriteStep is how many points are held in memory while the log is written again.
const rewriteStep = 1 << 20

// rewrite writes the whole log to the files once more, in the order of reception and each part by
// the clock of its time, as if nothing of it had been written yet: what a fine archive has dropped
// meanwhile gets into the coarser ones as it did then, and what the files have that is newer is in
// the log, too, and comes after it. Only the writer's own goroutine calls it, between rounds. What
// fails is tried again later, and the log is kept until it works.
func (w *writer) rewrite(ctx context.Context) {
	w.rewriting.Lock()
	defer w.rewriting.Unlock()
	start := time.Now()
	r := rewriter{k: worker{w: w, pass: w.usual()}, removed: map[string]int64{}}
	err := w.log.log.Reread(ctx, r.note)
	if err == nil {
		r.seen = 0
		err = w.log.log.Reread(ctx, r.take)
	}
	if err == nil {
		err = r.flush()
	}
	if err != nil {
		if ctx.Err() == nil {
			w.log.rewriteFailed()
			w.logs.Log.Error().Err(err).Msg("cannot write the log to the files again")
		}
		return
	}
	w.logs.All.Info().Int64("points", r.written).Dur("took_ms", time.Since(start)).Msg("the log was written to the files again")
	w.log.rewriteDone()
}

// rewriter is a rewrite under way.
type rewriter struct {
	k       worker
	seen    int64            // points of the log
	removed map[string]int64 // series that were removed, and how many points the log had up to then
	segment uint64
	now     int64 // when the newest of the waiting points was received
	waiting int
	todo    []*rewritten // have waiting points
	written int64
	err     error
}

// rewritten is a series of a segment.
type rewritten struct {
	s      *cache.Series // nil: has been removed
	after  int64         // points seen before the first that is of this series and not of one of its name before
	points []whisper.Point
}

// note notes which series were removed.
func (r *rewriter) note(p *wal.Point) {
	if r.seen++; p.Value != p.Value {
		r.removed[string(p.Name)] = r.seen
	}
}

// take lets a point wait, and writes what waits when it is much or the segment another.
func (r *rewriter) take(p *wal.Point) {
	if r.seen++; r.err != nil {
		return
	}
	if p.Segment != r.segment || r.waiting >= rewriteStep {
		if r.err = r.flush(); r.err != nil {
			return
		}
	}
	r.segment, r.now = p.Segment, p.Received
	if *p.Memo == nil {
		*p.Memo = &rewritten{s: r.k.w.cache.Lookup(p.Name), after: r.removed[string(p.Name)]}
	}
	e := (*p.Memo).(*rewritten)
	if e.s == nil || r.seen <= e.after {
		return
	}
	if len(e.points) == 0 {
		r.todo = append(r.todo, e)
	}
	e.points = append(e.points, whisper.Point{Time: int64(p.Time), Value: p.Value})
	r.waiting++
}

// flush writes what waits.
func (r *rewriter) flush() error {
	for _, e := range r.todo {
		if r.err == nil {
			r.err = r.write(e)
		}
		e.points = e.points[:0]
	}
	clear(r.todo)
	r.todo, r.waiting = r.todo[:0], 0
	return r.err
}

// write writes the waiting points of one series. Without a file there is nothing to mend: somebody
// has removed it, or the points still wait in the cache for the first one.
func (r *rewriter) write(e *rewritten) error {
	w := r.k.w
	_, err := w.fsys.Stat(naming.FilePath(w.o.LocalDataDir, e.s.Name, w.o.HashTagged))
	if errors.Is(err, fs.ErrNotExist) {
		return w.place.Here()
	}
	r.k.points = e.points
	if err == nil {
		_, _, err = r.k.write(e.s, r.now)
	}
	if err == nil {
		err = w.renew(e.s)
	}
	if err != nil {
		return err
	}
	r.written += int64(len(e.points))
	w.log.rewritten.Add(int64(len(e.points)))
	w.stats.Dirty.Add(pageSize)
	return nil
}

// renew makes sure that a file whose creation the system may have given up becomes durable with its
// header.
func (w *writer) renew(s *cache.Series) error {
	path := naming.FilePath(w.o.LocalDataDir, s.Name, w.o.HashTagged)
	busy := w.busy.of(path)
	busy.Lock()
	defer busy.Unlock()
	return whisper.Renew(w.fsys, path)
}
