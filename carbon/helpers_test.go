package carbon

import "math"

func addPoint(c *Cache, name string, t uint32, v float64) *series {
	s, _ := c.create([]byte(name))
	c.append(s, t, v, 0, 0)
	c.grow(1)
	return s
}

func always(*series) bool { return true }

// testCache returns a cache without a limit.
func testCache() *Cache { return newCache(cacheOptions{math.Inf(1), true}, nil, nil) }
