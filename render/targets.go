package render

import (
	"errors"

	"graphited/render/expr"
)

// Problem is why a target, or a part of it, has no answer while others have.
type Problem struct {
	Target int  // its number in the Query, from 0
	Part   bool // the rest of the target is answered
	Err    *Error
}

// maxProblems bounds how many parts without an answer are told.
const maxProblems = 100

// outcome is what a target gives, or why it gives nothing.
type outcome struct {
	series []*Series
	err    *Error
}

// evalTargets evaluates targets, each by itself: one that cannot be evaluated as it is
// written costs the others nothing. All else that goes wrong ends the query. What the
// targets read is read together first.
func (ev *evaluator) evalTargets(sc *scope, targets []string) ([]outcome, error) {
	out, trees := make([]outcome, len(targets)), make([]*expr.Node, len(targets))
	for i, target := range targets {
		n, err := ev.parse(target)
		if out[i].err = ownFault(err, target); err != nil && out[i].err == nil {
			return nil, err
		}
		if err == nil {
			trees[i] = n
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
		if out[i].err = ownFault(err, targets[i]); err != nil && out[i].err == nil {
			return nil, withTarget(err, targets[i])
		}
		if out[i].series = s; err != nil {
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

// ownFault returns the error of a target that cannot be evaluated as it is written; nil
// for no error, and for one that concerns the query, such as a limit or its deadline.
func ownFault(err error, target string) *Error {
	var e *Error
	var syntax *expr.Error
	if !errors.As(withTarget(err, target), &e) || e.Kind != BadRequest && !errors.As(err, &syntax) {
		return nil
	}
	return e
}

// some does something for each of n names or groups. Where it cannot be done for one of
// them as the target is written, the others are answered and the answer tells why; the
// error is that of the first when it can be done for none.
func (c *Call) some(n int, do func(i int) error) error {
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

// problem notes why a part is missing, once: a call may be evaluated for several windows.
func (ev *evaluator) problem(p Problem) {
	for _, q := range ev.problems {
		if q.Target == p.Target && q.Err.Error() == p.Err.Error() {
			return
		}
	}
	ev.problems = append(ev.problems, p)
}
