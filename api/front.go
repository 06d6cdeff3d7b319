package api

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/api/cluster"
	"graphited/carbon/pyvalue"
	"graphited/render"
)

// warningHeader tells what an answer lacks.
const warningHeader = "X-Graphited-Warning"

// local tells whether only this server is to answer: it has no others beside it, or
// one of them asks.
func (q *request) local() bool {
	if q.s.o.Cluster == nil || q.protocol() != noProtocol {
		return true
	}
	n, err := q.p.integer("local", 0)
	return err == nil && n != 0
}

// fromMember prepares what the cluster is asked for this request, and refuses one
// that has been here before.
func (q *request) fromMember() error {
	c := q.s.o.Cluster
	if c == nil {
		return nil
	}
	ctx, ok := c.Accept(q.ctx, func(name string) string { return string(q.Request.Header.Peek(name)) })
	if !ok {
		q.Response.Header.Set(c.Node())
		return &failure{fasthttp.StatusLoopDetected, "this request has been here before: the CLUSTER_SERVERS of some servers make a loop"}
	}
	q.ctx = ctx
	return nil
}

// outcome takes note of servers that did not answer. That none did is an error
// unless something is known here.
func (q *request) outcome(o cluster.Outcome, err error, known int) error {
	if err == nil && known == 0 {
		err = o.None()
	}
	var e *cluster.Error
	if errors.As(err, &e) {
		return &failure{fasthttp.StatusServiceUnavailable, e.Error()}
	}
	q.lacks(o.Warnings)
	return err
}

// lacks puts what an answer lacks into a header.
func (q *request) lacks(warnings []string) {
	if len(warnings) == 0 {
		return
	}
	text := strings.Join(warnings, "; ")
	if before := string(q.Response.Header.Peek(warningHeader)); before != "" && before != text {
		text = before + "; " + text
	}
	q.Response.Header.Set(warningHeader, printable(text, 1000))
}

// allNodes returns what matches pattern here and at the other members, sorted by
// path. Times of 0 are not asked for.
func (q *request) allNodes(pattern string, leavesOnly bool, from, until int64) ([]node, error) {
	nodes, err := q.nodes(pattern, leavesOnly)
	if err != nil || q.local() {
		return nodes, err
	}
	others, outcome, err := q.s.o.Cluster.Find(q.ctx, pattern, from, until)
	if err := q.outcome(outcome, err, len(nodes)); err != nil {
		return nil, err
	}
	here := make(map[node]bool, len(nodes))
	for _, n := range nodes {
		here[n] = true
	}
	for _, n := range others {
		if (n.Leaf || !leavesOnly) && !here[node{path: n.Path, leaf: n.Leaf}] {
			nodes = append(nodes, node{n.Path, n.Leaf, n.Start, n.End})
		}
	}
	if most := q.s.o.MaxFound; most > 0 && len(nodes) > most {
		return nil, badRequest("Query " + pyvalue.Quote(pattern) + " yields too many results: more than " + strconv.Itoa(most) + " (METRICS_FIND_FAILURE_THRESHOLD)")
	}
	slices.SortStableFunc(nodes, func(a, b node) int { return strings.Compare(a.path, b.path) })
	return nodes, nil
}

// interval returns the times between which a leaf can have points.
func (q *request) interval(n node) (start, end int64, ok bool) {
	if n.end != 0 {
		return n.start, n.end, true
	}
	return q.s.o.Finder.Interval(n.path)
}

// allNames returns every leaf here and at the other members, sorted.
func (q *request) allNames() (iter.Seq[string], error) {
	names := q.s.o.Finder.Names()
	if q.local() {
		return names, nil
	}
	others, outcome, err := q.s.o.Cluster.Names(q.ctx)
	if err != nil {
		return nil, q.outcome(outcome, err, 0)
	}
	all := unique(slices.AppendSeq(others, names))
	return slices.Values(all), q.outcome(outcome, nil, len(all))
}

// withOthers returns list with what the other members add to it, sorted.
func (q *request) withOthers(list []string, ask func(*cluster.Cluster) ([]string, cluster.Outcome, error)) ([]string, error) {
	if q.local() {
		return list, nil
	}
	others, outcome, err := ask(q.s.o.Cluster)
	if err := q.outcome(outcome, err, len(list)); err != nil {
		return nil, err
	}
	return unique(append(others, list...)), nil
}

// JoinCluster makes Cluster of the settings, nil where they name no servers.
func (o *Options) JoinCluster(log zerolog.Logger) (err error) {
	o.Cluster, err = cluster.New(o.Settings, log)
	return err
}

// Remote returns the cluster as an Engine wants it.
func (o *Options) Remote() render.Remote {
	if o.Cluster == nil {
		return nil
	}
	return o.Cluster
}
