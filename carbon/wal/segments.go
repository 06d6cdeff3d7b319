package wal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// segments returns a copy of the table for a change. The caller must hold l.mu.
func (l *Log) segments() []*segment { return slices.Clone(*l.table.Load()) }

func (l *Log) setTable(list []*segment) { l.table.Store(&list) }

// segment finds a segment by its number.
func (l *Log) segment(seg uint64) *segment {
	list := *l.table.Load()
	if len(list) == 0 {
		return nil
	}
	// Numbers are consecutive unless files have been lost.
	if i := seg - list[0].seq; i < uint64(len(list)) && list[i].seq == seg {
		return list[i]
	}
	i, ok := slices.BinarySearchFunc(list, seg, func(s *segment, seg uint64) int { return cmp.Compare(s.seq, seg) })
	if !ok {
		return nil
	}
	return list[i]
}

// Retain adds a reference to a segment, which stays until Release. There must already be
// a reference, from Append or from another Retain, or Replay must be calling the caller.
// Retain ignores segment 0. It makes one atomic addition.
func (l *Log) Retain(seg uint64) {
	if seg == 0 {
		return
	}
	s := l.segment(seg)
	if s == nil || s.refs.Add(1) <= 1 {
		panic(fmt.Sprintf("BUG: segment %d of the log is retained without a reference", seg))
	}
}

// Release removes a reference that Append or Retain has added. It ignores segment 0. It makes one
// atomic addition.
func (l *Log) Release(seg uint64) {
	if seg == 0 {
		return
	}
	s := l.segment(seg)
	if s == nil || s.refs.Add(-1) < 0 {
		panic(fmt.Sprintf("BUG: segment %d of the log is released more often than retained", seg))
	}
}

// Prune removes the oldest segments that have no references. It stops at the first that has one,
// even if later segments have none, so that Replay always ends with the newest value.
// It first calls syncData, which must make durable what has been written to whisper files. If there
// is nothing to remove, it does not call syncData; if syncData fails, it removes nothing.
// Prune also ends and removes the current segment if it has no references. It renames a damaged
// segment to *.corrupt. It syncs the folder once per segment, so that removals become durable in
// order.
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
		_ = l.sync() // closes the files if it can
	}
	return l.remove(free)
}

// Keep stops all removal of segments, or with false allows it again. While writes to whisper
// files are in doubt, all of them must be repeated, after Reread or by the next process.
func (l *Log) Keep(on bool) { l.keeping.Store(on) }

// free returns the oldest segments without references. The caller must hold l.mu, or the log must
// be closed.
func (l *Log) free() (list []*segment) {
	if l.keeping.Load() {
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

// remove removes segments, oldest first. They are the oldest of all unless they have been removed
// meanwhile. The caller must hold l.syncing.
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

// removeFile removes a segment's file, or renames it if it is damaged, and syncs the folder.
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
	// Not earlier: while the file may reappear after a crash, its unsynced bytes must still be
	// synced.
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

// Oldest returns the oldest segment, or 0 if there is none, whether it has references, and the size
// of all segments in bytes. When the size is too large, the series whose oldest unwritten point is
// in seg should be written first.
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
