package render

import (
	"context"
	"graphited/render/expr"
)

// evaluator evaluates one query, in one goroutine.
type evaluator struct {
	ctx    context.Context
	e      *Engine
	q      Query
	mem    *memory
	reader *expr.Reader
	depth  int   // of targets made by functions
	held   int64 // points of the lists that are in use now

	target   int // the number of the one that is evaluated
	problems []Problem
}

func newEvaluator(ctx context.Context, e *Engine, q Query) *evaluator {
	lim := expr.Limits{Nodes: e.o.MaxNodes, Expanded: e.o.MaxExpanded}
	return &evaluator{ctx: ctx, e: e, q: q, mem: newMemory(ctx, e, q), reader: expr.NewReader(lim, q.Templates)}
}

// scope is what graphite-web calls the request context: the window and what
// functions leave behind for those evaluated after them. A function that has
// its input evaluated again gets a copy for it, in which the stacks that exist
// are shared.
type scope struct {
	win    Window
	xff    float64              // set by the request, then by setXFilesFactor
	stacks map[string][]float64 // running totals of stacked
}

// in returns a copy of the scope for another window.
func (sc *scope) in(w Window) *scope {
	c := *sc
	c.win = w
	return &c
}

// hold counts a list as in use until the call that it is an argument of is
// done. It bounds what a target such as group(scale(a,1), scale(a,2), ...) keeps.
func (ev *evaluator) hold(list []*Series) error {
	for _, s := range list {
		ev.held += int64(len(s.Values)) + seriesPoints + namePoints(s.Name)
	}
	return ev.fits()
}

// fits says whether what is in use now may be.
func (ev *evaluator) fits() error {
	if limit := 2 * ev.e.o.MaxPoints; ev.held > limit {
		return TooLargef("the query needs more than %d points at a time, twice MAX_QUERY_POINTS; ask for fewer series, a shorter time or shorter names", limit)
	}
	return nil
}

// outcome is what a target gives, or why it gives nothing.
type outcome struct {
	Series []*Series
	Err    *Error
	rest   string // what follows the target and is ignored
}

// maxProblems bounds how many parts without an answer are told.
const maxProblems = 100

// problem notes why a part is missing, once: a call may be evaluated for several windows.
func (ev *evaluator) problem(p Problem) {
	for _, q := range ev.problems {
		if q.Target == p.Target && q.Err.Error() == p.Err.Error() {
			return
		}
	}
	ev.problems = append(ev.problems, p)
}
