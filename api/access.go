package api

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
)

// authTimeout is how long a client waits for the turn of its password to be checked.
const authTimeout = 10 * time.Second

// mayConnect reports whether an address may connect.
func (s *Server) mayConnect(from net.Addr) bool {
	a, ok := from.(*net.TCPAddr)
	if s.d.Allow == nil || ok && s.d.Allow(a.AddrPort().Addr()) {
		return true
	}
	s.metrics.forbidden.Add(1)
	s.refusals.Warn().Stringer("from", from).Msg("refused: HTTP_ALLOW does not have this address")
	return false
}

// authorize returns an error if credentials are needed and the request has none that are known.
func (s *Server) authorize(q *call.Request) error {
	if s.d.Credentials == nil {
		return nil
	}
	c := s.d.Credentials()
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.base, authTimeout)
	defer cancel()
	header := q.Request.Header.Peek("Authorization")
	name, err := c.check(ctx, header)
	if err == nil {
		q.User = name
		return nil
	}
	if !errors.Is(err, errUnknown) {
		return err
	}
	if len(header) > 0 {
		s.metrics.unauthorized.Add(1)
		s.refusals.Warn().Str("user", call.Printable(name, 64)).Stringer("from", q.RemoteAddr()).Msg("refused: wrong credentials")
	}
	q.Response.Header.Set("WWW-Authenticate", `Basic realm="graphited", charset="UTF-8"`)
	return call.Fail(fasthttp.StatusUnauthorized, "a password or token is needed")
}

// cors allows the pages of other sites in CORS_ORIGINS to read the answer. It returns true if the
// request only asks whether another one is allowed, and is answered.
func (s *Server) cors(q *call.Request, routes []*route) (answered bool) {
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
	h.Set("Access-Control-Allow-Methods", strings.Join(corsMethods(routes), ", "))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id, X-Dashboard-Id, X-Panel-Id, X-Grafana-Org-Id")
	h.Set("Access-Control-Max-Age", "600")
	q.SetStatusCode(fasthttp.StatusNoContent)
	return true
}

// corsMethods returns the methods that a page of another site may use: those of the routes, or all
// if the path is unknown.
func corsMethods(routes []*route) []string {
	methods := allowed(routes)
	if len(methods) == 0 {
		methods = slices.Clone(getOrPost)
	}
	if i := slices.Index(methods, fasthttp.MethodGet); i >= 0 {
		methods = slices.Insert(methods, i+1, fasthttp.MethodHead)
	}
	return methods
}

// mayChange returns an error if a route changes something and the request may not: because nothing
// may be changed, or because a browser sent it for a page of another site.
func (s *Server) mayChange(q *call.Request, r *route) error {
	if r.writes && s.o.ReadOnly {
		return call.Fail(fasthttp.StatusForbidden, "nothing can be changed here: READ_ONLY is set")
	}
	if (r.writes || r.sameSite) && s.fromOtherSite(q) {
		return call.Fail(fasthttp.StatusForbidden, "refused: sent by a page of another site")
	}
	return nil
}

// fromOtherSite reports whether a browser sent the request for a page of another origin.
func (s *Server) fromOtherSite(q *call.Request) bool {
	origin := string(q.Request.Header.Peek("Origin"))
	if origin != "" && slices.Contains(s.o.CORSOrigins, origin) {
		return false
	}
	if string(q.Request.Header.Peek("Sec-Fetch-Site")) == "cross-site" {
		return true
	}
	if origin == "" {
		return false
	}
	_, host, _ := strings.Cut(origin, "://")
	return !strings.EqualFold(host, string(q.Host()))
}

// ambiguous reports whether a proxy between the client and this server may have understood the
// headers in another way: because of folded lines, or of a length beside chunks, of which fasthttp
// uses the chunks.
func ambiguous(h *fasthttp.RequestHeader) bool {
	raw := h.RawHeaders()
	if bytes.Contains(raw, []byte("\n ")) || bytes.Contains(raw, []byte("\n\t")) {
		return true
	}
	raw = bytes.ToLower(raw)
	return bytes.Contains(raw, []byte("transfer-encoding:")) && bytes.Contains(raw, []byte("content-length:"))
}
