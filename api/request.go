package api

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/render"
	"graphited/render/draw"
	"graphited/render/encode"
	"graphited/render/expr"
)

// request is one request on its way to its answer.
type request struct {
	*fasthttp.RequestCtx
	s *Server
	p params
	// ctx ends at the request's deadline and when the server stops.
	ctx context.Context
	// jsonErrors: errors are told as {"error": message}, as in graphite-web's
	// @jsonResponse views; else as text.
	jsonErrors bool
	// id names the request in logs and errors, user who asks; "" when nobody need say.
	id, user string
	// reply is what the answer was taken from, or given to; nil: it is this request's own.
	reply *reply
	// keepFor is how long the answer may be kept, once it is there.
	keepFor time.Duration
	// replaying is what Options.Starting said at the beginning.
	replaying string
	// watched looks whether the client is still there; nil: nobody does.
	watched *watch
	// flight is what others want, too; nil: this request's answer is its own.
	flight *flight
	// targets are named in messages about them.
	targets []string
}

// failure is an error that has a status of its own.
type failure struct {
	status int
	msg    string
}

// Error returns the message for who asked.
func (f *failure) Error() string { return f.msg }

func badRequest(msg string) error { return &failure{fasthttp.StatusBadRequest, msg} }

func notFound(msg string) error { return &failure{fasthttp.StatusNotFound, msg} }

// fail answers with an error. It alone decides what an error looks like.
func (q *request) fail(err error) {
	q.Response.ResetBody()
	if q.hasLeft() {
		err = errLeft
		q.SetConnectionClose()
	}
	status, msg := q.classify(err)
	q.SetStatusCode(status)
	q.locate(err)
	switch status {
	case fasthttp.StatusServiceUnavailable:
		q.Response.Header.Set("Retry-After", "5")
	case fasthttp.StatusTooManyRequests:
		q.s.metrics.busy.Add(1)
		q.Response.Header.Set("Retry-After", "1")
	}
	if q.jsonErrors {
		w := q.writer()
		w.Open('{')
		w.Key("error")
		w.String(msg)
		w.Close('}')
		q.finish(w.Buf, "application/json")
		return
	}
	if status == fasthttp.StatusBadRequest {
		msg = "Invalid parameters (" + msg + ")" + q.errorContext(err)
	}
	q.finish(append(q.body(), escape(msg)...), "text/html; charset=utf-8")
}

// classify returns the status and the message of an error.
func (q *request) classify(err error) (int, string) {
	var f *failure
	var e *render.Error
	var p *draw.ParamError
	switch {
	case errors.As(err, &f):
		return f.status, f.msg
	case errors.As(err, &p):
		return fasthttp.StatusBadRequest, p.Error()
	case errors.As(err, &e) && e.Kind != render.Unavailable:
		return fasthttp.StatusBadRequest, e.Msg
	case errors.Is(err, context.DeadlineExceeded):
		return fasthttp.StatusServiceUnavailable, "the query took longer than " + q.s.o.QueryTimeout.String()
	case errors.Is(err, context.Canceled):
		return fasthttp.StatusServiceUnavailable, "the server is stopping"
	case e != nil:
		return fasthttp.StatusServiceUnavailable, e.Msg
	}
	q.s.o.Log.Error().Err(err).Str("id", q.id).Bytes("path", q.Path()).Msg("cannot answer request")
	return fasthttp.StatusInternalServerError, "internal error " + q.id
}

// locate tells a page where an error is: the number of the target, from 0, and
// the byte in it.
func (q *request) locate(err error) {
	var e *render.Error
	if !errors.As(err, &e) {
		return
	}
	if i := slices.Index(q.targets, e.Target); i >= 0 {
		q.Response.Header.Set("X-Graphited-Position", strconv.Itoa(i)+" "+strconv.Itoa(e.Pos))
	}
}

// maxQuoted is how much of the targets an error repeats.
const maxQuoted = 4096

