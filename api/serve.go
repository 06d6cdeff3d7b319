package api

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
)

// serve answers one request: who asks and how comes first, then what is asked.
func (s *Server) serve(c *fasthttp.RequestCtx) {
	start := time.Now()
	q := &request{RequestCtx: c, s: s, ctx: s.base, id: requestID(c.Request.Header.Peek("X-Request-Id"))}
	defer q.recover()
	if own := ownConn(c.Conn()); own != nil {
		own.serves()
	}
	q.secure()
	if s.o.Starting != nil {
		q.replaying = s.o.Starting()
	}
	switch {
	case ambiguous(&c.Request.Header):
		closeAfter(c)
		q.fail(badRequest("the headers can be read in two ways"))
	case s.cors(q): // was only a question whether it may ask
	default:
		if err := s.authorize(q); err != nil {
			q.fail(err)
		} else {
			s.answer(q)
		}
	}
	q.warn()
	s.compress(q)
	took := time.Since(start)
	s.metrics.observe(strings.TrimPrefix(string(c.Path()), s.prefix), c.Response.StatusCode(), took)
	s.log(q, took)
}

// log writes the line of a request in the access log.
func (s *Server) log(q *request, took time.Duration) {
	level := zerolog.DebugLevel
	if s.o.AccessLog {
		level = zerolog.InfoLevel
	}
	e := s.o.Log.WithLevel(level)
	if s.o.Log.GetLevel() > level || !e.Enabled() {
		return
	}
	const most = 1000 // of a query
	query := q.URI().QueryString()
	size := -1 // not known of what is written as it is made
	if !q.Response.IsBodyStream() {
		size = len(q.Response.Body())
	}
	if q.user != "" {
		e = e.Str("user", q.user)
	}
	e.Bytes("method", q.Method()).Bytes("path", q.Path()).Bytes("query", query[:min(len(query), most)]).Int("status", q.Response.StatusCode()).
		Int("bytes", size).Dur("took_ms", took).Stringer("from", q.RemoteAddr()).Str("id", q.id).Msg("request")
}

// requestID returns what names a request in logs and errors: what a proxy has
// called it, if that is a word, else one of our own.
func requestID(given []byte) string {
	const word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+="
	if len(given) > 0 && len(given) <= 128 && len(bytes.Trim(given, word)) == 0 {
		return string(given)
	}
	id := strconv.FormatUint(rand.Uint64()|1<<63, 16)
	return id
}

// cors says to the pages of other sites that they may read the answer, where
// CORS_ORIGINS has them. It returns true when that was all that was asked.
func (s *Server) cors(q *request) (answered bool) {
	if len(s.o.CORSOrigins) == 0 {
		return false
	}
	h := &q.Response.Header
	h.Add("Vary", "Origin")
	origin := string(q.Request.Header.Peek("Origin"))
	switch {
	case origin == "":
		return false
	case slices.Contains(s.o.CORSOrigins, origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case slices.Contains(s.o.CORSOrigins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		return false
	}
	if !q.IsOptions() || len(q.Request.Header.Peek("Access-Control-Request-Method")) == 0 {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id, X-Dashboard-Id, X-Panel-Id, X-Grafana-Org-Id")
	h.Set("Access-Control-Max-Age", "600")
	q.SetStatusCode(fasthttp.StatusNoContent)
	return true
}

// warn says in the answer that it may lack points that were received before the
// start, and keeps others from keeping it.
func (q *request) warn() {
	q.Response.Header.Set("X-Request-Id", q.id)
	if q.replaying != "" {
		q.Response.Header.Set("X-Replaying", q.replaying)
		q.noCache()
		q.Response.Header.Del("Expires")
	}
}

// ambiguous tells whether something between the client and here may have read
// other headers than we did: folded lines, or a length beside chunks, of which
// fasthttp takes the chunks.
func ambiguous(h *fasthttp.RequestHeader) bool {
	raw := h.RawHeaders()
	if bytes.Contains(raw, []byte("\n ")) || bytes.Contains(raw, []byte("\n\t")) {
		return true
	}
	raw = bytes.ToLower(raw)
	return bytes.Contains(raw, []byte("transfer-encoding:")) && bytes.Contains(raw, []byte("content-length:"))
}

// answer finds the handler and lets it answer before the deadline.
func (s *Server) answer(q *request) {
	defer q.recover()
	h := s.route(q)
	if h == nil {
		q.fail(s.unknownPath(string(q.Path())))
		return
	}
	if s.o.QueryTimeout > 0 {
		ctx, cancel := context.WithTimeout(s.base, s.o.QueryTimeout)
		defer cancel()
		q.ctx = ctx
	}
	p, err := readParams(q.RequestCtx, s.o.MaxParameters, s.o.MaxBody)
	if err == nil {
		q.p = p
		err = q.fromMember()
	}
	if err == nil {
		err = h(q)
	}
	if err != nil {
		q.fail(err)
	}
}

// unknownPath tells what there is instead.
func (s *Server) unknownPath(path string) error {
	known := [...]string{
		"/render", "/metrics/find", "/metrics/expand", "/metrics/index.json", "/tags", "/functions", "/events", "/dashboard", "/version", "/health", "/ready", "/prometheus",
	}
	msg := "there is nothing at this path. There are " + strings.Join(known[:], ", ")
	if s.prefix != "" {
		msg += ", all below " + s.prefix
	}
	// What has a part in common with a path that there is was probably meant to be that.
	for part := range strings.SplitSeq(strings.ToLower(path), "/") {
		for _, k := range known {
			if len(part) > 2 && strings.Contains(k, part) {
				return notFound(msg + "; did you mean " + s.prefix + k + "?")
			}
		}
	}
	return notFound(msg)
}
