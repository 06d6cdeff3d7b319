package carbon

import (
	"hash/maphash"
	"sync"
)

// busyFiles keeps who reads a file as a whole from reading it in the middle of an update. It is
// made with its seed.
type busyFiles struct {
	seed  maphash.Seed
	locks [64]sync.Mutex
}

// of returns the lock of a file; some files share one.
func (b *busyFiles) of(path string) *sync.Mutex {
	return &b.locks[maphash.String(b.seed, path)%uint64(len(b.locks))]
}
