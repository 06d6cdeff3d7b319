package carbon

import (
	"errors"
	"sync"
	"syscall"
	"time"
)

// doubt is whether files have what was written to them. A sync that failed raises it; another one
// that works does not end it, since the system may have given up what it was to write: only when
// the log has been written to the files once more does the next sync that works. It is safe for
// concurrent use.
type doubt struct {
	mu    sync.Mutex
	on    bool
	again bool      // the log is to be written once more
	at    time.Time // not before
	wait  time.Duration
}

// lostWrites reports errors after which the system has given up what it was to write, and says
// nothing when it is asked again.
func lostWrites(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// maxDoubt is the longest time between two tries. They are so far apart since the log grows all the
// while, and each writes all of it.
const maxDoubt = time.Hour

// raise notes a failure: in a second, or in twice the time of last time, the log is to be written
// again. It returns true when all was well before.
func (d *doubt) raise() (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first = !d.on
	d.wait = min(max(time.Second, 2*d.wait), maxDoubt)
	d.on, d.again, d.at = true, true, time.Now().Add(d.wait)
	return first
}

// due says whether the log is to be written again now.
func (d *doubt) due() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.again && !time.Now().Before(d.at)
}

// rewritten notes that the log has been written again.
func (d *doubt) rewritten() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.again = false
}

// synced notes a sync that worked. It returns true when that ends the doubt.
func (d *doubt) synced() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.on || d.again {
		return false
	}
	d.on, d.wait = false, 0
	return true
}

// open says whether there is doubt.
func (d *doubt) open() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on
}
