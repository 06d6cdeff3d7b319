package wal

import (
	"fmt"
	"io/fs"
)

// bufMax is the largest buffer, in bytes, that is reused after a large batch.
const bufMax = 4 << 20

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
		forgetNames(t.seq, first, entries)
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
