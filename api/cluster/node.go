package cluster

import (
	"math"
	"slices"
	"strings"
)

// Node is a node in the tree of names.
type Node struct {
	Path string
	Leaf bool
	// Start and End limit the times at which a leaf can have points. Both are 0 if the server does
	// not say.
	Start, End int64
}

// Name returns the last part of the path.
func (n Node) Name() string { return n.Path[strings.LastIndexByte(n.Path, '.')+1:] }

// joinNodes sorts nodes and merges equal ones.
func joinNodes(nodes []Node) []Node {
	slices.SortStableFunc(nodes, compareNodes)
	joined := nodes[:0]
	for _, n := range nodes {
		last := len(joined) - 1
		if last < 0 || compareNodes(joined[last], n) != 0 {
			joined = append(joined, n)
			continue
		}
		if k := &joined[last]; n.End != 0 {
			if k.Start == 0 && k.End == 0 || n.Start < k.Start {
				k.Start = n.Start
			}
			k.End = max(k.End, n.End)
		}
	}
	return joined
}

func compareNodes(a, b Node) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 || a.Leaf == b.Leaf {
		return c
	}
	if b.Leaf {
		return -1
	}
	return 1
}

// span extends the interval of a node by another interval.
func (n *Node) span(start, end float64) {
	from, until := seconds(start), seconds(end)
	if n.Start == 0 && n.End == 0 || from < n.Start {
		n.Start = from
	}
	n.End = max(n.End, until)
}

// seconds truncates a time to whole seconds. Infinity becomes a time far in the future.
func seconds(t float64) int64 {
	const far = 1 << 40
	if !(math.Abs(t) < far) {
		if t > 0 {
			return far
		}
		return 0
	}
	return int64(t)
}
