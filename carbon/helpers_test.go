package carbon

import (
	"math"

	"graphited/carbon/cache"
)

func addPoint(c *cache.Cache, name string, t uint32, v float64) *cache.Series {
	s, _ := c.Create([]byte(name))
	c.Append(s, t, v, 0, 0)
	c.Grow(1)
	return s
}

func always(*cache.Series) bool { return true }

// testCache returns a cache without a limit.
func testCache() *cache.Cache {
	return cache.New(cache.Options{Limit: math.Inf(1), FlowControl: true}, nil, nil)
}
