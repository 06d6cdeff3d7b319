package render

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Eval evaluates a query. The series are in the order of the targets. Patterns
// that match nothing give nothing. A target that cannot be evaluated is a problem of
// the Result, and an error when no target can. An error of the request is an *Error; a
// cancelled or expired context is the context's error.
func (e *Engine) Eval(ctx context.Context, q Query) (Result, error) {
	if e.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.o.Timeout)
		defer cancel()
	}
	if q.Now == 0 {
		q.Now = time.Now().Unix()
	}
	if q.Location == nil {
		q.Location = time.UTC
	}
	if q.From >= q.Until {
		return Result{}, BadRequestf("invalid empty time range: from %d, until %d", q.From, q.Until)
	}
	ev := newEvaluator(ctx, e, q)
	outcomes, err := ev.evalTargets(&scope{win: Window{q.From, q.Until}, xff: q.XFilesFactor}, q.Targets)
	if err != nil {
		return Result{}, err
	}
	return ev.result(outcomes)
}

// result puts together what the targets have given. When none of them has an answer it
// is the error of the first.
func (ev *evaluator) result(outcomes []outcome) (Result, error) {
	r := Result{Warnings: ev.mem.warnings()}
	answered := false
	for i, o := range outcomes {
		switch {
		case strings.TrimSpace(ev.q.Targets[i]) == "":
		case o.Err != nil:
			r.Problems = append(r.Problems, Problem{Target: i, Err: o.Err})
		default:
			answered = true
			r.Series = append(r.Series, o.Series...)
		}
		r.Ends = append(r.Ends, len(r.Series))
		if o.rest != "" {
			r.Ignored = append(r.Ignored, o.rest)
		}
	}
	if !answered && len(r.Problems) > 0 {
		return Result{}, r.Problems[0].Err
	}
	r.Problems = append(r.Problems, ev.problems...)
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.Target - b.Target })
	return r, nil
}
