package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"graphited/whisper/vfs"
)

const (
	pendingMax      = 16 << 20 // bytes of a segment held in memory until they are synced; after a failed sync the rest is read back from the file
	pendingSegments = 3        // ended segments that hold such bytes
	kickSize        = 8 << 20  // unsynced bytes that start a sync before the interval has passed
	bufMax          = 4 << 20  // largest buffer in bytes that is reused after a large batch
)

// Append writes a batch with one write, or with one write per MiB. now is the time of reception in
// Unix seconds.
// The points are in the log when Append returns; count them after that.
// seg is the segment that holds them, with one reference for the caller, who calls Release when
// each series has its own. seg is 0 and needs no Release when the batch is not in the log.
// After an error that wraps ErrNotDurable the batch is in the log. After any other error none or
// only a part of it is, and Append may succeed next time.
// Append takes one lock, 30 ns per point, and allocates nothing. With Always it waits for a sync.
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

// Probe reports whether a batch could be appended, by appending one without points.
func (l *Log) Probe(now int64) error {
	l.mu.Lock()
	seg, err := l.append(now, nil)
	l.mu.Unlock()
	l.Release(seg)
	return err
}

// append writes a batch. The caller must hold l.mu.
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
	t.ids = ids // never reused, even if the write fails: a power cut may leave part of it
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

// complete reports whether the current segment must end before the next batch: it is large or old,
// or the folder was away since it began. No segment can follow it while the folder is away. The
// caller holds l.mu.
func (l *Log) complete(now int64) bool {
	t := l.cur
	if l.back != l.place.Returns() || int64(t.ids) > t.off+idSlack {
		return true
	}
	old := l.o.SegmentAge > 0 && now-t.born >= int64(l.o.SegmentAge.Seconds())
	return (old || t.off >= l.o.SegmentSize) && l.place.Here() == nil
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
	if ending == partial {
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
