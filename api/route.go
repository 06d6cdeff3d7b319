package api

import (
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
)

type handler func(q *request) error

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
		return getOrPost(sharedRender(renderView))
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
	case "/browser/search":
		return getOrPost(limited(browserSearch))
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
	case "render":
		if strings.HasPrefix(rest, "~") {
			return getOrPost(func(q *request) error { return userGraph(q, rest) })
		}
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
		return q.dashboardPage(rest)
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
		return post(finishing(deleteMetrics))
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
	case "/api/backup":
		return methods(backup, fasthttp.MethodPost)
	case "/prometheus":
		return get(prometheus)
	case "/ready":
		return get(ready)
	}
	return nil
}

// limited lets only so many look through names at the same time, for as long as who
// asks is there.
func limited(h handler) handler {
	return func(q *request) error {
		leave, err := q.enter(q.s.finds)
		if err != nil {
			return err
		}
		defer leave()
		return h(q)
	}
}

// finishing is limited for what is not to end halfway when its client has left.
func finishing(h handler) handler {
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

// errReadOnly is the answer to what would change something, with READ_ONLY.
var errReadOnly = &failure{fasthttp.StatusForbidden, "nothing can be changed here: READ_ONLY is set"}

// post lets only a POST through, and none that another site's page sent: it is for
// what changes something, which READ_ONLY forbids.
func post(h handler) handler {
	return methods(func(q *request) error {
		if q.s.o.ReadOnly {
			return errReadOnly
		}
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
	origin := string(q.Request.Header.Peek("Origin"))
	if origin != "" && slices.Contains(q.s.o.CORSOrigins, origin) {
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

// secure sets the headers that keep a browser from taking an answer for more
// than it is. A handler that answers with a page may set its own.
func (q *request) secure() {
	h := &q.Response.Header
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'")
}
