package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"graphited/whisper/vfs"
)

const (
	defaultInterval = time.Second
	defaultSegment  = 64 << 20
)

// Open opens the log in a folder. It leaves the existing segments as they are, except that those
// with a damaged header are renamed to *.corrupt. The first batch begins a new segment. The error
// wraps ErrLocked if another process has locked the folder.
func Open(fsys vfs.FS, o Options) (*Log, error) {
	if o.SyncInterval <= 0 {
		o.SyncInterval = defaultInterval
	}
	if o.SegmentSize <= 0 {
		o.SegmentSize = defaultSegment
	}
	if o.Tell == nil {
		o.Tell = func(string, error) {}
	}
	l := &Log{fsys: fsys, o: o, next: 1, kick: make(chan struct{}, 1)}
	l.table.Store(new([]*segment))
	err := l.takeFolder()
	if err == nil {
		err = l.find()
	}
	if err != nil {
		if l.place != nil {
			_ = l.place.Close() // the first error is the one that counts
		}
		return nil, fmt.Errorf("cannot open the log %q: %w", o.Dir, err)
	}
	return l, nil
}

// takeFolder creates and locks the folder.
func (l *Log) takeFolder() (err error) {
	dir := l.o.Dir
	if _, err := l.fsys.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := l.fsys.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := l.fsys.SyncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
			return err
		}
	}
	l.place, err = vfs.TakePlace(l.fsys, dir, "lock")
	return err
}

// Close syncs what was appended, unless the policy is Never, and unlocks the folder. The next Open
// finds everything that was appended and not pruned. clean says that all points are in their files
// and those are durable: then Close removes the segments without references.
func (l *Log) Close(clean bool) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.endCurrent()
	l.mu.Unlock()
	var errs []error
	if l.o.Sync != Never {
		errs = append(errs, l.sync())
	}
	l.mu.Lock()
	for _, t := range l.unsynced {
		errs = append(errs, t.file.Close())
	}
	l.cur, l.unsynced = nil, nil
	l.mu.Unlock()
	if clean && l.place.Check() == nil {
		_, err := l.remove(l.free())
		errs = append(errs, err)
	}
	errs = append(errs, l.place.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot close the log %q: %w", l.o.Dir, err)
	}
	return nil
}
