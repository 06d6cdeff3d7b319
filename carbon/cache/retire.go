package cache

import (
	"context"
	"time"
)

// retirePoll is how often is looked whether the writer is done with a series.
const retirePoll = 2 * time.Millisecond

// Retire takes a series out of the cache for good, with the points that wait, and returns their
// number. It calls f with that number when the writer does not work at the series, and neither
// writer nor intake does so before f has returned. After an error of f all is as before.
func (c *Cache) Retire(ctx context.Context, s *Series, f func(points int) error) (points int, err error) {
	s.mu.Lock()
	for s.taken != nil {
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(retirePoll):
		}
		s.mu.Lock()
	}
	if err = f(int(s.points)); err == nil {
		points = c.discardLocked(s)
		s.dead.Store(true)
		s.Next.Store(nil)
	}
	s.mu.Unlock()
	c.Grow(-points)
	if err == nil {
		home := &c.shards[s.home]
		home.mu.Lock()
		if home.series[s.Name] == s {
			delete(home.series, s.Name)
			c.known.Add(-1)
		}
		home.mu.Unlock()
	}
	return points, err
}

// Discard drops the pending points of a series and returns their number. The caller tells the
// cache's size.
func (c *Cache) Discard(s *Series) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.discardLocked(s)
}

func (c *Cache) discardLocked(s *Series) (points int) {
	b := s.pendingLocked()
	if s.taken != nil {
		s.taken.next = nil
	} else {
		s.head = nil
	}
	s.tail = nil
	for b != nil {
		points += int(b.n)
		b = c.free(b)
	}
	s.points -= uint32(points)
	return points
}
