package carbon

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	breakerTrips = 4               // failures of the whole disk in a row, whichever the series, that are no matter of one file any more
	breakerMin   = time.Second     // until the first try afterwards
	breakerMax   = 8 * time.Second // between two tries, doubled each time up to this: a disk that is well again is in use within ten seconds
)

// breaker keeps the writer from trying one series after the other on a disk that takes nothing. It
// trips after a few failures in a row; then one series tries for all, now and then, until that
// works. There is one for updates and one for creations, since a disk that is full, of bytes or of
// files, still takes the updates of files that are there. It is safe for concurrent use.
type breaker struct {
	now func() time.Time // monotonic

	row     atomic.Int32 // failures since something worked
	tripped atomic.Bool

	mu      sync.Mutex
	err     error // the newest failure, while tripped
	trying  bool
	wait    time.Duration
	retryAt time.Time
	trips   atomic.Int64
}

// tries says how many tries there may be now: all, one, or none.
func (b *breaker) tries() int {
	if !b.tripped.Load() {
		return math.MaxInt
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now().Before(b.retryAt) {
		return 0
	}
	b.trying = true
	return 1
}

// stopped says whether a round under way is to end. The one that tries for all goes on.
func (b *breaker) stopped() bool {
	if !b.tripped.Load() {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.trying
}

// failed notes a failure; true when that trips the breaker.
func (b *breaker) failed(err error) (trips bool) {
	if !diskWide(err) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.tripped.Load():
		if !b.trying {
			return false // another worker was at it meanwhile
		}
		b.wait = min(2*b.wait, breakerMax)
	case b.row.Add(1) < breakerTrips:
		return false
	default:
		b.wait, trips = breakerMin, true
		b.tripped.Store(true)
		b.trips.Add(1)
	}
	b.err, b.trying, b.retryAt = err, false, b.now().Add(b.wait)
	return trips
}

// worked notes a success; true when that ends a failure.
func (b *breaker) worked() (recovers bool) {
	if b.row.Load() == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	recovers = b.tripped.Load()
	b.row.Store(0)
	b.tripped.Store(false)
	b.err, b.trying = nil, false
	return recovers
}

// why returns what keeps the breaker tripped, nil when it is not.
func (b *breaker) why() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// diskWide reports errors that are about the disk or the process as a whole, not about one file.
func diskWide(err error) bool {
	for _, e := range [...]error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.EMFILE, syscall.ENFILE, syscall.ESTALE, syscall.ENODEV} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
