package api

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"graphited/render"
)

// errorsHeader tells which targets, or parts of them, an answer lacks because they
// cannot be evaluated as they are written.
const errorsHeader = "X-Graphited-Errors"

const (
	longestProblem = 160  // bytes of the text of one
	allProblems    = 1000 // bytes of the header, about
)

// misses puts the problems of an answer into a header: for each the number of its target,
// from 0, the byte in it, "target" or "part", and why. A semicolon is between two.
func (q *request) misses(problems []render.Problem) {
	if len(problems) == 0 {
		return
	}
	var b strings.Builder
	for i, p := range problems {
		if b.Len() > allProblems-longestProblem {
			fmt.Fprintf(&b, "; %d more", len(problems)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(q.problem(p))
	}
	q.Response.Header.Set(errorsHeader, b.String())
}

func (q *request) problem(p render.Problem) string {
	kind, pos, text := "target", p.Err.Pos, p.Err.Msg
	if p.Part {
		kind = "part"
	}
	if p.Err.Func != "" {
		text = p.Err.Func + "(): " + text
	}
	if p.Err.Target != "" && p.Err.Target != q.targets[p.Target] {
		pos, text = 0, text+" ("+p.Err.Target+")" // a target that a function has made
	}
	return strconv.Itoa(p.Target) + " " + strconv.Itoa(pos) + " " + kind + " " + printable(strings.ReplaceAll(text, ";", ","), longestProblem)
}

// evaluate evaluates the targets of a request to /render. The slices of a pie that are
// given by value are an answer also where no target has one.
func (r *renderQuery) evaluate(q *request) (render.Result, error) {
	res, err := q.s.o.Engine.Eval(q.ctx, r.Query)
	var e *render.Error
	if len(r.slices) == 0 || !errors.As(err, &e) || e.Kind != render.BadRequest {
		return res, err
	}
	return render.Result{Problems: []render.Problem{{Target: max(slices.Index(r.Targets, e.Target), 0), Err: e}}}, nil
}

// unmergeable takes out the series whose points cannot be merged, when that is why an
// answer cannot be written and there are others. What consolidateBy says is looked at no
// sooner than there are too many points.
func unmergeable(res *render.Result, err error) bool {
	var e *render.Error
	if !errors.As(err, &e) || e.Kind != render.BadRequest {
		return false
	}
	var kept []*render.Series
	var problems []render.Problem
	target := 0
	for i, s := range res.Series {
		for i >= res.Ends[target] {
			target++
		}
		if s.Mergeable() {
			kept = append(kept, s)
		} else {
			msg := fmt.Sprintf("series %q has the unknown consolidation function %q", s.Name, s.Consolidate)
			problems = append(problems, render.Problem{Target: target, Part: true, Err: &render.Error{Kind: render.BadRequest, Msg: msg}})
		}
	}
	if len(kept) == 0 || problems == nil {
		return false
	}
	res.Series, res.Problems = kept, append(res.Problems, problems...)
	return true
}
