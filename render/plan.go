package render

import (
	"errors"

	"graphited/render/expr"
)

// maxRounds bounds how often a query is planned; what is still missing then is
// read when it is met.
const maxRounds = 4

// prefetch walks the trees without evaluating them, collects what they will
// read, and reads it in parallel. A window that is counted in points needs the
// step of its series, so that it is known in the second round at the earliest.
func (ev *evaluator) prefetch(trees []*expr.Node, w Window) error {
	for range maxRounds {
		p := planner{ev: ev, seen: map[readKey]bool{}}
		for _, tree := range trees {
			if tree != nil {
				p.walk(tree, w)
			}
		}
		if len(p.reads) == 0 {
			return nil
		}
		if err := ev.mem.load(p.reads); err != nil {
			return err
		}
		if !p.partial {
			return nil
		}
	}
	return nil
}

// maxWalked bounds the steps of planning a query: calls that look at several windows multiply them
// at each level. What is not planned is read when it is met.
const maxWalked = 1 << 18

// planner collects reads that the memory does not have.
type planner struct {
	ev      *evaluator
	seen    map[readKey]bool
	reads   []read
	partial bool // some window was not known yet
	walked  int
}

func (p *planner) walk(n *expr.Node, w Window) {
	if p.walked++; p.walked > maxWalked {
		return
	}
	switch {
	case n.Kind == expr.Path:
		p.want(read{key: readKey{n.Name, w}})
		return
	case n.Kind != expr.Call:
		return
	case n.Name == SeriesByTag:
		p.want(read{key: readKey{n.Text, w}, tags: tagExprs(n)})
		return
	}
	f, ok := p.ev.e.reg.Lookup(n.Name)
	if !ok {
		return
	}
	b, err := p.ev.match(f, n)
	if err != nil {
		return // evaluation will say so
	}
	for i, nodes := range b {
		for j, arg := range nodes {
			if i == 0 && j == 0 && f.Windows != nil {
				p.walkWindows(f, n, b, w)
				continue
			}
			p.walk(arg, w)
		}
	}
}

// walkWindows plans the first argument of a function that moves its window.
func (p *planner) walkWindows(f *Func, n *expr.Node, b binding, w Window) {
	first := b[0][0]
	vals, err := p.ev.scalars(f, b)
	if err != nil {
		return
	}
	c := &Call{Func: f, ev: p.ev, sc: &scope{win: w}, node: n, bound: b, vals: vals, planning: true}
	wins, err := f.Windows(c)
	switch {
	case errors.Is(err, errNotYet):
		p.partial = true
		p.walk(first, w)
	case err == nil:
		for _, x := range wins[:min(len(wins), p.ev.e.o.MaxWindows)] {
			p.walk(first, x)
		}
	}
}

func (p *planner) want(r read) {
	if p.seen[r.key] || p.ev.mem.has(r.key) {
		return
	}
	p.seen[r.key] = true
	p.reads = append(p.reads, r)
}
