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
