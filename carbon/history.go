package carbon

import (
	"sync"
	"time"

	"graphited/carbon/wire"
)

const (
	rateInterval  = 5 * time.Second
	rateWindow    = 12 // samples: rates are those of the last minute
	spaceInterval = time.Minute
	spaceWindow   = 24 * 60          // samples: a day
	trendAfter    = 20 * time.Minute // before so much has been seen, nothing is said about when the disk will be full
)

// history keeps the last values of the counters that rates are made of, and of the space on the
// disk. It is safe for concurrent use.
type history struct {
	mu     sync.Mutex
	counts []counts // oldest first
	space  []space
}

// counts are the counters at one moment.
type counts struct {
	at       time.Time
	received [wire.NumReceivers]int64
	written  int64
}

// space is what of a disk was free at one moment, in bytes.
type space struct {
	at   time.Time
	free uint64
}

// remember adds the counters, and free, if it is known, when the last value is a minute old.
func (h *history) remember(c counts, free uint64, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts = push(h.counts, c, rateWindow+1)
	if n := len(h.space); known && (n == 0 || c.at.Sub(h.space[n-1].at) >= spaceInterval) {
		h.space = push(h.space, space{c.at, free}, spaceWindow)
	}
}

func push[T any](list []T, v T, limit int) []T {
	if len(list) == limit {
		copy(list, list[1:])
		list = list[:limit-1]
	}
	return append(list, v)
}

// rates gives the change of each counter a second, from the oldest value that is remembered to c,
// and over how long that is; 0: there is no older value yet.
func (h *history) rates(c counts) (received [wire.NumReceivers]float64, written float64, over time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.counts) == 0 {
		return
	}
	first := &h.counts[0]
	if over = c.at.Sub(first.at); over < time.Second {
		return received, 0, 0
	}
	for i := range received {
		received[i] = float64(c.received[i]-first.received[i]) / over.Seconds()
	}
	return received, float64(c.written-first.written) / over.Seconds(), over
}

// fullIn says when the disk will be full if it goes on filling as it has since the oldest value
// that is remembered. known is false before trendAfter has been seen, growing is false when no less
// is free than then.
func (h *history) fullIn(now time.Time, free uint64) (in time.Duration, growing, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.space) == 0 || now.Sub(h.space[0].at) < trendAfter {
		return 0, false, false
	}
	first := h.space[0]
	if free >= first.free {
		return 0, false, true
	}
	rate := float64(first.free-free) / now.Sub(first.at).Seconds()
	return time.Duration(min(float64(free)/rate, 100*365*day)) * time.Second, true, true
}
