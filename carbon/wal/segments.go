package wal

import (
	"cmp"
	"fmt"
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

// Keep stops all removal of segments, or with false allows it again. While writes to whisper
// files are in doubt, all of them must be repeated, after Reread or by the next process.
func (l *Log) Keep(on bool) { l.keeping.Store(on) }

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
