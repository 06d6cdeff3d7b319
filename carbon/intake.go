package carbon

import (
	"errors"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/carbon/tally"
	"graphited/carbon/wal"
	"graphited/carbon/wire"
)

// maxTime is the last timestamp that a whisper file can hold.
const maxTime = 1<<32 - 1

// connection is what the intake remembers of a source. All batches of a source go to the same
// intake goroutine, so nothing here needs a lock.
type connection struct {
	*wire.Source
	last *cache.Series // the series of the newest point: a sender repeats its metrics in the same order

	sender   *sender    // counts the series that came from here; nil if none was new yet
	by       *decisions // lastName is one of them
	lastName *outcome   // of the newest point, while there are rules for names
}

// connectionOf returns what the intake remembers of the source of a batch; nil for the daemon's own
// points, which have none.
func connectionOf(b *wire.Batch) *connection {
	if b.Source == nil {
		return nil
	}
	c, ok := b.Source.Memory.(*connection)
	if !ok {
		c = &connection{Source: b.Source}
		b.Source.Memory = c
	}
	return c
}

// intake takes batches from its channel into the cache: one goroutine of several.
type intake struct {
	cache   *cache.Cache
	known   catalog
	stats   *tally.Stats
	logs    *tally.Logs
	clock   func() time.Time
	floor   int64 // MIN_TIMESTAMP_RESOLUTION
	ahead   int64 // FUTURE_LIMIT
	rules   *namesInForce
	quotas  *quotas         // nil: there are none
	senders *senders        // nil: they are not counted
	done    <-chan struct{} // closed at the end: then nothing waits any more

	log     *journal        // nil: none
	found   []*cache.Series // of the points that have been accepted and are not in the cache yet
	entries []wal.Entry     // those points

	keeps   func(s *cache.Series, age int64) bool // whether the file of a series keeps points so old: others are refused here; nil: the writer finds that out
	refused func(i int, r wire.Reason)            // is told about each point of a batch, by its index, that is not taken in; may be nil
}

// intakeDeps is what an intake needs from outside.
type intakeDeps struct {
	Cache   *cache.Cache
	Known   catalog
	Journal *journal      // nil: there is no log
	Rules   *namesInForce // for received names
	Limits  *quotas       // nil: there are none
	Senders *senders      // nil: they are not counted
	Clock   func() time.Time
	Done    <-chan struct{} // closed at the end: then nothing waits any more
	Stats   *tally.Stats
	Logs    *tally.Logs
}

func newIntake(o conf.Options, deps intakeDeps) *intake {
	return &intake{
		cache: deps.Cache, known: deps.Known, log: deps.Journal, rules: deps.Rules, quotas: deps.Limits, senders: deps.Senders, clock: deps.Clock,
		done: deps.Done, stats: deps.Stats, logs: deps.Logs, floor: o.TimeResolution, ahead: int64(o.FutureLimit / time.Second),
	}
}

// run takes batches in until the channel is closed and empty.
func (in *intake) run(batches <-chan *wire.Batch) {
	for b := range batches {
		in.add(b)
		b.Release()
	}
}

// intakeStep is how many points at least are taken in between two looks at the cache's size, each
// with one write to the log; intakeLeap is how many where that makes no difference to its limit.
const (
	intakeStep = 128
	intakeLeap = 512
)

// step returns how many points are taken in at once: with all intake goroutines together some
// hundredths of the cache's limit at most, unless that is very small.
func (in *intake) step() int { return int(min(intakeLeap, max(intakeStep, in.cache.Share(200)))) }

// add takes one batch into the cache. Where the source can be paused it waits while the cache is
// full; otherwise points over the hard limit are dropped. The error tells of points that are in the
// cache and could not be logged as WAL_SYNC asks for.
func (in *intake) add(b *wire.Batch) (unlogged error) {
	clock, by := in.clock(), in.rules.current()
	now := clock.Unix()
	from, added, seen, step := connectionOf(b), 0, 0, in.step()
	for points := b.Points; len(points) > 0; {
		n := min(step, len(points))
		room := n
		if from != nil && from.Pausable {
			in.cache.Wait(in.done)
		} else {
			room = in.cache.Room(n)
		}
		in.found, in.entries = in.found[:0], in.entries[:0]
		for i := range points[:n] {
			p := &points[i]
			r, ok := in.check(p, now)
			if ok && len(in.found) >= room {
				r, ok = wire.CacheFull, false
			}
			if ok {
				r, ok = in.accept(by, from, p, now)
			}
			if !ok {
				in.refuse(b, seen+i, r)
			}
		}
		added, seen = added+len(in.found), seen+n
		if err := in.store(clock); err != nil {
			unlogged = err
		}
		points = points[n:]
	}
	receiver := wire.ByOwn
	if from != nil {
		receiver = from.Receiver
	}
	in.stats.Take(receiver, added)
	in.report(b)
	return unlogged
}

// store logs the points that were accepted, then puts them into their series.
func (in *intake) store(now time.Time) (unlogged error) {
	seg := uint64(0)
	if in.log != nil {
		seg, unlogged = in.log.append(now.Unix(), in.entries)
		defer in.log.log.Release(seg)
	}
	again, tick := 0, cache.Ticks(now)
	for i, s := range in.found {
		if e := in.entries[i]; !in.cache.Append(s, e.Time, e.Value, tick, seg) {
			s = in.create([]byte(s.Name))
			e.Ref = &s.Ref
			in.found[again], in.entries[again] = s, e
			again++
		}
	}
	in.cache.Grow(len(in.found) - again)
	if again > 0 {
		// Their series were removed while they were on their way. In the log they stand before
		// that, so they go there again.
		in.found, in.entries = in.found[:again], in.entries[:again]
		return errors.Join(unlogged, in.store(now))
	}
	return unlogged
}

