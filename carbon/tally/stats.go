package tally

import (
	"sync/atomic"

	"graphited/carbon/wire"
)

// Stats counts what the daemon has done since its start. Everything that is refused or lost is
// counted under its reason.
type Stats struct {
	Received  atomic.Int64 // points taken into the cache
	Committed atomic.Int64 // points written to files
	Updates   atomic.Int64 // updates of files, creations included
	Creates   atomic.Int64 // files created
	Errors    atomic.Int64 // updates that failed and were put back
	WriteTime atomic.Int64 // nanoseconds spent in updates

	SetAside    atomic.Int64 // damaged files that were set aside
	Dirty       atomic.Int64 // bytes of files that were written and not made durable since, roughly
	Unreadable  atomic.Int64 // reads that found a damaged file
	CreateWaits atomic.Int64 // series that had to wait for their file, for MAX_CREATES_PER_MINUTE, MIN_FREE_SPACE or a disk that is full
	AwaitFile   atomic.Int64 // series that wait now

	Conns atomic.Int64 // open receiver connections

	Queries     atomic.Int64 // cache-query requests at the cache query port
	BulkQueries atomic.Int64 // cache-query-bulk requests there
	BulkMetrics atomic.Int64 // metrics asked for in them

	UpdateTime   Histogram // of the updates that worked
	WriteLatency Histogram // from the reception of the first point of such an update to its end

	received [wire.NumReceivers]atomic.Int64 // of Received, by the way that they came
	dropped  [wire.NumReasons]atomic.Int64
	offences offences
}

// Dropped returns how many points, lines, frames or connections were refused or lost for a reason.
func (s *Stats) Dropped(r wire.Reason) int64 { return s.dropped[r].Load() }

// Drops calls f with every reason and its count.
func (s *Stats) Drops(f func(wire.Reason, int64)) {
	for r := range wire.NumReasons {
		f(r, s.dropped[r].Load())
	}
}

// ReceivedBy returns how many points have come on one way.
func (s *Stats) ReceivedBy(r wire.Receiver) int64 { return s.received[r].Load() }

// Note remembers what was refused or lost for a reason last, and from whom; it copies text.
func (s *Stats) Note(r wire.Reason, text []byte, from string) { s.offences.note(r, text, from) }

// Latest returns what was refused or lost for a reason last.
func (s *Stats) Latest(r wire.Reason) Offence { return s.offences.latest(r) }

// Take counts n points that have come on one way.
func (s *Stats) Take(r wire.Receiver, n int) {
	s.Received.Add(int64(n))
	s.received[r].Add(int64(n))
}

// Drop counts n points, lines, frames or connections that were refused or lost for a reason.
func (s *Stats) Drop(r wire.Reason, n int) { s.dropped[r].Add(int64(n)) }

// DropUpTo sets how many were refused or lost for a reason that somebody else counts.
func (s *Stats) DropUpTo(r wire.Reason, n int64) { s.dropped[r].Store(n) }

// Lose counts n points of a series that were on their way to its file.
func (s *Stats) Lose(r wire.Reason, n int, series string) {
	if n > 0 {
		s.Drop(r, n)
		s.Note(r, []byte(series), "")
	}
}
