package call

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/render"
	"graphited/render/draw"
	"graphited/render/encode"
	"graphited/render/expr"
)

// problemType is the type of a structured error, see RFC 9457.
const problemType = "application/problem+json"

// Fail answers with an error. It alone decides what an error looks like.
func (q *Request) Fail(err error) {
	q.Response.ResetBody()
	if q.watched.hasLeft() {
		err = ErrLeft
		q.SetConnectionClose()
	}
	status, msg := q.classify(err)
	q.SetStatusCode(status)
	target, pos := q.position(err)
	if target >= 0 {
		q.Response.Header.Set("X-Graphited-Position", strconv.Itoa(target)+" "+strconv.Itoa(pos))
	}
	switch status {
	case fasthttp.StatusServiceUnavailable:
		q.Response.Header.Set("Retry-After", "5")
	case fasthttp.StatusTooManyRequests:
		q.Site.Counts.Busy.Add(1)
		q.Response.Header.Set("Retry-After", "1")
	}
	switch {
	case strings.Contains(string(q.Request.Header.Peek("Accept")), problemType):
		q.finishProblem(Problem{Status: status, Detail: msg, Target: target, Pos: pos, Func: function(err)})
	case q.JSONErrors:
		w := q.Writer()
		w.Open('{')
		w.Key("error")
		w.String(msg)
		w.Close('}')
		q.Finish(w.Buf, "application/json")
	case status == fasthttp.StatusBadRequest:
		q.Finish(append(q.Buffer(), Escape("Invalid parameters ("+msg+")"+q.errorContext(err))...), "text/html; charset=utf-8")
	default:
		q.Finish(append(q.Buffer(), Escape(msg)...), "text/html; charset=utf-8")
	}
}

// classify returns the status and the message of an error.
func (q *Request) classify(err error) (int, string) {
	var f *Failure
	var e *render.Error
	var p *draw.ParamError
	switch {
	case errors.As(err, &f):
		return f.Status, f.Msg
	case errors.As(err, &p):
		return fasthttp.StatusBadRequest, p.Error()
	case errors.As(err, &e) && e.Kind != render.Unavailable:
		return fasthttp.StatusBadRequest, e.Msg
	case errors.Is(err, context.DeadlineExceeded):
		return fasthttp.StatusServiceUnavailable, "the query took longer than " + q.Site.QueryTimeout.String()
	case errors.Is(err, context.Canceled):
		return fasthttp.StatusServiceUnavailable, "the server is stopping"
	case e != nil:
		return fasthttp.StatusServiceUnavailable, e.Msg
	}
	q.Site.Log.Error().Err(err).Str("id", q.ID).Bytes("path", q.Path()).Msg("cannot answer request")
	return fasthttp.StatusInternalServerError, "internal error " + q.ID
}

// position returns where an error is: the index of the target, or -1 if there is none, and the byte
// in it.
func (q *Request) position(err error) (target, pos int) {
	var e *render.Error
	if !errors.As(err, &e) {
		return -1, 0
	}
	return slices.Index(q.Targets, e.Target), e.Pos
}

// function returns the function that refused its arguments, or "" if there is none.
func function(err error) string {
	var e *render.Error
	if errors.As(err, &e) {
		return e.Func
	}
	return ""
}

// Problem is an error of a request, or of one target of it, as fields for a program.
type Problem struct {
	Status int    // 0: the rest of the request was answered
	Detail string // the message
	Target int    // index of the target; -1: none
	Pos    int    // byte in the target
	Part   bool   // only a part of the target is missing
	Func   string // the function that refused; "": none
}

// Write writes the problem as an object.
func (p Problem) Write(w *encode.Writer) {
	w.Open('{')
	if p.Status != 0 {
		w.Key("status")
		w.Int(int64(p.Status))
	}
	w.Key("detail")
	w.String(p.Detail)
	if p.Target >= 0 {
		w.Key("target")
		w.Int(int64(p.Target))
		w.Key("position")
		w.Int(int64(p.Pos))
	}
	if p.Part {
		w.Key("part")
		w.Bool(true)
	}
	if p.Func != "" {
		w.Key("func")
		w.String(p.Func)
	}
	w.Close('}')
}

func (q *Request) finishProblem(p Problem) {
	w := encode.Writer{Buf: q.Buffer()}
	p.Write(&w)
	q.Finish(w.Buf, problemType)
}

// maxQuoted is how much of the targets an error repeats.
const maxQuoted = 4096

// errorContext says what an error is about in the same way as graphite-web, behind the message: the
// targets, the client and the function.
func (q *Request) errorContext(err error) string {
	var b strings.Builder
	if len(q.Targets) > 0 {
		targets := strings.Join(q.Targets, ", ")
		if len(targets) > maxQuoted {
			targets = strings.ToValidUTF8(targets[:maxQuoted], "") + "..."
		}
		b.WriteString(`; targets: "` + targets + `"`)
	}
	var source []string
	for _, h := range [...]string{"Dashboard-ID", "Grafana-Org-ID", "Panel-ID"} {
		if v := q.Request.Header.Peek("X-" + h); len(v) > 0 {
			source = append(source, strings.ToLower(h)+": "+Printable(string(v), 64))
		}
	}
	if source != nil {
		b.WriteString(`; source: "` + strings.Join(source, ", ") + `"`)
	}
	var e *render.Error
	if errors.As(err, &e) {
		if e.Func != "" {
			b.WriteString(`; func: "` + e.Func + `"`)
		}
		var syntax *expr.Error
		if e.Pos > 0 || errors.As(err, &syntax) {
			b.WriteString("; position: " + strconv.Itoa(e.Pos))
		}
	}
	return b.String()
}

// Recover answers a panic with 500, so that one request cannot end all others. It must be deferred.
func (q *Request) Recover() {
	r := recover()
	if r == nil {
		return
	}
	q.Site.Log.Error().Interface("panic", r).Str("id", q.ID).Bytes("path", q.Path()).
		Bytes("stack", debug.Stack()).Msg("request panicked")
	q.Response.Reset()
	q.Secure()
	q.Fail(&Failure{fasthttp.StatusInternalServerError, "internal error " + q.ID})
}
