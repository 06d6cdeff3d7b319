package index

import (
	"slices"
	"strings"
)

// A query is a compiled pattern with a glob for each node. A walk through names holds the steps
// that may come next, where step len(globs) is a match. Without ** that is one step at a time.
type query struct {
	globs  []glob
	deep   bool   // a glob is **
	path   string // the pattern itself if it has no wildcards
	prefix string // of every path that matches: everything before the first node with wildcards
}

// newQuery compiles a pattern. ok is false if no name can match, because a node is empty or its
// braces are nested too deeply.
func newQuery(pattern string) (q query, ok bool) {
	pattern = strings.ReplaceAll(pattern, `\`, "")
	q.globs = make([]glob, 0, strings.Count(pattern, ".")+1)
	wild, at := false, 0 // where the next node begins
	for part := range strings.SplitSeq(pattern, ".") {
		at += len(part) + 1
		g, ok := newGlob(part)
		if !ok {
			return query{}, false
		}
		if wild = wild || g.kind != globWord; !wild {
			q.prefix = pattern[:min(at, len(pattern))]
		}
		if g.kind == globDeep {
			if q.deep && q.globs[len(q.globs)-1].kind == globDeep {
				continue
			}
			q.deep = true
		}
		q.globs = append(q.globs, g)
	}
	if q.globs[len(q.globs)-1].kind == globDeep {
		q.globs = append(q.globs, glob{kind: globAny})
	}
	if !wild {
		q.path, q.prefix = pattern, pattern
	}
	return q, true
}

// allNames is the query for every path.
func allNames() query {
	return query{globs: []glob{{kind: globDeep}, {kind: globAny}}, deep: true}
}

// open appends step and, if it is a **, the steps after it, unless they are already in steps.
func (q *query) open(steps []int, step int) []int {
	for ; ; step++ {
		if slices.Contains(steps, step) {
			return steps
		}
		steps = append(steps, step)
		if step == len(q.globs) || q.globs[step].kind != globDeep {
			return steps
		}
	}
}

// next appends to dst the steps that may follow steps if the next node is word.
func (q *query) next(dst, steps []int, word string) []int {
	return q.nextFunc(dst, steps, func(step int) bool { return q.globs[step].match(word) })
}

// nextFunc is like next, but calls match to ask whether the word matches the glob of a step.
func (q *query) nextFunc(dst, steps []int, match func(step int) bool) []int {
	for _, s := range steps {
		switch {
		case s == len(q.globs):
		case q.globs[s].kind == globDeep:
			dst = q.open(dst, s)
		case match(s):
			dst = q.open(dst, s+1)
		}
	}
	return dst
}
