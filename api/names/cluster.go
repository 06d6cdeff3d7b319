package names

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
	"graphited/api/cluster"
)

// Local reports whether only this server must answer a request: because it is in no cluster, or
// because another member asks.
func (n *Names) Local(q *call.Request) bool {
	if n.Cluster == nil || q.Protocol() != call.NoProtocol {
		return true
	}
	local, err := q.Params.Integer("local", 0)
	return err == nil && local != 0
}

// outcome adds a warning for the servers that did not answer. If none did and nothing is known here
// it returns an error.
func outcome(q *call.Request, o cluster.Outcome, err error, found int) error {
	if err == nil && found == 0 {
		err = o.None()
	}
	var e *cluster.Error
	if errors.As(err, &e) {
		return call.Fail(fasthttp.StatusServiceUnavailable, e.Error())
	}
	q.Lacks(o.Warnings)
	return err
}

// Find returns what matches pattern here and at the other members, sorted by path. Members are not
// told times that are 0.
func (n *Names) Find(q *call.Request, pattern string, leavesOnly bool, from, until int64) ([]Node, error) {
	nodes, err := n.Here(q.Ctx, pattern, leavesOnly)
	if err != nil || n.Local(q) {
		return nodes, err
	}
	others, o, err := n.Cluster.Find(q.Ctx, pattern, from, until)
	if err := outcome(q, o, err, len(nodes)); err != nil {
		return nil, err
	}
	here := make(map[Node]bool, len(nodes))
	for _, x := range nodes {
		here[x] = true
	}
	for _, x := range others {
		if (x.Leaf || !leavesOnly) && !here[Node{Path: x.Path, Leaf: x.Leaf}] {
			nodes = append(nodes, x)
		}
	}
	if n.MaxFound > 0 && len(nodes) > n.MaxFound {
		return nil, n.tooMany(pattern)
	}
	slices.SortStableFunc(nodes, func(a, b Node) int { return strings.Compare(a.Path, b.Path) })
	return nodes, nil
}

// Interval returns the times between which a leaf can have points.
func (n *Names) Interval(x Node) (start, end int64, ok bool) {
	if x.End != 0 {
		return x.Start, x.End, true
	}
	return n.Finder.Interval(x.Path)
}

// All returns every leaf here and at the other members, sorted.
func (n *Names) All(q *call.Request) (iter.Seq[string], error) {
	names := n.Finder.Names()
	if n.Local(q) {
		return names, nil
	}
	others, o, err := n.Cluster.Names(q.Ctx)
	if err != nil {
		return nil, outcome(q, o, err, 0)
	}
	all := Unique(slices.AppendSeq(others, names))
	return slices.Values(all), outcome(q, o, nil, len(all))
}

// WithOthers returns a list with what the other members add to it, sorted.
func (n *Names) WithOthers(q *call.Request, list []string, ask func(*cluster.Cluster) ([]string, cluster.Outcome, error)) ([]string, error) {
	if n.Local(q) {
		return list, nil
	}
	others, o, err := ask(n.Cluster)
	if err := outcome(q, o, err, len(list)); err != nil {
		return nil, err
	}
	return Unique(append(others, list...)), nil
}
