package wal

import (
	"errors"
	"io/fs"
	"os"

	"graphited/whisper/vfs"
)

const (
	pendingMax      = 16 << 20 // bytes of a segment held in memory until they are synced; after a failed sync the rest is read back from the file
	pendingSegments = 3        // ended segments that hold such bytes
	kickSize        = 8 << 20  // unsynced bytes that start a sync before the interval has passed
)

// create creates the file of a new segment and appends ending to its name. The name is not durable
// yet. A partial segment has no header yet.
func (l *Log) create(ending string) (*tail, error) {
	var f vfs.File
	var path string
	if err := l.place.Restore(); err != nil { // somebody may have removed the folder
		return nil, err
	}
	for try := 0; ; try++ {
		var err error
		path = l.path(segmentName(l.next) + ending)
		if f, err = l.place.Create(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return nil, err
		}
		l.next++ // skip the file of a segment that could not be created
	}
	h, seed := newHeader(l.next)
	t := &tail{segment: &segment{seq: l.next}, file: f, seed: seed, off: headerSize, pendingOff: headerSize}
	if ending == partialSuffix {
		t.header = h
	} else if _, err := f.WriteAt(h, 0); err != nil {
		return nil, errors.Join(err, f.Close(), l.fsys.Remove(path))
	}
	t.size.Store(t.off)
	l.next++
	return t, nil
}

// install makes a new segment the current one.
func (l *Log) install(t *tail) {
	for i, u := range l.unsynced {
		if i < len(l.unsynced)-pendingSegments {
			u.pending, u.pendingOff = nil, u.off
		}
	}
	if t.pending == nil {
		t.pending, l.spare = l.spare, nil
	}
	l.cur, l.back = t, l.place.Returns()
	l.unsynced = append(l.unsynced, t)
	l.setTable(append(l.segments(), t.segment))
}

// write writes records to the end of a segment. If that fails, it truncates what was written.
func (l *Log) write(t *tail, b []byte) error {
	if _, err := t.file.WriteAt(b, t.off); err != nil {
		if terr := t.file.Truncate(t.off); terr != nil && l.cur == t {
			// The bytes after the end could be read as records, so nothing more is written to this
			// segment.
			l.drop()
		}
		return err
	}
	t.off += int64(len(b))
	t.size.Store(t.off)
	if l.o.Sync == Never {
		t.pendingOff = t.off
		return nil
	}
	if len(t.pending)+len(b) > pendingMax {
		t.pending, t.pendingOff = t.pending[:0], t.off
	} else {
		t.pending = append(t.pending, b...)
	}
	if l.o.Sync == Interval && t.off-t.synced >= kickSize {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
	return nil
}

// endCurrent writes the end record to the current segment and drops it.
func (l *Log) endCurrent() {
	if t := l.cur; t != nil {
		// If this write fails, Replay still reads the segment up to its last whole record.
		if b := appendEnd(nil, t.seed); l.write(t, b) == nil {
			l.written += int64(len(b))
		}
		l.drop()
	}
}

// drop stops writing to the current segment and leaves it as it is.
func (l *Log) drop() {
	t := l.cur
	l.cur = nil
	if t == nil || l.o.Sync != Never {
		return
	}
	// With Never nothing syncs it, so its file is closed here.
	l.unsynced = l.unsynced[:0]
	if err := t.file.Close(); err != nil {
		l.stats.writeErrors.Add(1)
		l.o.Tell("cannot close a segment of the log", err)
	}
}

// errRemoved says that somebody has removed a segment that is in use.
var errRemoved = errors.New("a segment has been removed by somebody else")

// ReadAt reads what was written to a segment: pending bytes from memory, the rest from the file.
func (t *tail) ReadAt(p []byte, off int64) (n int, err error) {
	if off < t.pendingOff {
		n, err = t.file.ReadAt(p[:min(int64(len(p)), t.pendingOff-off)], off)
		if err != nil {
			return n, err
		}
	}
	if n < len(p) {
		n += copy(p[n:], t.pending[off+int64(n)-t.pendingOff:])
	}
	return n, nil
}

// there fails if the file has lost its name because somebody has removed it: what is written to it
// is lost when the process ends.
func (t *tail) there() error {
	info, err := t.file.Stat()
	if err == nil && info.Links == 0 {
		err = errRemoved
	}
	return err
}

// settle records that the first end bytes are durable.
func (t *tail) settle(end int64) {
	t.synced, t.named = end, true
	if cut := end - t.pendingOff; cut > 0 {
		rest := t.pending[cut:]
		if cut < int64(cap(t.pending)/8) && len(rest) == 0 {
			t.pending = nil // larger than necessary
		}
		t.pending = append(t.pending[:0], rest...)
		t.pendingOff = end
	}
}
