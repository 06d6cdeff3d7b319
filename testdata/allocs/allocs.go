// Package allocs counts allocations for tests.
package allocs

import "testing"

// Least returns how many allocations a call of f makes. The runtime counts those of the whole
// process, so a goroutine that an earlier test left behind adds its own: the least of several
// counts has the fewest of them.
func Least(runs int, f func()) float64 {
	n := testing.AllocsPerRun(runs, f)
	for i := 0; i < 20 && n > 0; i++ {
		n = min(n, testing.AllocsPerRun(runs, f))
	}
	return n
}
