package main

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// exactly is how many files a knot may have for the search to look at all of its orders.
const exactly = 18

// back returns the fewest arrows that must go for no cycle to remain.
func (g *graph) back() []arrow {
	next := make([][]int, len(g.files))
	for a := range g.uses {
		next[a.from] = append(next[a.from], a.to)
	}
	var back []arrow
	for _, knot := range knots(next) {
		place := g.order(knot)
		for a := range g.uses {
			from, ok := place[a.from]
			to, both := place[a.to]
			if ok && both && from > to {
				back = append(back, a)
			}
		}
	}
	slices.SortFunc(back, func(a, b arrow) int { return (a.from-b.from)*len(g.files) + a.to - b.to })
	return back
}

// order puts the files of a knot into the order with the fewest arrows from a later file to an
// earlier one, and returns the place of each.
func (g *graph) order(knot []int) map[int]int {
	n := len(knot)
	m := make([][]bool, n) // by places in knot
	for i := range m {
		m[i] = make([]bool, n)
		for j := range m[i] {
			m[i][j] = g.uses[arrow{knot[i], knot[j]}] != nil
		}
	}
	var best []int
	if n <= exactly {
		best = allOrders(m)
	} else {
		best = search(m)
	}
	place := map[int]int{}
	for at, i := range best {
		place[knot[i]] = at
	}
	return place
}

// allOrders finds the best order of all, by the best order of each set of files that come first.
func allOrders(m [][]bool) []int {
	n := len(m)
	into := make([]uint, n) // the files that a file has arrows to
	for i := range m {
		for j := range m {
			if m[i][j] {
				into[i] |= 1 << j
			}
		}
	}
	cost := make([]int32, 1<<n)
	last := make([]int8, 1<<n)
	for set := uint(1); set < 1<<n; set++ {
		cost[set] = 1 << 30
		for rest := set; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros(rest)
			before := set &^ (1 << i)
			if c := cost[before] + int32(bits.OnesCount(into[i]&before)); c < cost[set] {
				cost[set], last[set] = c, int8(i)
			}
		}
	}
	order := make([]int, n)
	for set, at := uint(1)<<n-1, n-1; set != 0; at-- {
		order[at] = int(last[set])
		set &^= 1 << last[set]
	}
	return order
}

// search moves single files of random orders to better places until no move helps. Equal input
// gives equal answers.
func search(m [][]bool) []int {
	r := rand.New(rand.NewPCG(1, 2))
	var best []int
	least := 1 << 30
	for range 400 {
		order := r.Perm(len(m))
		for improve(m, order) {
		}
		if c := count(m, order); c < least {
			best, least = slices.Clone(order), c
		}
	}
	return best
}

// improve moves each file to its best place, and says whether that made the order better.
func improve(m [][]bool, order []int) (better bool) {
	for i := range m {
		at := slices.Index(order, i)
		rest := slices.Delete(slices.Clone(order), at, at+1)
		gain, bestGain, best := 0, 0, at
		cost := func(other int) int { // what it costs less when i stands before other and not after
			d := 0
			if m[i][other] {
				d++
			}
			if m[other][i] {
				d--
			}
			return d
		}
		for k := at - 1; k >= 0; k-- {
			if gain += cost(rest[k]); gain > bestGain {
				bestGain, best = gain, k
			}
		}
		gain = 0
		for k := at; k < len(rest); k++ {
			if gain -= cost(rest[k]); gain > bestGain {
				bestGain, best = gain, k+1
			}
		}
		if bestGain > 0 {
			copy(order, slices.Insert(rest, best, i))
			better = true
		}
	}
	return better
}

func count(m [][]bool, order []int) int {
	c := 0
	for at, i := range order {
		for _, j := range order[:at] {
			if m[i][j] {
				c++
			}
		}
	}
	return c
}

// knots returns the sets of more than one file that all reach one another (Tarjan's algorithm).
func knots(next [][]int) [][]int {
	index, low := make([]int, len(next)), make([]int, len(next))
	onStack := make([]bool, len(next))
	var stack []int
	var found [][]int
	counter := 0
	var visit func(v int)
	visit = func(v int) {
		counter++
		index[v], low[v] = counter, counter
		stack, onStack[v] = append(stack, v), true
		for _, w := range next[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if onStack[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		knot := slices.Clone(stack[at:])
		for _, w := range knot {
			onStack[w] = false
		}
		stack = stack[:at]
		if len(knot) > 1 {
			found = append(found, knot)
		}
	}
	for v := range next {
		if index[v] == 0 {
			visit(v)
		}
	}
	return found
}
