package cache

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"graphited/carbon/wal"
	"graphited/whisper"
)

// blockPoints is how many points a block holds: with them a block fills one 128-byte allocation.
const blockPoints = 9

// block is a piece of a series' points. Blocks instead of slices: nothing is copied while a series
// grows, and nothing is half empty.
type block struct {
	next  *block
	seg   uint32 // the segment of the write-ahead log that this block keeps for itself and those after it; 0: none
	since uint32 // when its first point was received, in ticks
	n     uint32
	time  [blockPoints]uint32
	value [blockPoints]float64
}

var blockPool = sync.Pool{New: func() any { return new(block) }}

// tick is the unit in which the cache notes when a point came, in 32 bits: the difference of two is
// right for a year.
const tick = 10 * time.Millisecond

// Ticks returns a time in ticks.
func Ticks(t time.Time) uint32 { return uint32(t.UnixMilli() / tick.Milliseconds()) }

// Waited returns how long it is from one time in ticks to another; less than 0 when the clock was
// put back meanwhile.
func Waited(since, now uint32) time.Duration { return time.Duration(int32(now-since)) * tick }

// appendTo appends the points of a block and of those after it, up to and with last, or all.
func (b *block) appendTo(dst []whisper.Point, last *block) []whisper.Point {
	for ; b != nil; b = b.next {
		for i := range b.n {
			dst = append(dst, whisper.Point{Time: int64(b.time[i]), Value: b.value[i]})
		}
		if b == last {
			break
		}
	}
	return dst
}

// Series is what the cache knows of one metric: its name, the points that are not in its file yet,
// and how the last update went. Nothing is kept of the file itself, which others may replace. A
// hundred thousand of them are in use in an ordinary house, so it takes 88 bytes, and what each
// point needs stands first.
type Series struct {
	Name string
	Next atomic.Pointer[Series] // what came after this series on its connection last time: the first guess for what comes next

	mu       sync.Mutex
	tail     *block      // of the pending points, received and not handed to the writer; nil: there are none
	Ref      wal.Ref     // the log's: which name it has in the current segment
	points   uint32      // that are not in the file yet, from head on
	dead     atomic.Bool // has been removed: who still points to it asks the cache again. Set under mu
	queued   bool        // is in its shard's dirty list
	home     uint8       // its shard
	unpinned bool        // none of the pending points has a reference to a segment of the log

	written uint32 // Unix seconds of the last update of the file; 0: none since the start
	RetryAt uint32 // Unix seconds before which a failed series is left alone
	Fails   uint8  // updates that failed in a row
	Absent  bool   // there is no file, and none could be created
	lost    bool   // the index has forgotten the series; its next point makes it known again. Guarded by mu
	Renew   bool   // the system may have given up what was written when the file was created. The next update makes up for it
	reach   uint8  // the file, or the one that there will be, reaches at least 1<<reach seconds back; 0: nobody has asked. Guarded by mu
	head    *block // of all points that are not in the file yet: first those that the writer has, then the pending ones
	taken   *block // the last one that the writer has; nil: it has none
}

// Reaches notes how far back a file reaches, as the power of two below it.
func (s *Series) Reaches(spec whisper.Spec) int64 {
	n := spec.Archives[len(spec.Archives)-1].Retention()
	s.mu.Lock()
	s.reach = uint8(bits.Len64(uint64(n)) - 1)
	s.mu.Unlock()
	return n
}

// Keeps reports whether it is known, without a look at the file, that it keeps points of an age.
func (s *Series) Keeps(age int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reach > 0 && age <= 1<<s.reach
}

// Lose notes that the index does not know a series; its next point makes it known.
func (s *Series) Lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = true
}

// Oldest returns the oldest pending timestamp.
func (s *Series) Oldest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oldestLocked()
}

// LastWrite returns when the file was last written, in Unix seconds; 0: not since the start.
func (s *Series) LastWrite() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.written)
}

// Removed reports whether a series has been removed: the name may have another one now.
func (s *Series) Removed() bool { return s.dead.Load() }

// pendingLocked returns the first block of the pending points, nil when there are none. The caller
// holds s.mu.
func (s *Series) pendingLocked() *block {
	switch {
	case s.tail == nil:
		return nil
	case s.taken != nil:
		return s.taken.next
	}
	return s.head
}

// openLocked appends an empty block to the pending points. The caller holds s.mu.
func (s *Series) openLocked() *block {
	b := blockPool.Get().(*block)
	switch {
	case s.tail != nil:
		s.tail.next = b
	case s.taken != nil:
		s.taken.next = b
	default:
		s.head = b
	}
	s.tail = b
	return b
}

// Unwritten returns all points that may not be in the file yet, in the order of their arrival.
func (s *Series) Unwritten() []whisper.Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.points == 0 {
		return nil
	}
	return s.head.appendTo(make([]whisper.Point, 0, s.points), nil)
}

// makerBytes is how much memory a maker asks for at once: series, and names.
const makerBytes = 4 << 10

// maker makes series and their names from larger pieces of memory, next to each other in the order
// of their first points, in which the next ones come, too. Most series stay to the end: made one by
// one among what is short-lived they would keep memory from being given back. A piece goes when all
// of its series are removed.
type maker struct {
	mu     sync.Mutex
	series []Series
	names  strings.Builder
}

// make returns a new series of a name.
func (m *maker) make(name []byte) *Series {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.series) == 0 {
		m.series = make([]Series, makerBytes/int(unsafe.Sizeof(Series{})))
	}
	s := &m.series[0]
	m.series = m.series[1:]
	if m.names.Cap()-m.names.Len() < len(name) {
		m.names.Reset()
		m.names.Grow(max(makerBytes, len(name)))
	}
	start := m.names.Len()
	m.names.Write(name)
	s.Name = m.names.String()[start:]
	return s
}

// oldestLocked returns the oldest pending timestamp. The caller holds s.mu.
func (s *Series) oldestLocked() int64 {
	oldest := int64(math.MaxInt64)
	for b := s.pendingLocked(); b != nil; b = b.next {
		oldest = min(oldest, int64(slices.Min(b.time[:b.n])))
	}
	return oldest
}
