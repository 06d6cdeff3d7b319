package wal

import (
	"context"
	"errors"
	"fmt"
	"os"

	"graphited/whisper/vfs"
)

// Point is one point of an old segment. Replay reuses the same variable for each point.
type Point struct {
	Segment  uint64 // the segment that holds it; retain it if you keep the point
	Received int64  // in Unix seconds
	Name     []byte // valid during the call
	Time     uint32
	Value    float64
	Memo     *any // belongs to the name within the segment and is nil at first; lets the caller find its series without a lookup by name
}

// ReplayStats are the results of a Replay.
type ReplayStats struct {
	Segments int
	Bytes    int64 // read
	Names    int64 // each name counts once per segment
	Points   int64
	Torn     int   // segments whose end is missing; a crash usually tears the last one
	Damaged  int   // segments damaged elsewhere
	Lost     int64 // bytes that were unreadable because of damage, without torn ends
	Orphans  int64 // points whose names were lost
}

// Replay calls f for every point of the old segments, in the order in which they were appended. If
// f keeps a point, it must call Retain for the point's segment. Afterwards Prune removes the
// segments that nobody retained; before, it removes none.
// Damage does not stop Replay: it replays everything readable, reports and counts the rest and sets
// the file aside. With Strict damage is an error, and the old segments stay as they are.
// Replay writes nothing, but it syncs the old segments unless the policy is Never. A second call
// replays nothing. If ctx ends, Replay returns its error, and the segments that it has not replayed
// stay as they are. It takes about 20 ns per point plus the time in f.
func (l *Log) Replay(ctx context.Context, f func(p *Point)) (st ReplayStats, err error) {
	l.mu.Lock()
	old := l.old
	l.old = nil
	l.mu.Unlock()
	d := decoder{l: l, f: f, stats: &st, ctx: ctx}
	for _, s := range old {
		if err := d.segment(s); err != nil {
			return st, fmt.Errorf("cannot replay the log %q: %w", l.o.Dir, err)
		}
	}
	if l.o.Sync != Never && len(old) > 0 {
		if err := l.syncOld(old); err != nil {
			l.stats.syncErrors.Add(1)
			l.o.Tell("cannot sync the old segments of the log", err)
		}
	}
	return st, nil
}

// Reread calls f for every point of all segments, in the order in which they were appended: those
// appended before the call and perhaps some later ones. It ends the current segment. The caller
// must have called Keep so that no segment is removed meanwhile. Unlike Replay it fails at the
// first segment that is not wholly readable.
func (l *Log) Reread(ctx context.Context, f func(p *Point)) error {
	l.mu.Lock()
	if t := l.cur; t != nil && t.off > headerSize {
		l.endCurrent()
	}
	list := *l.table.Load()
	l.mu.Unlock()
	d := decoder{l: l, f: f, stats: new(ReplayStats), ctx: ctx, again: true}
	for _, s := range list {
		s.refs.Add(1) // the decoder releases it
		if err := d.segment(s); err != nil {
			s.refs.Add(-1)
			return fmt.Errorf("cannot read the log %q: %w", l.o.Dir, err)
		}
	}
	return nil
}

// syncOld syncs what a killed process had no time to sync. After a failed sync of a segment another
// sync would prove nothing, so a copy replaces the segment.
func (l *Log) syncOld(old []*segment) error {
	for _, s := range old {
		path := l.path(s.name())
		f, err := l.fsys.Open(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(f.SyncData(), f.Close()); err != nil {
			l.stats.syncErrors.Add(1)
			l.o.Tell("cannot sync an old segment of the log; a copy takes its place", err)
			data, err := vfs.ReadFile(l.fsys, path)
			if err == nil {
				err = vfs.WriteFile(l.fsys, path, data, 0o644)
			}
			if err != nil {
				return err
			}
		}
	}
	return l.fsys.SyncDir(l.o.Dir)
}

// decoder turns segments into points.
type decoder struct {
	l     *Log
	ctx   context.Context
	again bool // called by Reread: damage is an error and the caller reports it
	f     func(p *Point)
	stats *ReplayStats
	buf   []byte
	from  int64 // points before this offset are skipped: they belong to incomplete copies
	limit int64 // the highest id: each name takes at least one byte, and some ids are lost
	names []name
	arena []byte // the names' text
	point Point
}

// name is one name of a segment.
type name struct {
	text  []byte
	known bool
	memo  any
}

// segment replays one segment. It fails only if the log is strict or the context has ended.
func (d *decoder) segment(s *segment) error {
	d.stats.Segments++
	r, f, err := d.l.open(s, d.buf)
	if err != nil {
		r, f, err = d.l.open(s, d.buf) // some failures are temporary
	}
	if err != nil {
		return d.damaged(s, s.size.Load(), err)
	}
	defer f.Close()
	clear(d.names)
	d.names = d.names[:0]
	d.point = Point{Segment: s.seq}
	d.limit = r.size + idSlack
	d.from = 0
	if !r.wholeUntil(r.copied) {
		d.from = r.copied
	}
	bad := int64(0)
	for {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		kind, payload, ok := r.next()
		if !ok {
			break
		}
		if kind == kindPoints && r.at < d.from {
			continue
		}
		if !d.record(kind, payload) {
			bad += r.off - r.at
		}
	}
	d.stats.Bytes += r.off
	d.buf = r.buf[:0]
	switch lost := r.skipped + bad + r.size - r.off; {
	case r.whole() && bad == 0:
	case r.err == nil && bad == 0 && !r.sealed():
		d.stats.Torn++
	default:
		if r.err == nil {
			r.err = fmt.Errorf("%d of %d bytes are lost, from byte %d on", lost, r.size, r.off)
		}
		return d.damaged(s, lost, r.err)
	}
	s.refs.Add(-1)
	return nil
}

// damaged reports damage in a segment and releases it.
func (d *decoder) damaged(s *segment, lost int64, err error) error {
	err = fmt.Errorf("segment %q: %w", s.name(), err)
	if d.again {
		return err
	}
	d.stats.Damaged++
	d.stats.Lost += lost
	d.l.stats.damaged.Add(1)
	if d.l.o.Strict {
		return err
	}
	d.l.o.Tell("a segment of the log is damaged; it will be set aside as *"+corruptSuffix, err)
	s.damaged.Store(true)
	s.refs.Add(-1)
	return nil
}

// record decodes one record. It returns false if the record is invalid.
func (d *decoder) record(kind byte, payload []byte) bool {
	switch kind {
	case kindNames:
		return eachName(payload, d.limit, d.name)
	case kindPoints:
		now, _, _ := received(payload)
		d.point.Received = now
		return eachPoint(payload, d.hand)
	}
	return false
}

// name stores a name. Ids have gaps where records have been lost.
func (d *decoder) name(id uint64, text []byte) {
	for uint64(len(d.names)) <= id {
		d.names = append(d.names, name{})
	}
	if cap(d.arena)-len(d.arena) < len(text) {
		d.arena = make([]byte, 0, max(1<<16, len(text)))
	}
	at := len(d.arena)
	d.arena = append(d.arena, text...)
	d.names[id] = name{text: d.arena[at:len(d.arena):len(d.arena)], known: true}
	d.stats.Names++
}

// hand passes one point to f.
func (d *decoder) hand(id, t uint32, v float64) {
	if uint64(id) >= uint64(len(d.names)) || !d.names[id].known {
		d.stats.Orphans++
		return
	}
	n := &d.names[id]
	p := &d.point
	p.Name, p.Memo, p.Time, p.Value = n.text, &n.memo, t, v
	d.stats.Points++
	d.f(p)
}
