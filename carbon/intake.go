package carbon

import (
	"time"

	"graphited/carbon/index"
)

// source is one connection as the intake sees it. All its batches go to the same intake goroutine, so its points stay in order and last needs no lock.
type source struct {
	addr     string
	in       chan<- *Batch
	pausable bool    // it waits while the cache is full; what cannot, UDP, has an intake goroutine of its own
	last     *series // the series of the newest point: a sender repeats its metrics in the same order
}

// intake takes batches from its channel into the cache: one goroutine of several.
type intake struct {
	cache   *Cache
	names   *index.Tree
	tags    *index.Tags
	tagged  *tagLog
	stats   *Stats
	logs    *logs
	clock   func() time.Time
	floor   int64           // MIN_TIMESTAMP_RESOLUTION
	hash    bool            // TAG_HASH_FILENAMES
	done    <-chan struct{} // closed at the end: then nothing waits any more
	batches chan *Batch
}

// run works until the channel is closed and empty.
func (in *intake) run() {
	for b := range in.batches {
		in.add(b)
		b.release()
	}
}

// intakeStep is how many points are taken in between two looks at the cache's size.
const intakeStep = 128

// add takes one batch into the cache. Where the source can be paused it waits while the cache is full; otherwise points over the hard limit are dropped.
func (in *intake) add(b *Batch) {
	now := in.clock().Unix()
	added := 0
	for points := b.Points; len(points) > 0; {
		n := min(intakeStep, len(points))
		room := n
		if b.source != nil && b.source.pausable {
			in.cache.gate.wait(in.done)
		} else {
			room = int(min(int64(n), in.cache.hard-in.cache.Size()))
		}
		taken := 0
		for i := range points[:n] {
			if in.accept(b, &points[i], now, taken < room) {
				taken++
			}
		}
		in.cache.grow(taken)
		added += taken
		points = points[n:]
	}
	in.stats.Received.Add(int64(added))
	in.report(b)
}

// accept puts one point into its series, or refuses it.
func (in *intake) accept(b *Batch, p *Sample, now int64, room bool) bool {
	if p.Value != p.Value {
		b.Dropped[NotANumber]++
		return false
	}
	if p.Time == NowTime {
		p.Time = now
	}
	if in.floor > 1 {
		p.Time -= p.Time % in.floor
	}
	if p.Time < 0 || p.Time > maxTime {
		b.Reject(BadTimestamp, p.Name)
		return false
	}
	if !room {
		b.Reject(CacheFull, p.Name)
		return false
	}
	s := in.find(b.source, p.Name)
	if s == nil {
		b.Reject(BadName, p.Name)
		return false
	}
	in.cache.append(s, uint32(p.Time), p.Value)
	return true
}

// find returns the series of a received name, new if need be; nil when it is no name.
// The guess from the connection's order costs one comparison and is right almost always; after it come the map and, for a name never seen, validation.
func (in *intake) find(src *source, name []byte) *series {
	if src == nil {
		return in.slowFind(name)
	}
	last := src.last
	if last != nil {
		if s := last.next.Load(); s != nil && s.name == string(name) {
			src.last = s
			return s
		}
	}
	s := in.cache.lookup(name)
	if s == nil {
		if s = in.slowFind(name); s == nil {
			return nil
		}
	}
	if last != nil {
		last.next.Store(s)
	}
	src.last = s
	return s
}

func (in *intake) slowFind(name []byte) *series {
	canon, ok := canonical(name, in.hash)
	if !ok {
		return nil
	}
	s, made := in.cache.create(canon)
	if string(canon) != string(name) {
		in.cache.alias(name, s)
	}
	if made {
		in.names.Add(treeName(s.name, in.hash))
		if isTagged(s.name) && in.tags.Add(s.name) {
			if err := in.tagged.add(s.name); err != nil {
				in.logs.write.Error().Err(err).Str("metric", s.name).Msg("cannot keep the name of a tagged series; after the next start it is found when it is received again")
			}
		}
	}
	return s
}

// report counts and logs what the batch had to refuse.
func (in *intake) report(b *Batch) {
	for r, n := range b.Dropped {
		if n > 0 {
			in.stats.drop(Reason(r), n)
		}
	}
	for _, r := range b.Rejects {
		e := in.logs.reason[r.Reason].Warn().Stringer("reason", r.Reason).Bytes("input", r.Text)
		if b.source != nil {
			e = e.Str("from", b.source.addr)
		}
		e.Msg("refused")
	}
}
