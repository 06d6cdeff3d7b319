package cache

import (
	"cmp"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"graphited/whisper"
)

const shardCount = 256 // a power of two, and what 8 bits can tell apart

// Cache holds the points that have been received and are not in a file yet. It is safe for
// concurrent use. A point stays readable until the writer has confirmed it: first pending, then
// taken, then gone.
type Cache struct {
	seed   maphash.Seed
	shards [shardCount]shard
	maker  maker
	points atomic.Int64 // pending and taken
	known  atomic.Int64 // series

	log              Segments          // nil: none
	relearn          func(name string) // is told of a series that the index has forgotten and that has points again; nil: nobody forgets any
	limit, low, hard int64             // points: pause, resume, drop
	flow             flowControl
	full             chan struct{} // gets a message when the limit is reached
}

// Segments counts, for the write-ahead log, who still needs a segment of it: each series with
// points that are not in its file yet, once or twice.
type Segments interface {
	Retain(seg uint64)
	Release(seg uint64)
}

type shard struct {
	mu     sync.Mutex
	series map[string]*Series
	dirty  []*Series // have pending points and wait for the writer
}

// Options are the limits of a cache.
type Options struct {
	Limit       float64 // MAX_CACHE_SIZE: points
	FlowControl bool    // USE_FLOW_CONTROL
}

// New returns an empty cache for at most o.Limit points. With flow control intake
// pauses at the limit, resumes at 95 % of it, and 105 % is where points are dropped, as in carbon;
// without, the limit drops. log and relearn may be nil.
func New(o Options, log Segments, relearn func(name string)) *Cache {
	c := &Cache{log: log, relearn: relearn, seed: maphash.MakeSeed(), limit: math.MaxInt64, low: math.MaxInt64, hard: math.MaxInt64, full: make(chan struct{}, 1)}
	if o.Limit < math.MaxInt64/2 {
		c.limit = int64(math.Ceil(o.Limit))
		c.low, c.hard = max(1, int64(o.Limit*0.95)), c.limit // an empty cache is below low, whatever the limit
		if o.FlowControl {
			c.hard = max(c.limit, int64(o.Limit*1.05))
		}
	}
	for i := range c.shards {
		c.shards[i].series = map[string]*Series{}
	}
	return c
}

// shard returns which shard a name belongs to.
func (c *Cache) shard(name []byte) int { return int(maphash.Bytes(c.seed, name) & (shardCount - 1)) }

