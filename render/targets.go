package render

import (
	"errors"

	"graphited/render/expr"
)

// evalTargets evaluates targets, each by itself: one that cannot be evaluated as it is
// written costs the others nothing. All else that goes wrong ends the query. What the
// targets read is read together first.
func (ev *evaluator) evalTargets(sc *scope, targets []string) ([]outcome, error) {
	out, trees := make([]outcome, len(targets)), make([]*expr.Node, len(targets))
	for i, target := range targets {
		n, rest, err := ev.parse(target)
		if out[i].Err = ownFault(err, target); err != nil && out[i].Err == nil {
			return nil, err
		}
		if err == nil {
			trees[i], out[i].rest = n, rest
		}
	}
	if err := ev.prefetch(trees, sc.win); err != nil {
		return nil, err
	}
	for i, tree := range trees {
		if ev.depth == 0 {
			ev.target = i
		}
		if tree == nil {
			continue
		}
		held, problems := ev.held, len(ev.problems)
		s, err := ev.evalTarget(sc, tree, targets[i])
		if out[i].Err = ownFault(err, targets[i]); err != nil && out[i].Err == nil {
			return nil, withTarget(err, targets[i])
		}
		if out[i].Series = s; err != nil {
			ev.held, ev.problems = held, ev.problems[:problems]
		}
	}
	return out, nil
}

// evalTarget evaluates a whole target. One that fails or finds nothing may be a name.
func (ev *evaluator) evalTarget(sc *scope, tree *expr.Node, target string) ([]*Series, error) {
	s, err := ev.eval(sc, tree)
	if len(s) > 0 || err != nil && ownFault(err, target) == nil {
		return s, err
	}
	if tree.Kind == expr.Call {
		if name := ev.mem.named(target); name != nil {
			return ev.eval(sc, name)
		}
	}
	return s, err
}

// Some does something for each of n names or groups. Where it cannot be done for one of
// them as the target is written, the others are answered and the answer tells why; the
// error is that of the first when it can be done for none.
func (c *Call) Some(n int, do func(i int) error) error {
	var faults []*Error
	for i := range n {
		if err := c.Err(); err != nil {
			return err
		}
		err := do(i)
		if err == nil {
			continue
		}
		fault := ownFault(err, "")
		if fault == nil {
			return err
		}
		faults = append(faults, fault)
	}
	if n > 0 && len(faults) == n {
		return faults[0]
	}
	for _, f := range faults[:min(len(faults), maxProblems-min(len(c.ev.problems), maxProblems))] {
		if c.node != nil {
			errors.As(inFunc(f, c.node), &f)
		}
		c.ev.problem(Problem{Target: c.ev.target, Part: true, Err: f})
	}
	return c.Err()
}

// parse reads one target and puts in the values of its templates. It returns the text behind the
// target too, which is ignored. What cannot be read as a whole may be a name.
func (ev *evaluator) parse(target string) (tree *expr.Node, rest string, err error) {
	if err := ev.ctx.Err(); err != nil {
		return nil, "", err
	}
	n, rest, err := ev.reader.Parse(target)
	if err != nil || rest != "" {
		if name := ev.mem.named(target); name != nil {
			return name, "", nil
		}
	}
	if err == nil {
		n, err = ev.reader.Expand(n)
	}
	var syntax *expr.Error
	if errors.As(err, &syntax) {
		e := &Error{Kind: BadRequest, Target: target, Pos: syntax.Pos, Msg: syntax.Msg, Err: err}
		if syntax.TooLarge {
			e.Kind = TooLarge
		}
		if syntax.Query {
			e.Err = nil // not the fault of this target
		}
		return nil, "", e
	}
	return n, rest, err
}

// EvalTexts evaluates targets that a function has put together, each as if it
// stood alone in the caller's window. What they read is read together first.
func (c *Call) EvalTexts(targets []string) ([]outcome, error) {
	if c.ev.depth++; c.ev.depth > maxTextDepth {
		return nil, TooLargef("targets made by functions are nested deeper than %d", maxTextDepth)
	}
	defer func() { c.ev.depth-- }()
	return c.ev.evalTargets(c.sc.in(c.sc.win), targets)
}

// maxTextDepth bounds applyByNode within applyByNode.
const maxTextDepth = 8
