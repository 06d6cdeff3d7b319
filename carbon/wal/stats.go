package wal

import (
	"sync/atomic"
	"time"
)

// Stats are a log's state and its counters since Open.
type Stats struct {
	Segments    int   // files, old and new
	Size        int64 // bytes they have
	Points      int64 // appended
	Bytes       int64 // appended
	WriteErrors int64 // batches that failed
	Unsynced    int64 // bytes not known to be durable yet
	Syncs       int64 // successful ones
	SyncErrors  int64
	SyncTime    time.Duration // spent in all syncs
	SyncMax     time.Duration // the longest one
	Unsure      int64         // bytes that a failed sync left in doubt and that could not be written to a new segment
	Damaged     int64         // segments
	Failing     bool          // syncs fail: a power cut would lose what was received since
}

type counters struct {
	points, bytes, writeErrors, syncs, syncErrors, syncNanos, syncMax, unsure, damaged atomic.Int64
	failing                                                                            atomic.Bool
}

// synced counts a sync. The caller must hold l.syncing.
func (c *counters) synced(d time.Duration, err error) {
	if err != nil {
		c.syncErrors.Add(1)
	} else {
		c.syncs.Add(1)
	}
	c.syncNanos.Add(int64(d))
	c.syncMax.Store(max(c.syncMax.Load(), int64(d)))
}

// Stats returns the counters.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	written := l.written
	l.mu.Unlock()
	c := &l.stats
	s := Stats{
		Points: c.points.Load(), Bytes: c.bytes.Load(), WriteErrors: c.writeErrors.Load(), Unsynced: written - l.durable.Load(),
		Syncs: c.syncs.Load(), SyncErrors: c.syncErrors.Load(), SyncTime: time.Duration(c.syncNanos.Load()), SyncMax: time.Duration(c.syncMax.Load()),
		Unsure: c.unsure.Load(), Damaged: c.damaged.Load(), Failing: c.failing.Load(),
	}
	list := *l.table.Load()
	s.Segments = len(list)
	for _, g := range list {
		s.Size += g.size.Load()
	}
	return s
}
