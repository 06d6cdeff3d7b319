package wal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// segments returns a copy of the table, to be changed and set. The caller has l.mu.
func (l *Log) segments() []*segment { return slices.Clone(*l.table.Load()) }

func (l *Log) setTable(list []*segment) { l.table.Store(&list) }

// segment finds a segment by its number.
func (l *Log) segment(seg uint64) *segment {
	list := *l.table.Load()
	if len(list) == 0 {
		return nil
	}
	// Numbers follow each other unless files have been lost.
	if i := seg - list[0].seq; i < uint64(len(list)) && list[i].seq == seg {
		return list[i]
	}
	i, ok := slices.BinarySearchFunc(list, seg, func(s *segment, seg uint64) int { return cmp.Compare(s.seq, seg) })
	if !ok {
		return nil
	}
	return list[i]
}

// Retain takes a reference to a segment: it stays until Release. The caller has a reference already, from Append, or is called by Replay, or somebody has one for it.
// Segment 0 is none: nothing happens. Costs an atomic addition.
func (l *Log) Retain(seg uint64) {
	if seg == 0 {
		return
	}
	s := l.segment(seg)
	if s == nil || s.refs.Add(1) <= 1 {
		panic(fmt.Sprintf("BUG: segment %d of the log is retained by somebody who has no reference to it", seg))
	}
}

// Release gives back a reference that Retain or Append has taken. Segment 0 is none: nothing happens. Costs an atomic addition.
func (l *Log) Release(seg uint64) {
	if seg == 0 {
		return
	}
	s := l.segment(seg)
	if s == nil || s.refs.Add(-1) < 0 {
		panic(fmt.Sprintf("BUG: segment %d of the log is released more often than retained", seg))
	}
}

// Prune removes the oldest segments that nobody has a reference to, up to the first that somebody has: a later one is never removed before it, so that
// Replay always ends with the newest value. It calls syncData first, which makes durable what has been written to whisper files, and removes nothing when that fails, or when there is nothing to remove.
// The current segment is ended when nobody needs it, and goes, too. A damaged segment is kept aside as *.corrupt. Costs a sync of the folder for each segment: what is gone stays gone, in order.
func (l *Log) Prune(syncData func() error) (removed int, err error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return 0, fs.ErrClosed
	}
	if t := l.cur; t != nil && t.off > headerSize && t.refs.Load() == 0 {
		l.endCurrent()
	}
	free := l.free()
	l.mu.Unlock()
	if len(free) == 0 {
		return 0, nil
	}
	if err := l.place.Here(); err != nil { // what has the names of the segments now is not what is to be removed
		return 0, fmt.Errorf("cannot prune the log %q: %w", l.o.Dir, err)
	}
	if err := syncData(); err != nil {
		return 0, fmt.Errorf("cannot prune the log %q: %w", l.o.Dir, err)
	}
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if l.o.Sync != Never {
		_ = l.sync() // closes the files, if it can
	}
	return l.remove(free)
}

// Keep lets no segment be removed any more, or with false lets them be removed again: while what has been written to whisper files is in doubt all of it is to be written
// again, after Reread or by the next process.
func (l *Log) Keep(on bool) { l.kept.Store(on) }

// free returns the oldest segments that nobody needs. The caller has l.mu, or the log is closed.
func (l *Log) free() (list []*segment) {
	if l.kept.Load() {
		return nil
	}
	for _, s := range *l.table.Load() {
		if s.refs.Load() > 0 || l.cur != nil && l.cur.segment == s {
			break
		}
		list = append(list, s)
	}
	return list
}

// remove removes segments, oldest first, that are the oldest of all unless they have been removed meanwhile. The caller has l.syncing.
func (l *Log) remove(list []*segment) (removed int, err error) {
	for _, s := range list {
		if l.segment(s.seq) != s {
			continue
		}
		if err := l.removeFile(s); err != nil {
			return removed, fmt.Errorf("cannot prune the log %q: %w", l.o.Dir, err)
		}
		l.mu.Lock()
		l.setTable(l.segments()[1:])
		l.mu.Unlock()
		removed++
	}
	return removed, nil
}

// removeFile removes a segment's file, or keeps it aside when it is damaged, for good.
func (l *Log) removeFile(s *segment) error {
	path := l.path(s.name())
	var err error
	if s.damaged.Load() {
		err = l.fsys.Rename(path, path+aside)
	} else {
		err = l.fsys.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := l.fsys.SyncDir(l.o.Dir); err != nil {
		return err
	}
	// Only now: as long as it may come back, what is not durable of it must be made so.
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsynced = slices.DeleteFunc(l.unsynced, func(t *tail) bool {
		if t.segment == s {
			_ = t.file.Close()
		}
		return t.segment == s
	})
	return nil
}

// Oldest returns the oldest segment, 0 when there is none, whether somebody has a reference to it, and how many bytes all segments have:
// when that is too much, the series that have their oldest unwritten point in seg are to be written first.
func (l *Log) Oldest() (seg uint64, pinned bool, size int64) {
	list := *l.table.Load()
	for _, s := range list {
		size += s.size.Load()
	}
	if len(list) == 0 {
		return 0, false, size
	}
	return list[0].seq, list[0].refs.Load() > 0, size
}