// Lookup returns the series of a canonical name, or nil.
func (c *Cache) Lookup(name []byte) *Series {
	sh := &c.shards[c.shard(name)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if s := sh.series[string(name)]; s != nil && !s.dead.Load() {
		return s
	}
	return nil
}

// Create returns the series of a canonical name; made is true when it was not there before.
func (c *Cache) Create(name []byte) (s *Series, made bool) {
	home := c.shard(name)
	sh := &c.shards[home]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if s = sh.series[string(name)]; s != nil && !s.dead.Load() {
		return s, false
	}
	s = c.maker.make(name)
	s.home = uint8(home)
	sh.series[s.Name] = s
	c.known.Add(1)
	return s, true
}

// Alias lets lookup find a series under another spelling of its name as well.
func (c *Cache) Alias(name []byte, s *Series) {
	sh := &c.shards[c.shard(name)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.series[string(name)] = s
}

// Append adds one point, which was received at a time in ticks and is in a segment of the log, to a
// series. The caller adds it to the cache's size with grow. It returns false, and does nothing,
// when the series has been removed.
func (c *Cache) Append(s *Series, t uint32, v float64, now uint32, seg uint64) bool {
	s.mu.Lock()
	if s.dead.Load() {
		s.mu.Unlock()
		return false
	}
	b, lost := s.tail, false
	if b == nil || b.n == blockPoints {
		first := b == nil
		b = s.openLocked()
		if b.since = now; first {
			s.unpinned = true
			lost, s.lost = s.lost, false
		}
	}
	if s.unpinned {
		c.pin(s, seg)
	}
	b.time[b.n], b.value[b.n] = t, v
	b.n++
	s.points++
	queue := !s.queued
	s.queued = true
	s.mu.Unlock()
	if queue {
		c.Enqueue(s)
	}
	if lost {
		c.relearn(s.Name)
	}
	return true
}

// pin takes a reference to the segment of the first pending point that is in the log at all: it
// keeps those that come after it, too. The caller holds s.mu.
func (c *Cache) pin(s *Series, seg uint64) {
	if seg == 0 {
		return // the log takes nothing now, or there is none
	}
	s.unpinned = false
	if b := s.pendingLocked(); b.seg == 0 {
		b.seg = uint32(seg)
		c.log.Retain(seg)
	}
}

// Enqueue puts a series on the list for the next round. Its queued flag is set already.
func (c *Cache) Enqueue(s *Series) {
	sh := &c.shards[s.home]
	sh.mu.Lock()
	sh.dirty = append(sh.dirty, s)
	sh.mu.Unlock()
}

// Grow tells that n points were added, or with a negative n that so many are gone.
func (c *Cache) Grow(n int) {
	size := c.points.Add(int64(n))
	if c.limit == math.MaxInt64 {
		return
	}
	if n > 0 && size >= c.limit {
		c.flow.pause()
		c.Wake()
		size = c.points.Load() // the writer may have made room meanwhile, and nobody else would end the pause
	}
	if size < c.low {
		c.flow.resume()
	}
}

// Pending returns the points of a metric that may not be in its file yet, in the order of their
// arrival: of equal timestamps the last one counts. The slice is the caller's.
func (c *Cache) Pending(name string) []whisper.Point {
	s := c.Lookup([]byte(name))
	if s == nil {
		return nil
	}
	return s.Unwritten()
}

// Waiting says whether a metric has points that are not in its file yet.
func (c *Cache) Waiting(name string) bool {
	s := c.Lookup([]byte(name))
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.points > 0
}

// Forget calls f, which takes a series out of the index, unless the series has points that are not
// in its file yet: then it does nothing and returns false. While f runs the series is neither made
// nor gets points, and its first point afterwards makes it known again. So whatever has points is
// in the index.
func (c *Cache) Forget(name string, f func()) bool {
	sh := &c.shards[c.shard([]byte(name))]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if s := sh.series[name]; s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.points > 0 {
			return false
		}
		s.lost = c.relearn != nil
	}
	f()
	return true
}

// clockSlack is how much newer than now a point may be that came while a round began. One still
// newer is of before the clock was put back.
const clockSlack = time.Minute

// Round takes the list of all series that have points to write, in the order of the strategy. Those
// that are not ready stay for the next round.
func (c *Cache) Round(strategy string, ready func(*Series) bool) []*Series {
	return c.Settled(strategy, 0, 0, ready)
}

// Settled is round without the series whose first point was received within settle before now, so
// that more points for the same update can come.
func (c *Cache) Settled(strategy string, now uint32, settle time.Duration, ready func(*Series) bool) []*Series {
	var all []*Series
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.Lock()
		waiting := sh.dirty[:0]
		for k, s := range sh.dirty {
			if w := s.waited(now); settle > 0 && w < settle && w > -clockSlack {
				waiting = append(waiting, sh.dirty[k:]...) // they came later still, or have been tried before
				break
			}
			if ready(s) {
				all = append(all, s)
			} else {
				waiting = append(waiting, s)
			}
		}
		clear(sh.dirty[len(waiting):])
		sh.dirty = waiting
		if len(waiting) == 0 && cap(waiting) > 64 {
			sh.dirty = nil
		}
		sh.mu.Unlock()
	}
	return order(all, strategy)
}

// waited returns how long the first pending point of a series has been waiting.
func (s *Series) waited(now uint32) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.pendingLocked(); b != nil {
		return Waited(b.since, now)
	}
	return 0
}

// ByLog is the order while the write-ahead log is too long: first the series that hold its oldest
// segments.
const ByLog = "log"

