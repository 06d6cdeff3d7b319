package call

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// WarningHeader says what an answer lacks.
const WarningHeader = "X-Graphited-Warning"

// Buffer returns the pooled buffer of the answer, empty. Finish takes it back.
func (q *Request) Buffer() []byte { return q.Response.SwapBody(nil)[:0] }

// largeBody is the largest capacity of a buffer that goes back to the pool, where the next answer,
// however small, would retain it. A graph of a thousand series is an answer of about ten megabytes;
// a new buffer for each costs more than writing it.
const largeBody = 32 << 20

// Finish makes body the answer.
func (q *Request) Finish(body []byte, contentType string) {
	if cap(body) > largeBody {
		q.Response.SetBodyRaw(body)
	} else {
		q.Response.SwapBody(body)
	}
	q.SetContentType(contentType)
}

// Writer returns a JSON writer into the buffer. Like in graphite-web it indents if the parameter
// pretty has any value.
func (q *Request) Writer() encode.Writer {
	return encode.Writer{Buf: q.Buffer(), Indent: q.Params.Get("pretty") != ""}
}

// Object answers with a JSON object.
func (q *Request) Object(write func(w *encode.Writer)) error {
	w := encode.Writer{Buf: q.Buffer()}
	w.Open('{')
	write(&w)
	w.Close('}')
	q.Finish(w.Buf, "application/json")
	return nil
}

// Callback returns the function to wrap the answer in, or "" for none.
func (q *Request) Callback() (string, error) {
	name := q.Params.Get("jsonp")
	if name != "" && !validCallback(name) {
		return "", BadRequest("jsonp must be the name of a function")
	}
	return name, nil
}

// validCallback reports whether s is nothing but the name of a JavaScript function, so that an
// answer cannot be made to begin with code.
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

// JSONP answers with JSON, wrapped in the function of the parameter jsonp. It writes to w, which
// begins at the buffer's beginning.
func (q *Request) JSONP(w encode.Writer, write func(w *encode.Writer)) error {
	callback, err := q.Callback()
	if err != nil {
		return err
	}
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
	q.Finish(w.Buf, contentType)
	return nil
}

// MetricsJSON answers like the /metrics views: with JSONP, in ASCII only if the client accepts
// nothing but JSON.
func (q *Request) MetricsJSON(write func(w *encode.Writer)) error {
	w := q.Writer()
	accept := q.Request.Header.Peek("Accept")
	w.UTF8 = len(accept) > 0 && string(accept) != "application/json"
	return q.JSONP(w, write)
}

// NeverCache forbids keeping the answer, like Django's add_never_cache_headers.
func (q *Request) NeverCache() {
	q.Response.Header.Set("Expires", httpTime(q.Site.Now()))
	q.Response.Header.Set("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private")
}

// CacheFor allows keeping the answer, like Django's patch_response_headers.
func (q *Request) CacheFor(d time.Duration) {
	d = max(d, 0)
	q.Response.Header.Set("Expires", httpTime(q.Site.Now().Add(d)))
	q.Response.Header.Set("Cache-Control", "max-age="+strconv.FormatInt(int64(d/time.Second), 10))
}

// NoCache sets the headers of the /metrics views.
func (q *Request) NoCache() {
	q.Response.Header.Set("Pragma", "no-cache")
	q.Response.Header.Set("Cache-Control", "no-cache")
}

func httpTime(t time.Time) string { return string(fasthttp.AppendHTTPDate(nil, t)) }

// Lacks puts what the answer lacks into a header.
func (q *Request) Lacks(warnings []string) {
	if len(warnings) == 0 {
		return
	}
	text := strings.Join(warnings, "; ")
	if before := string(q.Response.Header.Peek(WarningHeader)); before != "" && before != text {
		text = before + "; " + text
	}
	q.Response.Header.Set(WarningHeader, Printable(text, 1000))
}

// ReplyOf takes the answer from a request, with those of the headers that it has. The body is
// copied unless it is large: then no pool takes it back, and it can be shared as it is.
func ReplyOf(q *Request, err error, headers ...string) *Reply {
	if err != nil {
		return &Reply{Err: err, targets: q.Targets}
	}
	r := &Reply{Body: q.Response.Body()}
	if cap(r.Body) <= largeBody {
		r.Body = slices.Clone(r.Body)
	}
	for _, name := range headers {
		if v := q.Response.Header.Peek(name); len(v) > 0 {
			r.headers = append(r.headers, [2]string{name, string(v)})
		}
	}
	return r
}

// Give makes r the answer of a request. All requests that are given it share the body.
func (r *Reply) Give(q *Request) error {
	if r.Err != nil {
		q.Targets = r.targets
		return r.Err
	}
	q.Reply = r
	q.Response.SetBodyRaw(r.Body)
	for _, h := range r.headers {
		q.Response.Header.Set(h[0], h[1])
	}
	return nil
}
