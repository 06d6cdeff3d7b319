package call

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// Failure is an error with an HTTP status.
type Failure struct {
	Status int
	Msg    string
}

// Error returns the message for the client.
func (f *Failure) Error() string { return f.Msg }

// Fail returns an error with a status.
func Fail(status int, msg string) error { return &Failure{status, msg} }

// BadRequest returns an error with the status 400.
func BadRequest(msg string) error { return &Failure{fasthttp.StatusBadRequest, msg} }

// NotFound returns an error with the status 404.
func NotFound(msg string) error { return &Failure{fasthttp.StatusNotFound, msg} }

// ErrLeft ends a query that no client waits for. nginx has the same status for it. A client that
// has only closed its own side of the connection may still read the answer.
var ErrLeft error = &Failure{499, "the client has closed the connection"}

// Escape is graphite-web's htmlEscape. The result may only stand between tags.
func Escape(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}

// Printable reduces s to at most n characters of printable ASCII, which a header may contain.
func Printable(s string, n int) string {
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
