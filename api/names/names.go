// Package names finds metric names: here, and at the other members of a cluster if there are any.
// It knows nothing of points and of formats of answers. The packages that answer requests for names
// (api/query, api/member, api/admin) use it.
package names

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"graphited/api/call"
	"graphited/api/cluster"
	"graphited/carbon/index"
	"graphited/carbon/pyvalue"
	"graphited/render/encode"
)

// Finder has the metric names of this server. It must be safe for concurrent use.
type Finder interface {
	// Find yields the nodes that match pattern, as full path and whether it is a leaf, sorted by
	// path. A path that is a branch and a leaf comes twice, the branch first.
	Find(ctx context.Context, pattern string) iter.Seq2[string, bool]
	// Names yields every leaf, sorted.
	Names() iter.Seq[string]
	// Interval returns the times between which a leaf can have points.
	Interval(name string) (start, end int64, ok bool)
	// Search returns what has all words of a text somewhere in its name, including series with
	// tags, the best first. The error says what is wrong with the text.
	Search(text string, limit int) ([]index.Found, error)
}

// Names are the metric names of this server and of its cluster.
type Names struct {
	Finder   Finder
	Cluster  *cluster.Cluster // nil: there is none
	MaxFound int              // nodes that a pattern may match; 0: no limit
}

// Node is a node of the tree of metric names. Start and End of a node of this server are 0.
type Node = cluster.Node

// Here returns the nodes of this server that match pattern, sorted by path.
//
// An empty part of a pattern means the folder that it stands in, like for the file system that
// graphite-web asks: a..b is a.b, and a. finds the branch a itself, under the name "".
func (n *Names) Here(ctx context.Context, pattern string, leavesOnly bool) ([]Node, error) {
	clean := pattern
	for strings.Contains(clean, "..") {
		clean = strings.ReplaceAll(clean, "..", ".")
	}
	clean = strings.TrimPrefix(clean, ".")
	if clean == "" && !leavesOnly {
		return []Node{{}}, nil
	}
	clean, itself := strings.CutSuffix(clean, ".")
	var nodes []Node
	for path, leaf := range n.Finder.Find(ctx, clean) {
		if len(nodes)%1024 == 0 && ctx.Err() != nil {
			break
		}
		if itself {
			if leaf {
				continue
			}
			path += "."
		}
		if leavesOnly && !leaf {
			continue
		}
		if n.MaxFound > 0 && len(nodes) == n.MaxFound {
			return nil, n.tooMany(pattern)
		}
		nodes = append(nodes, Node{Path: path, Leaf: leaf})
	}
	return nodes, ctx.Err()
}

func (n *Names) tooMany(pattern string) error {
	return call.BadRequest("Query " + pyvalue.Quote(pattern) + " yields too many results: more than " + strconv.Itoa(n.MaxFound) + " (METRICS_FIND_FAILURE_THRESHOLD)")
}

// Unique sorts a list in place and removes duplicates.
func Unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// Write writes names as an array. It ends the array early when ctx ends, so the caller must check
// ctx.
func Write(ctx context.Context, w *encode.Writer, names iter.Seq[string]) {
	w.Open('[')
	n := 0
	for name := range names {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			break
		}
		w.String(name)
	}
	w.Close(']')
}
