package carbon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"graphited/carbon/facts"
	"graphited/carbon/wire"
)

// Remove takes series out of everything: their files go to the trash, see TRASH_KEEP, and their
// points that wait in the cache are dropped and counted under Removed. A point that comes later
// begins a new series. Names are as Find and Tags give them; one that there is not is left out.
//
// It returns the names that were removed, also beside an error. An error about one series does not
// keep the others; that of ctx, and ErrNotRunning, end it. It is safe for concurrent use. The price
// is a rename for each file.
func (d *Daemon) Remove(ctx context.Context, names []string) (removed []string, err error) {
	return d.removeUnless(ctx, names, func(*series) bool { return false })
}

// removeUnless is Remove but for the series that keep wants to stay. It is asked with the series
// locked and not being written.
func (d *Daemon) removeUnless(ctx context.Context, names []string, keep func(*series) bool) (removed []string, err error) {
	ctx, done, err := d.ingests.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	t := newTrash(d.fsys, d.o.LocalDataDir, d.clock())
	var errs []error
	for _, name := range d.taggedNames(names) {
		if err := context.Cause(ctx); err != nil {
			errs = append(errs, err)
			break
		}
		switch ok, err := d.remove(ctx, t, name, keep); {
		case errors.Is(err, errKept):
		case err != nil && len(errs) < 10:
			errs = append(errs, fmt.Errorf("cannot remove %q: %w", name, err))
		case ok:
			removed = append(removed, name)
		}
	}
	t.tidy()
	return removed, errors.Join(errs...)
}

// taggedNames puts the names of tagged series in the place of those under which find shows their
// files.
func (d *Daemon) taggedNames(names []string) []string {
	files := map[string]string{}
	out := make([]string, 0, len(names))
	for _, name := range names {
		if strings.HasPrefix(name, taggedFolder) {
			if len(files) == 0 {
				for _, canon := range d.tags.Names() {
					files[treeName(canon, true)], files[treeName(canon, false)] = canon, canon
				}
			}
			if canon, ok := files[name]; ok {
				name = canon
			}
		}
		out = append(out, name)
	}
	return out
}

// errKept tells that a series was to stay.
var errKept = errors.New("kept")

// remove removes one series; false when there is none of this name.
func (d *Daemon) remove(ctx context.Context, t *trash, name string, keep func(*series) bool) (found bool, err error) {
	d.writer.rewriting.RLock()
	defer d.writer.rewriting.RUnlock()
	s, made := d.cache.create([]byte(name))
	if made {
		s.mu.Lock()
		s.lost = true // the intake has not made it known: if it stays, its first point does
		s.mu.Unlock()
	}
	points, err := d.cache.retire(ctx, s, func() error {
		if keep(s) {
			return errKept
		}
		for rel := range allPlaces(name, d.o.HashTagged) {
			for _, suffix := range [...]string{fileSuffix, packedSuffix} {
				moved, err := t.take(rel + suffix)
				if err != nil {
					return err
				}
				found = found || moved
			}
		}
		for rel := range allPlaces(name, d.o.HashTagged) { // after the files: an error leaves the index as it is, and the scanner sees which of them are gone
			found = d.names.Delete(nodes(rel)) || found
		}
		found = d.tags.Delete(name) || found
		if !made {
			d.journal.remove(d.clock().Unix(), s)
		}
		return nil
	})
	if err == nil {
		d.writer.unwritable.forget(s)
	}
	d.stats.drop(wire.Removed, points)
	return found, err
}

// forgetRemoved takes the series that an earlier process has removed, and that have no points
// since, out of cache and index again: the log has just named them.
func (d *Daemon) forgetRemoved(all map[*series]bool) {
	for s := range all {
		if len(s.unwritten()) > 0 {
			continue
		}
		if _, exists := d.File(s.name); !exists {
			_, _ = d.cache.retire(context.Background(), s, func() error { return nil })
			d.catalog().forget(s.name)
		}
	}
}

// retirePoll is how often is looked whether the writer is done with a series.
const retirePoll = 2 * time.Millisecond

// retire takes a series out of the cache for good, with the points that wait, and returns their
// number. It calls f when the writer does not work at the series, and neither writer nor intake do
// so before f has returned. After an error of f all is as before.
func (c *Cache) retire(ctx context.Context, s *series, f func() error) (points int, err error) {
	s.mu.Lock()
	for s.taken != nil {
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(retirePoll):
		}
		s.mu.Lock()
	}
	if err = f(); err == nil {
		points = c.discardLocked(s)
		s.dead.Store(true)
		s.next.Store(nil)
	}
	s.mu.Unlock()
	c.grow(-points)
	if err == nil {
		home := &c.shards[s.home]
		home.mu.Lock()
		if home.series[s.name] == s {
			delete(home.series, s.name)
			c.known.Add(-1)
		}
		home.mu.Unlock()
	}
	return points, err
}

// discard drops the pending points of a series and returns their number. The caller tells the
// cache's size.
func (c *Cache) discard(s *series) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.discardLocked(s)
}

func (c *Cache) discardLocked(s *series) (points int) {
	b := s.pendingLocked()
	if s.taken != nil {
		s.taken.next = nil
	} else {
		s.head = nil
	}
	s.tail = nil
	for b != nil {
		points += int(b.n)
		b = c.free(b)
	}
	s.points -= uint32(points)
	return points
}

// File is the size of the file of a series.
type File = facts.File

// File looks at the file of a series, which may be a packed one; ok is false when there is none.
func (d *Daemon) File(name string) (f File, ok bool) {
	if f, ok = d.file(name, fileSuffix); !ok {
		f, ok = d.file(name, packedSuffix)
	}
	return f, ok
}

func (d *Daemon) file(name, suffix string) (f File, ok bool) {
	for rel := range allPlaces(name, d.o.HashTagged) {
		info, err := d.fsys.Stat(d.o.LocalDataDir + "/" + rel + suffix)
		if err == nil {
			return File{Size: info.Size, RealSize: info.Disk, Modified: info.Mtime / int64(time.Second)}, true
		}
	}
	return File{}, false
}

// Space returns the bytes of the disk that the whisper files are on: those that may still be used,
// and all; zeros where that is not known.
func (d *Daemon) Space() (free, total uint64) {
	free, total, _ = d.diskSpace()
	return free, total
}
