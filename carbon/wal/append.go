package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"graphited/whisper/vfs"
)

const (
	keepMax      = 16 << 20 // bytes of a segment that are kept in memory until they are synced; beyond it a failed sync relies on reading them back
	keepSegments = 3        // ended ones that keep that
	kickSize     = 8 << 20  // bytes not synced that make it worth not to wait for the interval
	bufMax       = 4 << 20  // bytes of buffer that are not given back after a large batch
)

// Append writes a batch with one write, or one for each MiB of it. now is the time of reception in Unix seconds. The points are in the log when it returns: count them after that.
// seg is where they are, with one reference on behalf of the caller, who gives it back with Release when each series has its own. It is 0, and needs no Release, when the batch is not in the log.
// After an error that wraps ErrNotDurable the batch is in the log; after any other it is not, or only a part of it, and Append may succeed next time.
// Costs a lock for all, 30 ns a point, and no allocation. With Always it waits for a sync.
func (l *Log) Append(now int64, entries []Entry) (seg uint64, err error) {
	if len(entries) == 0 {
		return 0, nil
	}
	l.mu.Lock()
	seg, err = l.append(now, entries)
	end := l.written
	l.mu.Unlock()
	if err != nil {
		l.stats.writeErrors.Add(1)
		return 0, fmt.Errorf("cannot write to the log %q: %w", l.o.Dir, err)
	}
	if l.o.Sync == Always {
		return seg, l.reach(end)
	}
	return seg, nil
}

// Probe tries whether a batch could be appended: it appends one without points.
func (l *Log) Probe(now int64) error {
	l.mu.Lock()
	seg, err := l.append(now, nil)
	l.mu.Unlock()
	l.Release(seg)
	return err
}

// append writes a batch. The caller has l.mu.
func (l *Log) append(now int64, entries []Entry) (uint64, error) {
	if l.closed {
		return 0, fs.ErrClosed
	}
	l.now = now
	if l.cur != nil && l.complete(now) {
		l.endCurrent()
	}
	if l.cur == nil {
		t, err := l.create("")
		if err != nil {
			return 0, err
		}
		t.born = now
		l.install(t)
	}
	t := l.cur
	first := t.ids
	b, ids, err := appendNames(l.buf[:0], t.seed, t.seq, t.ids, entries)
	t.ids = ids // never again, even if this fails: a power cut may leave a part of it
	if err == nil {
		b = appendPoints(b, t.seed, now, entries)
		err = l.write(t, b)
	}
	if l.buf = b[:0]; cap(b) > bufMax {
		l.buf = nil
	}
	if err != nil {
		forget(t.seq, first, entries)
		return 0, err
	}
	l.written += int64(len(b))
	l.stats.points.Add(int64(len(entries)))
	l.stats.bytes.Add(int64(len(b)))
	t.refs.Add(1)
	return t.seq, nil
}

// complete says whether the current segment is to be ended before the next batch: it is large or old, or the folder was away since it was begun. While the folder
// is away no other segment can follow it. The caller has l.mu.
func (l *Log) complete(now int64) bool {
	t := l.cur
	if l.back != l.place.Returns() || int64(t.ids) > t.off+idSlack {
		return true
	}
	old := l.o.SegmentAge > 0 && now-t.born >= int64(l.o.SegmentAge.Seconds())
	return (old || t.off >= l.o.SegmentSize) && l.place.Here() == nil
}

// write writes records to the end of a segment and takes back what was written when that fails.
func (l *Log) write(t *tail, b []byte) error {
	if _, err := t.file.WriteAt(b, t.off); err != nil {
		if terr := t.file.Truncate(t.off); terr != nil && l.cur == t {
			// What is behind the end could be taken for records. Nothing more is written here.
			l.drop()
		}
		return err
	}
	t.off += int64(len(b))
	t.size.Store(t.off)
	if l.o.Sync == Never {
		t.keptOff = t.off
		return nil
	}
	if len(t.kept)+len(b) > keepMax {
		t.kept, t.keptOff = t.kept[:0], t.off
	} else {
		t.kept = append(t.kept, b...)
	}
	if l.o.Sync == Interval && t.off-t.synced >= kickSize {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
	return nil
}

// create makes the file of a new segment, with ending appended to its name. The name is not durable yet; a partial one has no header yet.
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
		l.next++ // what is left of one that could not be made
	}
	h, seed := newHeader(l.next)
	t := &tail{segment: &segment{seq: l.next}, file: f, seed: seed, off: headerSize, keptOff: headerSize}
	if ending == partial {
		t.header = h
	} else if _, err := f.WriteAt(h, 0); err != nil {
		return nil, errors.Join(err, f.Close(), l.fsys.Remove(path))
	}
	t.size.Store(t.off)
	l.next++
	return t, nil
}

// install makes a new segment the one that is appended to.
func (l *Log) install(t *tail) {
	for i, u := range l.unsynced {
		if i < len(l.unsynced)-keepSegments {
			u.kept, u.keptOff = nil, u.off
		}
	}
	if t.kept == nil {
		t.kept, l.spare = l.spare, nil
	}
	l.cur, l.back = t, l.place.Returns()
	l.unsynced = append(l.unsynced, t)
	l.setTable(append(l.segments(), t.segment))
}

// endCurrent ends the current segment in order.
func (l *Log) endCurrent() {
	if t := l.cur; t != nil {
		// A segment without its end is read to the last whole record all the same.
		if b := appendEnd(nil, t.seed); l.write(t, b) == nil {
			l.written += int64(len(b))
		}
		l.drop()
	}
}

// drop leaves the current segment as it is.
func (l *Log) drop() {
	t := l.cur
	l.cur = nil
	if t == nil || l.o.Sync != Never {
		return
	}
	// Nobody will sync it.
	l.unsynced = l.unsynced[:0]
	if err := t.file.Close(); err != nil {
		l.stats.writeErrors.Add(1)
		l.o.Tell("cannot close a segment of the log", err)
	}
}
