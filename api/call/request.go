package call

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
)

// Site holds what all requests to a server have in common.
type Site struct {
	Prefix        string // the path below which everything is served: "" or "/x"
	Zones         *Zones
	Now           func() time.Time
	Log           zerolog.Logger
	QueryTimeout  time.Duration
	MaxParameters int
	Counts        Counts
}

// Request is one HTTP request on its way to its answer.
type Request struct {
	*fasthttp.RequestCtx
	Site   *Site
	Params Params
	// Ctx ends at the request's deadline, when its client leaves, and when the server stops.
	Ctx context.Context
	// JSONErrors makes errors {"error": message}, as in graphite-web's @jsonResponse views. Else
	// they are text.
	JSONErrors bool
	// ID identifies the request in logs and errors.
	ID string
	// User is the name of the client, or "" if clients need none.
	User string
	// Reply is the answer if it was or will be shared with other requests, else nil.
	Reply *Reply
	// Replaying says why the answer may lack points, or is "".
	Replaying string
	// Targets are the targets of the request, which errors quote.
	Targets []string
	// Wanted reports whether other requests wait for the answer to this one; nil: none can.
	Wanted func() bool

	// Vars are the parts of the path that the pattern of its route names.
	Vars Params

	tcp     *net.TCPConn
	watched *watch
}

// Var returns a part of the path, by the name that it has in the pattern of the route.
func (q *Request) Var(name string) string { return q.Vars.Get(name) }

// ErrNoPath is the error of a handler that has nothing at the path. The server answers with 404 and
// the paths that exist.
var ErrNoPath = errors.New("there is nothing at this path")

// Handler answers a request. It returns an error for everything that is not an answer.
type Handler func(q *Request) error

// New returns the request of a fasthttp context. tcp is the client's connection, or nil if nobody
// can look after it.
func New(c *fasthttp.RequestCtx, site *Site, ctx context.Context, id string, tcp *net.TCPConn) *Request {
	return &Request{RequestCtx: c, Site: site, Ctx: ctx, ID: id, tcp: tcp}
}

// Secure sets the headers that keep a browser from taking an answer for more than it is. A handler
// that answers with a page may set its own.
func (q *Request) Secure() {
	h := &q.Response.Header
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'")
}

// WantsPage reports whether the client is a browser that shows the answer to its user.
func (q *Request) WantsPage() bool {
	return strings.Contains(string(q.Request.Header.Peek("Accept")), "text/html")
}