// order sorts a round as carbon's CACHE_WRITE_STRATEGY does. A round is a snapshot, so sorted, max
// and bucketmax are one: the series with most points first.
func order(all []*Series, strategy string) []*Series {
	if strategy == "naive" {
		return all
	}
	if strategy == "random" {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	type keyed struct {
		key int64
		s   *Series
	}
	keys := make([]keyed, len(all))
	for i, s := range all {
		s.mu.Lock()
		key := -int64(s.points)
		switch strategy {
		case "timesorted":
			key = s.oldestLocked()
		case ByLog:
			key = int64(s.head.seg)
		}
		s.mu.Unlock()
		keys[i] = keyed{key, s}
	}
	slices.SortStableFunc(keys, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i, k := range keys {
		all[i] = k.s
	}
	return all
}

// Take hands a series' pending points to the writer, appended to dst, and tells when the first of
// them was received. They stay readable until confirm, or become pending again by putBack.
func (c *Cache) Take(s *Series, dst []whisper.Point) (points []whisper.Point, since uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = false
	if s.tail == nil {
		return dst, 0
	}
	s.taken, s.tail = s.tail, nil
	return s.head.appendTo(dst, nil), s.head.since
}

// Confirm tells that the taken points are in the file, or given up.
func (c *Cache) Confirm(s *Series) {
	s.mu.Lock()
	n := 0
	for last := s.taken; last != nil; {
		if s.head == last {
			s.taken, last = nil, nil
		}
		n += int(s.head.n)
		s.head = c.free(s.head)
	}
	s.points -= uint32(n)
	s.mu.Unlock()
	c.Grow(-n)
}

// Written is confirm after an update at a time in Unix seconds.
func (c *Cache) Written(s *Series, now int64) {
	s.mu.Lock()
	s.written = uint32(now)
	s.mu.Unlock()
	c.Confirm(s)
}

// free gives a block back and returns the one after it.
func (c *Cache) free(b *block) (next *block) {
	next = b.next
	c.release(b)
	b.next, b.n = nil, 0
	blockPool.Put(b)
	return next
}

// release tells the log that a block, which is the first of the taken or of the pending ones, does
// not need its segment any more.
func (c *Cache) release(b *block) {
	if b != nil && b.seg != 0 {
		c.log.Release(uint64(b.seg))
		b.seg = 0
	}
}

// PutBack makes the taken points of a failed update pending again, before those that came since.
func (c *Cache) PutBack(s *Series) {
	s.mu.Lock()
	if s.taken != nil && s.tail == nil {
		s.tail = s.taken
	} else if s.taken != nil && s.head.seg != 0 {
		c.release(s.taken.next) // what was taken is older, and its segment keeps all that are newer
	}
	s.taken = nil
	queue := !s.queued && s.points > 0
	s.queued = s.queued || queue
	s.mu.Unlock()
	if queue {
		c.Enqueue(s)
	}
}

// Size returns how many points wait to be written.
func (c *Cache) Size() int64 { return c.points.Load() }

// Known returns how many series the cache remembers, with or without points.
func (c *Cache) Known() int64 { return c.known.Load() }

// Wait blocks while receivers are to pause, until done is closed.
func (c *Cache) Wait(done <-chan struct{}) { c.flow.wait(done) }

// Pauses returns how often receivers were paused.
func (c *Cache) Pauses() int64 { return c.flow.pauses.Load() }

// Room returns how many of n points may be added before points are dropped; less than 0 when the
// cache has too many already.
func (c *Cache) Room(n int) int { return int(min(int64(n), c.hard-c.Size())) }

// Share returns a part of the cache's limit, in points.
func (c *Cache) Share(part int64) int64 { return c.limit / part }

// Crowded reports whether receivers pause, or would if there were any.
func (c *Cache) Crowded() bool { return c.Size() >= c.low }

// Wake lets the writer begin its next round at once.
func (c *Cache) Wake() {
	select {
	case c.full <- struct{}{}:
	default:
	}
}

// Woken returns a channel that gets a message when the limit is reached, or at wake.
func (c *Cache) Woken() <-chan struct{} { return c.full }

// flowControl pauses the TCP receivers while the cache is full.
type flowControl struct {
	mu     sync.Mutex
	paused chan struct{} // closed when the pause ends; nil: there is none
	pauses atomic.Int64
}

func (f *flowControl) pause() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused == nil {
		f.paused = make(chan struct{})
		f.pauses.Add(1)
	}
}

func (f *flowControl) resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused != nil {
		close(f.paused)
		f.paused = nil
	}
}

// wait blocks during a pause, until done is closed.
func (f *flowControl) wait(done <-chan struct{}) {
	f.mu.Lock()
	paused := f.paused
	f.mu.Unlock()
	if paused == nil {
		return
	}
	select {
	case <-paused:
	case <-done:
	}
}
