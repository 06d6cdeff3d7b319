package index

import (
	"cmp"
	"slices"
)

// A Found is a result of Search.
type Found struct {
	Path string
	Leaf bool // false means a branch

	rank uint64 // less is better
}

// A best holds the best of the nodes or series that it is offered, by their numbers.
type best struct {
	limit int
	order func(a, b uint32) int // compares those with equal ranks
	list  []ranked              // up to twice the limit
	worst ranked                // the worst of the best limit; anything that is not better is ignored
}

type ranked struct {
	rank uint64
	of   uint32
}

func newBest(limit int, order func(a, b uint32) int) best {
	return best{limit: limit, order: order, worst: ranked{rank: 1<<64 - 1}}
}

func (b *best) offer(rank uint64, of uint32) {
	if rank > b.worst.rank || rank == b.worst.rank && b.order(of, b.worst.of) >= 0 {
		return
	}
	if b.list = append(b.list, ranked{rank, of}); len(b.list) >= 2*b.limit {
		b.sorted()
	}
}

// sorted returns the best in order.
func (b *best) sorted() []ranked {
	slices.SortFunc(b.list, func(x, y ranked) int { return cmp.Or(cmp.Compare(x.rank, y.rank), b.order(x.of, y.of)) })
	if len(b.list) >= b.limit {
		b.list = b.list[:b.limit]
		b.worst = b.list[b.limit-1]
	}
	return b.list
}
