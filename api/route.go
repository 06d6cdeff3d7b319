package api

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

type handler func(q *request) error

// serve answers one request.
func (s *Server) serve(c *fasthttp.RequestCtx) {
	start := time.Now()
	q := &request{RequestCtx: c, s: s, ctx: s.base}
	defer q.recover()
	q.secure()
	if s.o.Starting != nil {
		q.replaying = s.o.Starting()
	}
	if ambiguous(&c.Request.Header) {
		c.SetConnectionClose()
		q.fail(badRequest("the headers can be read in two ways"))
	} else {
		s.answer(q)
	}
	q.warn()
	s.compress(q)
	s.o.Log.Debug().Bytes("method", c.Method()).Bytes("path", c.Path()).Int("status", c.Response.StatusCode()).
		Int("bytes", len(c.Response.Body())).Dur("took", time.Since(start)).Stringer("from", c.RemoteAddr()).Msg("request")
}

// warn says in the answer that it may lack points that were received before the
// start, and keeps others from keeping it.
func (q *request) warn() {
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
	h := s.route(q)
	if h == nil {
		q.fail(notFound("not found"))
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

// route returns the handler of the path, nil for none, with a slash at the end
// or without, as graphite-web; where that does not allow it, nor does this.
func (s *Server) route(q *request) handler {
	path, ok := strings.CutPrefix(string(q.Path()), s.prefix)
	if !ok || path != "" && path[0] != '/' {
		return nil
	}
	switch strings.TrimSuffix(path, "/") {
	case "", "/composer", "/browser", "/dashboard":
		return get(page)
	case "/render":
		return getOrPost(renderView)
	case "/metrics", "/metrics/find":
		return getOrPost(limited(find))
	case "/metrics/search":
		return getOrPost(limited(search))
	case "/metrics/expand":
		return getOrPost(limited(expand))
	case "/metrics/index.json":
		if !strings.HasSuffix(path, "/") {
			return getOrPost(limited(indexJSON))
		}
		return nil
	case "/version":
		return get(version)
	case "/health":
		return get(health)
	case "/lb_check":
		return get(balancerCheck)
	}
	if h := plainRoute(strings.TrimSuffix(path, "/")); h != nil {
		return h
	}
	group, rest, _ := strings.Cut(path[1:], "/")
	switch group {
	case "functions":
		return functionsRoute(q, rest)
	case "tags":
		return tagsRoute(q, rest)
	case "events":
		return eventsRoute(q, rest)
	case "dashboard":
		if h := dashboardRoute(rest); h != nil {
			return h
		}
		if q.IsGet() && q.wantsPage() {
			return page // of a dashboard by its name
		}
		return nil
	case "ui":
		return get(func(q *request) error { return pageFile(q, rest) })
	case "s":
		return getOrPost(func(q *request) error { return shorten(q, rest) })
	case "S":
		return get(func(q *request) error { return follow(q, strings.TrimSuffix(rest, "/")) })
	}
	return nil
}

// plainRoute returns the handler of what is no matter of queries: what other
// members of a cluster ask, what is saved, and this program itself.
func plainRoute(path string) handler {
	switch path {
	case "/metrics/list":
		return get(limited(metricsList))
	case "/metrics/details":
		return get(limited(metricsDetails))
	case "/metrics/cardinality":
		return get(limited(cardinality))
	case "/metrics/explain":
		return get(limited(explain))
	case "/status":
		return get(pageOr(limited(status)))
	case "/metrics/get-metadata":
		return getOrPost(getMetadata)
	case "/metrics/set-metadata":
		return post(setMetadata)
	case "/metrics/delete":
		return post(limited(deleteMetrics))
	case "/info":
		return getOrPost(limited(info))
	case "/_internal/capabilities":
		return getOrPost(capabilities)
	case "/composer/mygraph":
		return post(savedGraph)
	case "/browser/mygraph":
		return getOrPost(savedGraphs)
	case "/api/ingest":
		return post(ingest)
	case "/prometheus":
		return get(prometheus)
	case "/ready":
		return get(ready)
	}
	return nil
}

// limited lets only so many look through names at the same time.
func limited(h handler) handler {
	return func(q *request) error {
		if err := q.s.finds.enter(q.ctx); err != nil {
			return err
		}
		defer q.s.finds.leave()
		return h(q)
	}
}

// get lets only GET and HEAD through.
func get(h handler) handler { return methods(h, fasthttp.MethodGet) }

// getOrPost lets only GET, HEAD and POST through.
func getOrPost(h handler) handler { return methods(h, fasthttp.MethodGet, fasthttp.MethodPost) }

// post lets only a POST through, and none that another site's page sent.
func post(h handler) handler {
	return methods(func(q *request) error {
		if q.fromOtherSite() {
			return &failure{fasthttp.StatusForbidden, "refused: sent by a page of another site"}
		}
		return h(q)
	}, fasthttp.MethodPost)
}

func methods(h handler, allowed ...string) handler {
	return func(q *request) error {
		if !q.allow(allowed...) {
			return nil
		}
		return h(q)
	}
}

// fromOtherSite tells whether a browser sent this for a page of another origin.
func (q *request) fromOtherSite() bool {
	if string(q.Request.Header.Peek("Sec-Fetch-Site")) == "cross-site" {
		return true
	}
	origin := string(q.Request.Header.Peek("Origin"))
	if origin == "" {
		return false
	}
	_, host, _ := strings.Cut(origin, "://")
	return !strings.EqualFold(host, string(q.Host()))
}

// secure sets the headers that keep a browser from taking an answer for more
// than it is. A handler that answers with a page may set its own.
func (q *request) secure() {
	h := &q.Response.Header
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'")
}
