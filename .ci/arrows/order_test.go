package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// of makes a graph of n files. Each arrow is a text of two letters: "ab" goes from file 0 to file 1.
func of(n int, arrows ...string) *graph {
	g := &graph{files: make([]string, n), uses: map[arrow]map[string]bool{}}
	for _, a := range arrows {
		g.uses[arrow{int(a[0] - 'a'), int(a[1] - 'a')}] = map[string]bool{"x": true}
	}
	return g
}

func TestKnown(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		arrows []string
		want   int
	}{
		{"none", 3, nil, 0},
		{"a chain", 4, []string{"ab", "bc", "cd", "ad"}, 0},
		{"two files", 2, []string{"ab", "ba"}, 1},
		{"a ring", 5, []string{"ab", "bc", "cd", "de", "ea"}, 1},
		{"two rings that share an arrow", 4, []string{"ab", "bc", "ca", "bd", "da"}, 1},
		{"two rings that share a file", 5, []string{"ab", "bc", "ca", "cd", "de", "ec"}, 2},
		{"two rings, and an arrow between them", 6, []string{"ab", "bc", "ca", "de", "ef", "fd", "ad"}, 2},
		{"everybody uses everybody", 4, []string{"ab", "ba", "ac", "ca", "ad", "da", "bc", "cb", "bd", "db", "cd", "dc"}, 6},
		{"one that uses all and is used by all", 4, []string{"ab", "ba", "ac", "ca", "ad", "da"}, 3},
	} {
		g := of(c.n, c.arrows...)
		if back := g.back(); len(back) != c.want {
			t.Errorf("%s: %v, want %d", c.name, back, c.want)
		}
	}
}

// TestAcyclic removes what back returns from random graphs, after which no cycle may remain.
func TestAcyclic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 100 {
		g := of(2 + r.IntN(24))
		for range r.IntN(4 * len(g.files)) {
			if a := (arrow{r.IntN(len(g.files)), r.IntN(len(g.files))}); a.from != a.to {
				g.uses[a] = map[string]bool{"x": true}
			}
		}
		for _, a := range g.back() {
			delete(g.uses, a)
		}
		next := make([][]int, len(g.files))
		for a := range g.uses {
			next[a.from] = append(next[a.from], a.to)
		}
		if k := knots(next); len(k) > 0 {
			t.Errorf("graph %d: the knots %v remain", round, k)
		}
	}
}

// TestSearch compares the search with the exact answer where that can be had: by all orders of
// small graphs, and by large ones made of rings that share no arrow, each of which must lose one.
func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 60 {
		n := 4 + r.IntN(10)
		m := matrix(n)
		for range r.IntN(5 * n) {
			i, j := r.IntN(n), r.IntN(n)
			m[i][j] = i != j
		}
		if got, want := count(m, search(m)), count(m, allOrders(m)); got != want {
			t.Errorf("graph %d of %d files: %d arrows, want %d", round, n, got, want)
		}
	}
	for _, n := range []int{19, 30, 40} {
		m := matrix(n)
		for i := range n {
			for j := range i { // a later file uses an earlier one, as it should be
				m[i][j] = r.IntN(3) == 0
			}
		}
		rings := 0
		free := func(i, j int) bool { return !m[i][j] && !m[j][i] }
		for range 200 {
			if at := r.Perm(n)[:3]; rings < n/3 {
				slices.Sort(at)
				a, b, c := at[0], at[1], at[2]
				if free(a, b) && free(b, c) && free(a, c) {
					m[c][b], m[b][a], m[a][c] = true, true, true
					rings++
				}
			}
		}
		shuffled, to := matrix(n), r.Perm(n)
		for i := range n {
			for j := range n {
				shuffled[to[i]][to[j]] = m[i][j]
			}
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if got := count(shuffled, search(shuffled)); got != rings {
				t.Errorf("%d arrows, want %d", got, rings)
			}
		})
	}
}

func matrix(n int) [][]bool {
	m := make([][]bool, n)
	for i := range m {
		m[i] = make([]bool, n)
	}
	return m
}
