package render

import (
	"context"
	"errors"

	"graphited/render/expr"
)

const SeriesByTag = "seriesByTag"

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

// eval evaluates a target, or an argument that stands for series.
func (ev *evaluator) eval(sc *scope, n *expr.Node) ([]*Series, error) {
	switch {
	case n.Kind == expr.Path:
		return ev.fetch(sc, n.Name, nil)
	case n.Kind != expr.Call:
		return nil, BadRequestf("%s is not a series", n.Text)
	case n.Name == SeriesByTag:
		return ev.fetch(sc, n.Text, tagExprs(n))
	}
	before := ev.held
	c, err := ev.call(sc, n)
	if err != nil {
		return nil, err
	}
	if c.Func.Run == nil {
		lists, err := c.Func.RunLists(c)
		if err == nil && len(lists) > 0 {
			err = BadRequestf("gives a list of lists, which only reduceSeries takes")
		}
		return nil, inFunc(err, n)
	}
	out, err := c.Func.Run(c)
	if err != nil {
		return nil, inFunc(err, n)
	}
	ev.held = before // the arguments are done with
	return out, ev.hold(out)
}

// seriesPoints is what a series takes beside its values and a long name, in points.
const seriesPoints = 24

// namePoints is what a name takes, in points.
func namePoints(name string) int64 { return int64(len(name) / 8) }

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

// evalLists evaluates an argument that is a list of lists.
func (ev *evaluator) evalLists(sc *scope, n *expr.Node) ([][]*Series, error) {
	c, err := ev.call(sc, n)
	if err != nil {
		return nil, err
	}
	if c.Func.RunLists == nil {
		return nil, BadRequestf("expected a list of lists such as mapSeries gives, not %s()", n.Name)
	}
	out, err := c.Func.RunLists(c)
	return out, inFunc(err, n)
}

// call binds the arguments of a call and evaluates those that are series.
func (ev *evaluator) call(sc *scope, n *expr.Node) (*Call, error) {
	if err := ev.ctx.Err(); err != nil {
		return nil, err
	}
	f, ok := ev.e.reg.Lookup(n.Name)
	if !ok {
		return nil, &Error{Kind: BadRequest, Pos: n.Pos, Msg: "unknown function " + n.Name}
	}
	b, err := ev.match(f, n)
	if err != nil {
		return nil, inFunc(err, n)
	}
	vals, err := ev.scalars(f, b)
	if err != nil {
		return nil, inFunc(err, n)
	}
	c := &Call{Func: f, ev: ev, sc: sc, node: n, bound: b, vals: vals}
	return c, inFunc(c.evalArgs(), n)
}

// inFunc completes an error with the innermost function that it came from.
func inFunc(err error, n *expr.Node) error {
	var e *Error
	if errors.As(err, &e) && e.Func == "" && e.Kind == BadRequest {
		c := *e
		if c.Func = n.Name; c.Pos == 0 { // an unknown function knows its place
			c.Pos = n.Pos
		}
		return &c
	}
	return err
}

// fetch makes fresh series of a read: whoever renames them changes nobody else's.
func (ev *evaluator) fetch(sc *scope, pattern string, tags []string) ([]*Series, error) {
	got, err := ev.mem.get(read{key: readKey{pattern, sc.win}, tags: tags})
	if err == nil {
		err = got.err
	}
	if err != nil {
		return nil, err
	}
	slab := make([]Series, len(got.names))
	out := make([]*Series, 0, len(got.names))
	for i, name := range got.names {
		if got.data[i].Values == nil {
			continue
		}
		slab[i] = Series{Series: got.data[i], Name: name, Path: pattern, Tags: got.tags[i], XFilesFactor: sc.xff}
		out = append(out, &slab[i])
	}
	ev.held += int64(len(out)) * seriesPoints
	return out, nil
}

// tagExprs lists the texts among seriesByTag's arguments; the rest is ignored
// as in graphite-web.
func tagExprs(n *expr.Node) []string {
	out := []string{}
	for _, a := range n.Args {
		if a.Kind == expr.String {
			out = append(out, a.Name)
		}
	}
	return out
}
