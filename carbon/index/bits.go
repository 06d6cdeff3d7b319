package index

import (
	mathbits "math/bits"
	"sync/atomic"
)

// bits is a set of small numbers, used by one goroutine.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) has(i uint32) bool { return b[i/64]>>(i%64)&1 == 1 }

func (b bits) set(i uint32) { b[i/64] |= 1 << (i % 64) }

// sharedBits is a set of small numbers with one writer at a time and any number of readers.
type sharedBits []atomic.Uint32

func newSharedBits(n int) sharedBits { return make(sharedBits, (n+31)/32) }

func (b sharedBits) has(i uint32) bool { return b[i/32].Load()>>(i%32)&1 == 1 }

func (b sharedBits) set(i uint32) { b[i/32].Store(b[i/32].Load() | 1<<(i%32)) }

func (b sharedBits) clear(i uint32) { b[i/32].Store(b[i/32].Load() &^ (1 << (i % 32))) }

func (b sharedBits) clone() sharedBits {
	c := make(sharedBits, len(b))
	for i := range b {
		c[i].Store(b[i].Load())
	}
	return c
}

// countBetween returns the number of members i with from <= i < to.
func (b sharedBits) countBetween(from, to uint32) (n int) {
	for i := from / 32; i <= (to-1)/32; i++ {
		x := b[i].Load()
		if i == from/32 {
			x &= ^uint32(0) << (from % 32)
		}
		if i == (to-1)/32 {
			x &= ^uint32(0) >> (31 - (to-1)%32)
		}
		n += mathbits.OnesCount32(x)
	}
	return n
}

func (b sharedBits) count() (n int) {
	for i := range b {
		n += mathbits.OnesCount32(b[i].Load())
	}
	return n
}
