package carbon

import (
	"sync"
	"sync/atomic"

	"graphited/carbon/wal"
	"graphited/whisper"
)

// blockPoints is how many points a block holds: with them a block fills one 128-byte allocation.
const blockPoints = 9

// block is a piece of a series' pending points. Blocks instead of slices: nothing is copied while a series grows, and nothing is half empty.
type block struct {
	next  *block
	n     uint32
	time  [blockPoints]uint32
	value [blockPoints]float64
}

var blockPool = sync.Pool{New: func() any { return new(block) }}

// chain is a list of blocks, oldest first.
type chain struct {
	head, tail *block
	points     int
	seg        uint64 // the oldest segment of the write-ahead log that has points of this chain; 0: none of them is logged
}

func (c *chain) add(t uint32, v float64) {
	b := c.tail
	if b == nil || b.n == blockPoints {
		b = blockPool.Get().(*block)
		if c.tail == nil {
			c.head = b
		} else {
			c.tail.next = b
		}
		c.tail = b
	}
	b.time[b.n], b.value[b.n] = t, v
	b.n++
	c.points++
}

// appendTo appends the points in the order of their arrival.
func (c *chain) appendTo(dst []whisper.Point) []whisper.Point {
	for b := c.head; b != nil; b = b.next {
		for i := range b.n {
			dst = append(dst, whisper.Point{Time: int64(b.time[i]), Value: b.value[i]})
		}
	}
	return dst
}

// release gives the blocks back and leaves the chain empty.
func (c *chain) release() {
	for b := c.head; b != nil; {
		next := b.next
		b.next, b.n = nil, 0
		blockPool.Put(b)
		b = next
	}
	*c = chain{}
}

// join puts the points of first before those of c.
func (c *chain) join(first chain) {
	if first.head == nil {
		return
	}
	first.tail.next = c.head
	if c.tail == nil {
		c.tail = first.tail
	}
	c.head = first.head
	c.points += first.points
}

// series is what the cache knows of one metric: its name, the points that are not in its file yet, and what the writer keeps of the file.
type series struct {
	name string
	home *shard
	next atomic.Pointer[series] // what came after this series on its connection last time: the first guess for what comes next

	mu      sync.Mutex
	pending chain       // received
	taken   chain       // handed to the writer, not confirmed yet
	queued  bool        // is in its shard's dirty list
	dead    atomic.Bool // has been removed: whoever still points to it is to ask the cache again. Set under mu

	ref  wal.Ref   // the log's: which name it has in the current segment
	file fileState // the writer's: only the worker that has taken the series uses it
}

// fileState is what the writer remembers of a series' file between two updates.
type fileState struct {
	memo    *whisper.Memo
	retryAt int64 // Unix seconds before which a failed series is left alone
	fails   uint8
	absent  bool // there is no file, and none could be created
}

// points returns all points that may not be in the file yet, in the order of their arrival.
func (s *series) points() []whisper.Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.taken.points + s.pending.points
	if n == 0 {
		return nil
	}
	return s.pending.appendTo(s.taken.appendTo(make([]whisper.Point, 0, n)))
}
