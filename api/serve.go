package api

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/api/call"
)

// serve answers one request. It checks whether the client may ask before anything else.
func (s *Server) serve(c *fasthttp.RequestCtx) {
	start := time.Now()
	var tcp *net.TCPConn
	own := ownConn(c.Conn())
	if own != nil {
		tcp = own.TCPConn
		own.serves()
	}
	q := call.New(c, &s.site, s.base, requestID(c.Request.Header.Peek("X-Request-Id")), tcp)
	defer q.Recover()
	q.Secure()
	if s.d.State != nil {
		q.Replaying = s.d.State.Starting()
	}
	var routes []*route
	if path, ok := strings.CutPrefix(string(c.Path()), s.site.Prefix); ok {
		routes, q.Vars = s.table.find(path)
	}
	switch {
	case ambiguous(&c.Request.Header):
		closeAfter(c)
		q.Fail(call.BadRequest("the headers can be read in two ways"))
	case s.cors(q, routes):
	default:
		if err := s.authorize(q); err != nil {
			q.Fail(err)
		} else {
			s.answer(q, routes)
		}
	}
	warn(q)
	s.packers.compress(q)
	took := time.Since(start)
	group := noGroup
	if routes != nil {
		group = routes[0].group
	}
	s.metrics.observe(group, c.Response.StatusCode(), took)
	s.log(q, took)
}

// answer lets the handler of the path answer before the deadline.
func (s *Server) answer(q *call.Request, routes []*route) {
	defer q.Recover()
	if routes == nil {
		q.Fail(s.unknownPath(string(q.Path())))
		return
	}
	q.JSONErrors = routes[0].jsonErrors
	if s.o.QueryTimeout > 0 {
		ctx, cancel := context.WithTimeout(s.base, s.o.QueryTimeout)
		defer cancel()
		q.Ctx = ctx
	}
	p, err := call.ReadParams(q.RequestCtx, s.o.MaxParameters, s.o.MaxBody)
	if err == nil {
		q.Params = p
		err = s.fromMember(q)
	}
	if err == nil {
		if r := choose(routes, string(q.Method())); r != nil {
			err = s.handle(q, r)
		} else {
			refuseMethod(q, routes)
		}
	}
	if errors.Is(err, call.ErrNoPath) {
		err = s.unknownPath(string(q.Path()))
	}
	if err != nil {
		q.Fail(err)
	}
}

// handle calls the handler of a route if the request may do what it does, and when its turn has
// come.
func (s *Server) handle(q *call.Request, r *route) error {
	if err := s.mayChange(q, r); err != nil {
		return err
	}
	if r.page && q.IsGet() && q.WantsPage() {
		return s.servePage(q)
	}
	switch r.limit {
	case finds:
		leave, err := q.Enter(s.finds)
		if err != nil {
			return err
		}
		defer leave()
	case finishes:
		if err := s.finds.Enter(q.Ctx); err != nil {
			return err
		}
		defer s.finds.Leave()
	}
	return r.handler(q)
}

// fromMember prepares what the cluster is asked for the request, and refuses one that has been here
// before.
func (s *Server) fromMember(q *call.Request) error {
	c := s.d.Cluster
	if c == nil {
		return nil
	}
	ctx, ok := c.Accept(q.Ctx, func(name string) string { return string(q.Request.Header.Peek(name)) })
	if !ok {
		q.Response.Header.Set(c.Node())
		return call.Fail(fasthttp.StatusLoopDetected, "this request has been here before: the CLUSTER_SERVERS of some servers make a loop")
	}
	q.Ctx = ctx
	return nil
}

// log writes the line of a request in the access log.
func (s *Server) log(q *call.Request, took time.Duration) {
	level := zerolog.DebugLevel
	if s.o.AccessLog {
		level = zerolog.InfoLevel
	}
	e := s.d.Log.WithLevel(level)
	if s.d.Log.GetLevel() > level || !e.Enabled() {
		return
	}
	const most = 1000 // bytes of a query
	query := q.URI().QueryString()
	size := -1 // unknown if the body is written while it is made
	if !q.Response.IsBodyStream() {
		size = len(q.Response.Body())
	}
	if q.User != "" {
		e = e.Str("user", q.User)
	}
	e.Bytes("method", q.Method()).Bytes("path", q.Path()).Bytes("query", query[:min(len(query), most)]).Int("status", q.Response.StatusCode()).
		Int("bytes", size).Dur("took_ms", took).Stringer("from", q.RemoteAddr()).Str("id", q.ID).Msg("request")
}

// requestID returns the identifier of a request in logs and errors: that of a proxy if it is a
// word, else a new one.
func requestID(given []byte) string {
	const word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+="
	if len(given) > 0 && len(given) <= 128 && len(bytes.Trim(given, word)) == 0 {
		return string(given)
	}
	return strconv.FormatUint(rand.Uint64()|1<<63, 16)
}

// warn says in the answer that it may lack points that were received before the start, and then
// forbids keeping it.
func warn(q *call.Request) {
	q.Response.Header.Set("X-Request-Id", q.ID)
	if q.Replaying != "" {
		q.Response.Header.Set("X-Replaying", q.Replaying)
		q.NoCache()
		q.Response.Header.Del("Expires")
	}
}
