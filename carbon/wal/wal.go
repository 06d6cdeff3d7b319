package wal

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"graphited/whisper/vfs"
)

// Policy says when appended points become durable.
type Policy uint8

const (
	Never    Policy = iota // whenever the system writes them back, within half a minute on Linux
	Interval               // every SyncInterval, in the background
	Always                 // before Append returns; concurrent calls share a sync
)

// Options are a log's settings.
type Options struct {
	// Dir is the folder of the segments. Open creates it if it does not exist, and locks it.
	Dir string
	// Sync says when appended points become durable.
	Sync Policy
	// SyncInterval is the time between syncs with the policy Interval. 0 means a second.
	SyncInterval time.Duration
	// SegmentSize is the size in bytes at which a segment is ended. The batch that reaches it is
	// written whole. 0 means 64 MiB.
	SegmentSize int64
	// SegmentAge is the age at which a segment is ended, so that a slow log can be pruned too. It
	// is measured by the clock that Append is given. 0 means no limit.
	SegmentAge time.Duration
	// Strict makes Open and Replay fail at the first damaged segment, unless a crash has only torn
	// its end. Otherwise damage is reported and counted, and the file is set aside.
	Strict bool
	// Tell receives what an operator must know: damage, failing syncs and the end of them. err is
	// the cause, or nil. Tell must not call the log. It may be nil.
	Tell func(message string, err error)
}

// Errors of Open and Append.
var (
	// ErrLocked says that another process has locked the folder.
	ErrLocked = vfs.ErrLocked
	// ErrNotDurable says, with the policy Always, that the batch is in the log but a power cut may
	// lose it.
	ErrNotDurable = errors.New("written but not durable")
)

// segment is one file, old or new, as seen by its references.
type segment struct {
	seq     uint64
	refs    atomic.Int64
	size    atomic.Int64
	damaged atomic.Bool // rename the file instead of removing it
}

// tail is a segment that is being written or is not fully synced yet.
type tail struct {
	*segment
	file   vfs.File
	header []byte // not written yet
	seed   uint32
	ids    uint32 // names logged
	off    int64  // where the next record goes
	born   int64  // now of the first batch

	synced     int64 // bytes known to be durable
	named      bool  // the file's name is durable
	pending    []byte
	pendingOff int64 // where pending begins in the file; pending ends at off
}

// Log is a write-ahead log.
type Log struct {
	fsys  vfs.FS
	o     Options
	place *vfs.Place // the folder that the log was opened in
	back  int64      // how often it had come back when the current segment began; guarded by mu

	table  atomic.Pointer[[]*segment] // all segments in order; copied for each change
	newest int64
	kick   chan struct{} // much is unsynced

	syncing sync.Mutex // held during a sync, and locked before mu; closing a file needs both, or no other user

	mu       sync.Mutex
	closed   bool
	old      []*segment // not replayed yet
	cur      *tail      // nil if the next batch begins a segment
	unsynced []*tail    // in order; the last one may be cur
	next     uint64     // the next segment's number
	now      int64      // now of the last batch
	buf      []byte
	spare    []byte // reused for a tail's pending
	written  int64  // bytes of batches since Open
	failed   error  // why syncs fail, or nil
	retryAt  time.Time
	wait     time.Duration
	unread   int   // failures to read back what a failed sync left in doubt
	doubt    int64 // points before this position in written may be lost; syncing guards it, too

	durable atomic.Int64 // like written: bytes known to be durable
	keeping atomic.Bool  // Keep(true): no segment is removed
	stats   counters
}

// Check checks whether the folder is where it was. If not, the error wraps vfs.ErrAway. Then no
// segment is begun or removed. The open segment continues, because it is where the others are, and
// the first batch after the folder's return begins a new one. Check makes two system calls.
func (l *Log) Check() error { return l.place.Check() }

// Away returns the result of the last check of the folder. It makes no system call.
func (l *Log) Away() error { return l.place.Away() }

func (l *Log) path(base string) string { return filepath.Join(l.o.Dir, base) }

func (s *segment) name() string { return segmentName(s.seq) }

// Newest returns when the newest point in the old segments was received, in Unix seconds: the
// clock's time shortly before the last end. It returns 0 if there is no point.
func (l *Log) Newest() int64 { return l.newest }

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