// check completes a point's time and says whether the point itself can be taken.
func (in *intake) check(p *wire.Sample, now int64) (wire.Reason, bool) {
	if p.Value != p.Value {
		return wire.NotANumber, false
	}
	if p.Time == wire.NowTime {
		p.Time = now
	}
	if in.floor > 1 {
		p.Time -= p.Time % in.floor
	}
	if p.Time < 0 || p.Time > maxTime {
		return wire.BadTimestamp, false
	}
	if in.ahead > 0 && p.Time > now+in.ahead {
		return wire.InFuture, false
	}
	return 0, true
}

// accept finds a point's series, or refuses its name. The rules for names do not concern points of
// our own, which have no source.
func (in *intake) accept(by *decisions, src *connection, p *wire.Sample, now int64) (wire.Reason, bool) {
	var s *cache.Series
	var why wire.Reason
	if by != nil && src != nil {
		o := in.decided(by, src, p.Name)
		s, why = o.series, o.reason
	} else {
		s, why = in.find(src, p.Name)
	}
	if s == nil {
		return why, false
	}
	if in.keeps != nil && !in.keeps(s, now-p.Time) {
		return wire.TooOld, false
	}
	in.found = append(in.found, s)
	in.entries = append(in.entries, wal.Entry{Ref: &s.Ref, Name: s.Name, Time: uint32(p.Time), Value: p.Value})
	return 0, true
}

// refuse counts a point that is not taken in. What the rules for names refuse, and carbon's NaN, is
// refused as asked for: that is not worth a log line.
func (in *intake) refuse(b *wire.Batch, i int, r wire.Reason) {
	if r == wire.NotANumber || r == wire.Blacklisted || r == wire.NotWhitelisted {
		if b.Dropped[r]++; b.Dropped[r] == 1 {
			in.stats.Note(r, b.Points[i].Name, b.From())
		}
	} else {
		b.Reject(r, b.Points[i].Name)
	}
	if in.refused != nil {
		in.refused(i, r)
	}
}

// find returns the series of a received name, new if need be; nil, and why, when it is refused. The guess
// from the connection's order costs one comparison and is right almost always; after it come the
// map and, for a name never seen, validation.
func (in *intake) find(src *connection, name []byte) (*cache.Series, wire.Reason) {
	if src == nil {
		return in.slowFind(nil, name)
	}
	last := src.last
	if last != nil {
		if s := last.Next.Load(); s != nil && s.Name == string(name) && !s.Removed() {
			src.last = s
			return s, 0
		}
	}
	s := in.cache.Lookup(name)
	if s == nil {
		var why wire.Reason
		if s, why = in.slowFind(src, name); s == nil {
			return nil, why
		}
	}
	if last != nil {
		last.Next.Store(s)
	}
	src.last = s
	return s, 0
}

// slowFind finds the series of a name that is new, or not canonical; nil, and why, when it is
// refused.
func (in *intake) slowFind(src *connection, name []byte) (*cache.Series, wire.Reason) {
	canon, ok := naming.Canonical(name)
	if !ok {
		return nil, wire.BadName
	}
	s, why := in.join(src, canon)
	if s != nil && string(canon) != string(name) {
		in.cache.Alias(name, s)
	}
	return s, why
}

// join returns the series of a canonical name; nil, and why, when it is new and beyond a limit. What
// has no source, our own metrics and what the log has, knows no limit.
func (in *intake) join(src *connection, canon []byte) (*cache.Series, wire.Reason) {
	if s := in.cache.Lookup(canon); s != nil || src == nil || in.quotas == nil {
		if s == nil {
			s = in.create(canon)
		}
		return s, 0
	}
	fresh, reason, ok := in.quotas.admit(string(canon))
	if !ok {
		return nil, reason
	}
	s, made := in.cache.Create(canon)
	if made {
		in.known.learn(s.Name) // also to the tree: the scanner may have forgotten a name that has no file since it was admitted
	}
	in.senders.count(src, made, fresh)
	return s, 0
}

// create returns the series of a canonical name. A new one is known to the index from now on.
func (in *intake) create(canon []byte) *cache.Series {
	s, made := in.cache.Create(canon)
	if made {
		in.known.learn(s.Name)
	}
	return s
}

// report counts and logs what the batch had to refuse.
func (in *intake) report(b *wire.Batch) {
	for r, n := range b.Dropped {
		if n > 0 {
			in.stats.Drop(wire.Reason(r), n)
		}
	}
	if len(b.Rejects) == 0 {
		return
	}
	from := b.From()
	for _, r := range b.Rejects {
		in.stats.Note(r.Reason, r.Text, from)
		e := in.logs.Reason[r.Reason].Warn().Stringer("reason", r.Reason).Bytes("input", r.Text)
		if from != "" {
			e = e.Str("from", from)
		}
		if cure := r.Reason.Cure(string(r.Text)); cure != "" {
			e = e.Str("cure", cure)
		}
		e.Msg("refused")
	}
}