// errorContext tells what an error is about, as graphite-web does after the
// message: the targets, who asked and the function.
func (q *request) errorContext(err error) string {
	var b strings.Builder
	if len(q.targets) > 0 {
		targets := strings.Join(q.targets, ", ")
		if len(targets) > maxQuoted {
			targets = strings.ToValidUTF8(targets[:maxQuoted], "") + "..."
		}
		b.WriteString(`; targets: "` + targets + `"`)
	}
	var source []string
	for _, h := range [...]string{"Dashboard-ID", "Grafana-Org-ID", "Panel-ID"} {
		if v := q.Request.Header.Peek("X-" + h); len(v) > 0 {
			source = append(source, strings.ToLower(h)+": "+printable(string(v), 64))
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

// recover answers a panic with 500, so that one request cannot end them all.
func (q *request) recover() {
	r := recover()
	if r == nil {
		return
	}
	q.s.o.Log.Error().Interface("panic", r).Str("id", q.id).Bytes("path", q.Path()).
		Bytes("stack", debug.Stack()).Msg("request panicked")
	q.Response.Reset()
	q.secure()
	q.fail(&failure{fasthttp.StatusInternalServerError, "internal error " + q.id})
}

// body returns the pooled buffer of the answer, empty; finish takes it back.
func (q *request) body() []byte { return q.Response.SwapBody(nil)[:0] }

// largeBody is how large a buffer may be to go back to the pool, where the next
// answer, however small, would hold it. A graph of a thousand series is an answer of
// some ten megabytes; to make a buffer for each costs more than to write it.
const largeBody = 32 << 20

// finish makes body the answer.
func (q *request) finish(body []byte, contentType string) {
	if cap(body) > largeBody {
		q.Response.SetBodyRaw(body)
	} else {
		q.Response.SwapBody(body)
	}
	q.SetContentType(contentType)
}

// writer returns a JSON writer into the body, indented when pretty is set to
// anything at all, as graphite-web.
func (q *request) writer() encode.Writer {
	return encode.Writer{Buf: q.body(), Indent: q.p.get("pretty") != ""}
}

// jsonp returns the function to wrap the answer in, "" for none.
func (q *request) jsonp() (string, error) {
	name := q.p.get("jsonp")
	if name != "" && !validCallback(name) {
		return "", badRequest("jsonp must be the name of a function")
	}
	return name, nil
}

// validCallback tells whether s is nothing but the name of a JavaScript
// function, so that an answer cannot be made to begin with code.
func validCallback(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.')) {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}

// metricsJSON answers with what write writes, as the /metrics views: wrapped in
// jsonp, in ASCII only for who accepts nothing but JSON, never to be cached.
func (q *request) metricsJSON(write func(w *encode.Writer)) error {
	callback, err := q.jsonp()
	if err != nil {
		return err
	}
	w := q.writer()
	accept := q.Request.Header.Peek("Accept")
	w.UTF8 = len(accept) > 0 && string(accept) != "application/json"
	contentType := "application/json"
	if callback != "" {
		w.Buf = append(append(w.Buf, callback...), '(')
		contentType = "text/javascript"
	}
	write(&w)
	if callback != "" {
		w.Buf = append(w.Buf, ')')
	}
	if w.UTF8 {
		contentType += ";charset=utf-8"
	}
	q.finish(w.Buf, contentType)
	return nil
}

// neverCache forbids keeping the answer, as Django's add_never_cache_headers.
func (q *request) neverCache() {
	q.Response.Header.Set("Expires", httpTime(q.s.now()))
	q.Response.Header.Set("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private")
}

// cacheFor allows keeping the answer, as Django's patch_response_headers.
func (q *request) cacheFor(d time.Duration) {
	d = max(d, 0)
	q.Response.Header.Set("Expires", httpTime(q.s.now().Add(d)))
	q.Response.Header.Set("Cache-Control", "max-age="+strconv.FormatInt(int64(d/time.Second), 10))
}

// noCache is what the /metrics views say.
func (q *request) noCache() {
	q.Response.Header.Set("Pragma", "no-cache")
	q.Response.Header.Set("Cache-Control", "no-cache")
}

func httpTime(t time.Time) string { return string(fasthttp.AppendHTTPDate(nil, t)) }

// allow refuses other methods with 405 and an empty body.
func (q *request) allow(methods ...string) bool {
	m := string(q.Method())
	if m == fasthttp.MethodHead {
		m = fasthttp.MethodGet
	}
	if slices.Contains(methods, m) {
		return true
	}
	q.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	q.Response.Header.Set("Allow", strings.Join(methods, ", "))
	q.SetContentType("text/html; charset=utf-8")
	return false
}

// escape is graphite-web's htmlEscape; what it escapes stands between tags only.
func escape(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}

// printable reduces s to what may stand in a header: at most n printable ASCII
// characters.
func printable(s string, n int) string {
	b := make([]byte, 0, min(len(s), n))
	for _, r := range s {
		if len(b) == n {
			break
		}
		if r < ' ' || r > '~' {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return string(b)
}
