package expr

import (
	"maps"
	"slices"
	"strings"
)

// A Reader reads the targets of one query. Its Limits count for all of them
// together. It is not safe for concurrent use.
type Reader struct {
	lim     Limits
	vars    map[string]string
	order   []string // the names in vars, longer ones first
	nodes   int      // made so far
	written int      // bytes of the paths made of templates, and variables looked for
}

// NewReader returns a Reader. vars are the variables of the request, its
// template[name]=value parameters, see [Reader.Expand].
func NewReader(l Limits, vars map[string]string) *Reader {
	order := slices.SortedFunc(maps.Keys(vars), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return &Reader{lim: l.withDefaults(), vars: vars, order: order}
}
