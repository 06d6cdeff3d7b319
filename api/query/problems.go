package query

import (
	"errors"
	"fmt"
	"strings"

	"graphited/api/call"
	"graphited/render/encode"

	"graphited/render"
)

// errorsHeader says which targets, or parts of them, an answer lacks because they cannot be
// evaluated as they are written. problemsHeader has the same for programs, as JSON.
const (
	errorsHeader   = "X-Graphited-Errors"
	problemsHeader = "X-Graphited-Problems"
)

const (
	longestProblem = 160  // bytes of the text of one
	allProblems    = 1000 // bytes of the list of texts, about
)

// tellProblems puts the problems of an answer into the headers. In errorsHeader each has the index
// of its target, the byte in it, "target" or "part", and the text. Semicolons separate them.
func tellProblems(q *call.Request, problems []render.Problem) {
	if len(problems) == 0 {
		return
	}
	var text strings.Builder
	w := encode.Writer{}
	w.Open('[')
	for i, p := range problems {
		if text.Len() > allProblems-longestProblem {
			fmt.Fprintf(&text, "; %d more", len(problems)-i)
			call.Problem{Target: -1, Detail: fmt.Sprintf("%d more", len(problems)-i)}.Write(&w)
			break
		}
		if i > 0 {
			text.WriteString("; ")
		}
		x := problem(q, p)
		kind := "target"
		if x.Part {
			kind = "part"
		}
		fmt.Fprintf(&text, "%d %d %s %s", x.Target, x.Pos, kind, strings.ReplaceAll(x.Detail, ";", ","))
		x.Write(&w)
	}
	w.Close(']')
	q.Response.Header.Set(errorsHeader, text.String())
	q.Response.Header.Set(problemsHeader, string(w.Buf))
}

// problem returns a problem with a text that a header may contain.
func problem(q *call.Request, p render.Problem) call.Problem {
	x := call.Problem{Target: p.Target, Part: p.Part, Pos: p.Err.Pos}
	text := p.Err.Msg
	if p.Err.Func != "" {
		text = p.Err.Func + "(): " + text
	}
	if p.Err.Target != "" && p.Err.Target != q.Targets[p.Target] {
		x.Pos, text = 0, text+" ("+p.Err.Target+")" // a target that a function has made
	}
	x.Detail = call.Printable(text, longestProblem)
	return x
}

// unmergeable removes the series whose points cannot be merged, if that is why an answer cannot be
// written and there are others. The argument of consolidateBy is not looked at until there are too
// many points.
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
