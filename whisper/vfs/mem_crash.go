package vfs

import (
	"math/rand/v2"
	"slices"
)

// Crash returns the file system as a power cut at this moment could leave it. m stays as it is.
// What was synced is there. Of what was not, r chooses for each file and for the names whether all,
// none, a beginning or any part is there. Single writes may be cut short or have wrong bytes, but
// only in bytes that they wrote and that have not been synced since. With Sector set a write may
// reach only some of its sectors. No file is locked.
func (m *Mem) Crash(r *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMem()
	c.inodes, c.clock, c.Sector = m.inodes, m.clock, m.Sector

	names := map[string]*node{}
	for path, n := range m.durable {
		names[path] = n
	}
	for i, keep := range survivors(r, len(m.pending)) {
		if keep {
			m.pending[i].apply(names)
		}
	}
	copies := map[*node]*node{}
	// Iterate in order of names, so that the same seed gives the same crash.
	for _, path := range sortedNames(names) {
		n := names[path]
		if copies[n] == nil {
			copies[n] = n.crash(r, m.Sector)
		}
		copies[n].info.Links++
		c.names[path], c.durable[path] = copies[n], copies[n]
	}
	return c
}

// FailWriteback simulates a disk that fails while the system writes back, without a caller that
// would learn of it. It gives up some of the unsynced writes, chosen by r. They can still be read,
// but no later sync makes them durable. The next sync of each file that has lost something returns
// err, once, and so does the next SyncFS.
func (m *Mem) FailWriteback(r *rand.Rand, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, path := range sortedNames(m.names) {
		n := m.names[path]
		for i, keep := range survivors(r, len(n.pending)) {
			if keep {
				n.durable = n.pending[i].apply(n.durable)
			} else {
				n.lost, m.lost = err, err
			}
		}
		n.pending = nil
	}
}

func sortedNames(names map[string]*node) []string {
	list := make([]string, 0, len(names))
	for path := range names {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

// survivors chooses which of n ordered operations reach the disk.
func survivors(r *rand.Rand, n int) []bool {
	keep := make([]bool, n)
	mode, cut := r.IntN(4), r.IntN(n+1)
	for i := range keep {
		switch mode {
		case 0: // none
		case 1:
			keep[i] = true
		case 2:
			keep[i] = i < cut
		case 3:
			keep[i] = r.IntN(2) == 0
		}
	}
	return keep
}

// sectors splits a write into parts of one sector each and calls f with them.
func (op dataOp) sectors(size int64, f func(part dataOp)) {
	for len(op.data) > 0 {
		n := min(int64(len(op.data)), size-op.off%size)
		f(dataOp{op.off, op.data[:n]})
		op = dataOp{op.off + n, op.data[n:]}
	}
}

func (n *node) crash(r *rand.Rand, sector int64) *node {
	data := slices.Clone(n.durable)
	damage := r.IntN(2) == 0
	for i, keep := range survivors(r, len(n.pending)) {
		op := n.pending[i]
		if !keep {
			continue
		}
		if damage && sector > 0 && len(op.data) > 0 {
			op.sectors(sector, func(part dataOp) {
				if r.IntN(3) > 0 {
					data = part.apply(data)
				}
			})
			continue
		}
		if damage && len(op.data) > 0 {
			switch r.IntN(4) {
			case 0:
				op.data = op.data[:r.IntN(len(op.data)+1)]
			case 1:
				op.data = slices.Clone(op.data)
				from := r.IntN(len(op.data))
				for k := from; k < min(len(op.data), from+1+r.IntN(512)); k++ {
					op.data[k] = byte(r.Uint32() * (r.Uint32() & 1)) // noise or zeros
				}
			}
		}
		if op.data == nil || len(op.data) > 0 {
			data = op.apply(data)
		}
	}
	info := n.info
	info.Links = 0
	return &node{info: info, data: data, durable: slices.Clone(data)}
}
