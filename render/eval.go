package render

import (
	"graphited/render/expr"
)

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

// evalArgs evaluates the arguments that are series, in order.
func (c *Call) evalArgs() error {
	c.lists = make([][][]*Series, len(c.bound))
	for i, nodes := range c.bound {
		for j, n := range nodes {
			if !isSeries(n) {
				continue
			}
			if err := c.evalArg(i, j, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Call) evalArg(i, j int, n *expr.Node) error {
	switch {
	case c.Func.Params[i].Type == SeriesLists:
		lists, err := c.ev.evalLists(c.sc, n)
		c.deep = lists
		return err
	case i == 0 && j == 0 && c.Func.Windows != nil:
		return c.evalWindows(n)
	}
	s, err := c.ev.eval(c.sc, n)
	c.lists[i] = append(c.lists[i], s)
	return err
}

func (c *Call) evalWindows(n *expr.Node) error {
	wins, err := c.Func.Windows(c)
	if err != nil {
		return err
	}
	if len(wins) > c.ev.e.o.MaxWindows {
		return BadRequestf("%d time ranges are more than %d (MAX_QUERY_RANGES)", len(wins), c.ev.e.o.MaxWindows)
	}
	for _, w := range wins {
		var s []*Series
		if w == c.sc.win {
			s, err = c.evalPlain()
		} else {
			s, err = c.ev.eval(c.sc.in(w), n)
		}
		if err != nil {
			return err
		}
		c.wins = append(c.wins, s)
	}
	return nil
}

// evalPlain evaluates the first argument in the caller's window, once.
func (c *Call) evalPlain() ([]*Series, error) {
	if c.plain != nil {
		return c.plain, nil
	}
	s, err := c.ev.eval(c.sc, c.bound[0][0])
	if s == nil {
		s = []*Series{}
	}
	c.plain = s
	return s, err
}
