package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"graphited/whisper/vfs"
)

// Policy says when what was appended is made durable.
type Policy uint8

const (
	Never    Policy = iota // when the system does it, within half a minute on Linux
	Interval               // every SyncInterval, beside the appending
	Always                 // before Append returns; those who append at the same time share a sync
)

// Options are a log's settings.
type Options struct {
	// Dir is the folder of the segments. It is made when it does not exist, and locked.
	Dir string
	// Sync says when what was appended is made durable.
	Sync Policy
	// SyncInterval is how far syncs are apart with the policy Interval. 0: a second.
	SyncInterval time.Duration
	// SegmentSize is the size in bytes at which a segment is ended; the batch that reaches it goes in whole. 0: 64 MiB.
	SegmentSize int64
	// SegmentAge is the time after which a segment is ended, so that a slow log can be pruned, too, by the clock that Append is given. 0: no limit.
	SegmentAge time.Duration
	// Strict makes Open and Replay fail at the first segment that is damaged, a tail that a crash has torn excepted. Otherwise damage is told, counted and kept aside.
	Strict bool
	// Tell gets what an operator must know: damage, failures to sync and the end of them, with the error that is at the root or nil. It must not call the log. nil: nobody is told.
	Tell func(message string, err error)
}

const (
	defaultInterval = time.Second
	defaultSegment  = 64 << 20
)

// Errors of Open and Append.
var (
	// ErrLocked tells that another process has the folder.
	ErrLocked = vfs.ErrLocked
	// ErrNotDurable tells, with the policy Always, that the batch is in the log but a power cut may lose it.
	ErrNotDurable = errors.New("written but not durable")
)

// Ref is under which number and where a series' name was last logged. The zero value is ready. It belongs to its series, and only Append looks at it.
type Ref struct{ seg, id uint32 }

// Entry is one point of a batch.
type Entry struct {
	Ref   *Ref   // the series' own
	Name  string // of at most 256 KiB; read only when the segment does not know it yet
	Time  uint32
	Value float64
}

// segment is one file, old or new, as far as those who need it are concerned.
type segment struct {
	seq     uint64
	refs    atomic.Int64
	size    atomic.Int64
	damaged atomic.Bool // keep it aside instead of removing it
}

// tail is a segment that is being written, or was and is not synced yet.
type tail struct {
	*segment
	file   vfs.File
	header []byte // that is not written yet
	seed   uint32
	ids    uint32 // names logged
	off    int64  // where the next record goes
	born   int64  // now of the first batch

	synced  int64 // bytes known durable
	named   bool  // the file's name is durable
	kept    []byte
	keptOff int64 // where in the file kept begins: it ends at off
}

// Log is a write-ahead log.
type Log struct {
	fsys  vfs.FS
	o     Options
	place *vfs.Place // the folder, as it was when the log was opened
	back  int64      // how often it had come back when the current segment was begun; mu guards it

	table  atomic.Pointer[[]*segment] // all segments in order; copied when it changes
	newest int64
	kick   chan struct{} // much is not synced

	syncing sync.Mutex // held while a sync is under way, and before mu: who closes files has both or is alone

	mu       sync.Mutex
	closed   bool
	old      []*segment // to be replayed
	cur      *tail      // nil: the next batch begins a segment
	unsynced []*tail    // in order; the last one may be cur
	next     uint64     // the next segment's number
	now      int64      // of the last batch
	buf      []byte
	spare    []byte // for a tail's kept
	written  int64  // bytes of batches since Open
	failed   error  // syncs fail
	retryAt  time.Time
	wait     time.Duration
	unread   int   // failures because of what could not be read back
	doubt    int64 // the first bytes of written up to which some may be lost; syncing guards it, too

	durable atomic.Int64 // as written, known durable
	kept    atomic.Bool  // no segment is removed
	stats   counters
}

// Open opens the log in a folder. It looks at the segments that are there and leaves them as they are, but for those whose header is damaged: they are kept
// aside as *.corrupt. The first batch begins a new segment. The error wraps ErrLocked when another process has the folder.
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

// takeFolder makes and locks the folder.
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

// Check looks whether the folder is where it was. The error wraps vfs.ErrAway when it is not: then no segment is begun or removed, the one that is open goes on,
// since it lies where the others do, and the first batch after the folder has come back begins a new one. It costs two calls of the system.
func (l *Log) Check() error { return l.place.Check() }

// Away returns what the last look at the folder has found. It costs nothing.
func (l *Log) Away() error { return l.place.Away() }

func (l *Log) path(base string) string { return filepath.Join(l.o.Dir, base) }

func (s *segment) name() string { return segmentName(s.seq) }

// Newest returns when the newest point in the old segments was received, in Unix seconds: what the clock said before the end. 0: there is none.
func (l *Log) Newest() int64 { return l.newest }

// Close syncs what was appended, unless the policy is Never, and gives the folder up. Everything that was appended and not pruned is there for the next Open.
// clean says that all points are in their files and those are durable: then the segments are removed that nobody has a reference to.
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
