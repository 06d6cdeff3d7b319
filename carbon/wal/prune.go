package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

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
		err = l.fsys.Rename(path, path+corruptSuffix)
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
