package expr

import (
	"maps"
	"slices"
	"strings"
)

// A Reader parses the targets of one query. Its Limits apply to all of them together. It is not
// safe for concurrent use.
type Reader struct {
	lim     Limits
	vars    map[string]string
	order   []string // the names in vars, longer ones first
	nodes   int      // number of nodes so far
	written int      // cost of the templates so far, see Limits.Expanded
}

// NewReader returns a Reader. vars are the variables of the request, that is, its parameters
// template[name]=value. See [Reader.Expand].
func NewReader(l Limits, vars map[string]string) *Reader {
	order := slices.SortedFunc(maps.Keys(vars), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return &Reader{lim: l.withDefaults(), vars: vars, order: order}
}

// Read parses a target and applies its templates.
func (r *Reader) Read(target string) (*Node, error) {
	n, _, err := r.Parse(target)
	if err != nil {
		return nil, err
	}
	return r.Expand(n)
}
