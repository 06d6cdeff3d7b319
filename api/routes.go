package api

import (
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/admin"
	"graphited/api/call"
	"graphited/api/member"
	"graphited/api/saved"
)

// routes returns everything that the server answers. The metrics, the allowed methods and the hints
// for unknown paths are taken from here, and docs/http.md lists the same paths.
func (s *Server) routes() []route {
	return []route{
		{path: "", group: "own", methods: get, handler: s.servePage},
		{path: "/composer", group: "other", methods: get, handler: s.servePage},
		{path: "/browser", group: "other", methods: get, handler: s.servePage},
		{path: "/ui/{file...}", group: "ui", methods: get, handler: s.pageFile},

		{path: "/render", group: "render", methods: getOrPost, hint: true, handler: inV3(s.member.Render, s.query.Render)},
		{path: "/render/{path...}", group: "render", methods: getOrPost, handler: s.saved.UserGraph},

		{path: "/metrics/find", group: "find", methods: getOrPost, limit: finds, hint: true, handler: inMessages(s.member.Find, s.query.Find)},
		{path: "/metrics", group: "find", methods: getOrPost, limit: finds, handler: inMessages(s.member.Find, s.query.Find)},
		{path: "/metrics/expand", group: "expand", methods: getOrPost, limit: finds, hint: true, handler: s.query.Expand},
		{path: "/metrics/index.json", group: "index", methods: getOrPost, limit: finds, noSlash: true, hint: true, handler: s.query.Index},
		{path: "/metrics/search", group: "search", methods: getOrPost, limit: finds, handler: s.query.Search},
		{path: "/metrics/list", group: "metrics", methods: get, limit: finds, handler: s.member.List},
		{path: "/metrics/details", group: "metrics", methods: get, limit: finds, handler: s.member.Details},
		{path: "/metrics/cardinality", group: "metrics", methods: get, limit: finds, handler: s.admin.Cardinality},
		{path: "/metrics/explain", group: "metrics", methods: get, limit: finds, handler: s.admin.Explain},
		{path: "/metrics/get-metadata", group: "metrics", methods: getOrPost, handler: s.admin.GetMetadata},
		{path: "/metrics/set-metadata", group: "metrics", methods: post, writes: true, handler: s.admin.SetMetadata},
		{path: "/metrics/delete", group: "delete", methods: post, writes: true, limit: finishes, handler: s.admin.Delete},
		{path: "/browser/search", group: "other", methods: getOrPost, limit: finds, handler: s.query.BrowserSearch},
		{path: "/info", group: "info", methods: getOrPost, limit: finds, handler: s.member.Info},

		{path: "/tags", group: "tags", methods: get, jsonErrors: true, hint: true, handler: s.query.TagNames},
		{path: "/tags/tagSeries", group: "tags", methods: post, writes: true, noSlash: true, jsonErrors: true, handler: s.query.AddSeries},
		{path: "/tags/tagMultiSeries", group: "tags", methods: post, writes: true, noSlash: true, jsonErrors: true, handler: s.query.AddMultiSeries},
		{path: "/tags/delSeries", group: "tags", methods: post, writes: true, noSlash: true, jsonErrors: true, handler: s.query.DeleteSeries},
		{path: "/tags/findSeries", group: "tags", methods: getOrPost, limit: finds, noSlash: true, jsonErrors: true, handler: s.query.FindSeries},
		{path: "/tags/autoComplete/tags", group: "tags", methods: getOrPost, limit: finds, noSlash: true, jsonErrors: true, handler: s.query.CompleteTags},
		{path: "/tags/autoComplete/values", group: "tags", methods: getOrPost, limit: finds, noSlash: true, jsonErrors: true, handler: s.query.CompleteValues},
		{path: "/tags/{tag...}", group: "tags", methods: get, jsonErrors: true, handler: s.query.TagValues},

		{path: "/functions", group: "functions", methods: get, jsonErrors: true, hint: true, handler: s.query.Functions},
		{path: "/functions/{name...}", group: "functions", methods: get, jsonErrors: true, handler: s.query.Function},

		{path: "/events", group: "events", methods: get, limit: finds, page: true, hint: true, handler: s.saved.ListEvents},
		{path: "/events", group: "events", methods: post, writes: true, handler: s.saved.AddEvent},
		{path: "/events/get_data", group: "events", methods: getOrPost, limit: finds, handler: s.saved.EventData},
		{path: "/events/{id}", group: "events", methods: get, handler: s.saved.Event},

		{path: "/dashboard", group: "dashboard", methods: get, hint: true, handler: s.servePage},
		{path: "/dashboard/find", group: "dashboard", methods: getOrPost, handler: s.saved.FindDashboards},
		{path: "/dashboard/find_template", group: "dashboard", methods: getOrPost, handler: s.saved.FindTemplates},
		{path: "/dashboard/create-temporary", group: "dashboard", methods: post, writes: true, handler: s.saved.CreateTemporary},
		{path: "/dashboard/save/{name}", group: "dashboard", methods: post, writes: true, noSlash: true, handler: s.saved.SaveDashboard},
		{path: "/dashboard/save_template/{name}/{key}", group: "dashboard", methods: post, writes: true, noSlash: true, handler: s.saved.SaveTemplate},
		{path: "/dashboard/load/{name}", group: "dashboard", methods: getOrPost, noSlash: true, handler: s.saved.LoadDashboard},
		{path: "/dashboard/load/{name}/{value}", group: "dashboard", methods: getOrPost, noSlash: true, handler: s.saved.LoadTemplate},
		{path: "/dashboard/load_template/{name}/{value}", group: "dashboard", methods: getOrPost, noSlash: true, handler: s.saved.LoadTemplate},
		{path: "/dashboard/delete/{name}", group: "dashboard", methods: post, writes: true, noSlash: true, handler: s.saved.DeleteDashboard},
		{path: "/dashboard/delete_template/{name}", group: "dashboard", methods: post, writes: true, noSlash: true, handler: s.saved.DeleteTemplate},
		{path: "/dashboard/{name}", group: "dashboard", handler: s.dashboardPage},
		{path: "/dashboard/{name}/{key}", group: "dashboard", handler: s.dashboardPage},
		{path: "/composer/mygraph", group: "other", methods: post, writes: true, handler: s.saved.SaveGraph},
		{path: "/browser/mygraph", group: "other", methods: getOrPost, handler: s.saved.BrowseGraphs},
		{path: "/s/{path...}", group: "other", methods: getOrPost, writes: true, handler: s.saved.Shorten},
		{path: "/S/{name...}", group: "other", methods: get, handler: s.saved.Follow},

		{path: "/api/ingest", group: "ingest", methods: post, writes: true, handler: s.admin.Ingest},
		{path: "/api/backup", group: "other", methods: post, sameSite: true, handler: s.admin.Backup},

		{path: "/version", group: "own", methods: get, hint: true, handler: s.admin.GraphiteVersion},
		{path: "/health", group: "own", methods: get, hint: true, handler: s.admin.Health},
		{path: "/ready", group: "own", methods: get, hint: true, handler: admin.Ready},
		{path: "/prometheus", group: "own", methods: get, hint: true, handler: s.admin.Prometheus},
		{path: "/lb_check", group: "own", methods: get, handler: s.admin.BalancerCheck},
		{path: "/status", group: "own", methods: get, page: true, limit: finds, handler: s.admin.Status},
		{path: "/_internal/capabilities", group: "own", methods: getOrPost, handler: member.Capabilities},
	}
}

// inV3 returns a handler that answers requests in carbonapi_v3_pb with m, and all others with h.
func inV3(m, h call.Handler) call.Handler {
	return func(q *call.Request) error {
		if q.Protocol() == call.V3 {
			return m(q)
		}
		return h(q)
	}
}

// inMessages returns a handler that answers requests in protobuf with m, and all others with h.
func inMessages(m, h call.Handler) call.Handler {
	return func(q *call.Request) error {
		if q.Protocol() != call.NoProtocol {
			return m(q)
		}
		return h(q)
	}
}

// dashboardPage answers with the page of a dashboard by its name, or of a template with its value.
// Like in graphite-web every client gets the page.
func (s *Server) dashboardPage(q *call.Request) error {
	if !q.IsGet() && !q.IsHead() {
		return call.ErrNoPath
	}
	if err := saved.CleanName("name", q.Var("name")); err != nil {
		return err
	}
	return s.servePage(q)
}

// unknownPath returns the error for a path where there is nothing. It lists the paths that clients
// usually want.
func (s *Server) unknownPath(path string) error {
	hints := s.table.hints()
	msg := "there is nothing at this path. There are " + strings.Join(hints, ", ")
	if s.site.Prefix != "" {
		msg += ", all below " + s.site.Prefix
	}
	// A path that has a part in common with one of them was probably meant to be that.
	for part := range strings.SplitSeq(strings.ToLower(path), "/") {
		for _, hint := range hints {
			if len(part) > 2 && strings.Contains(hint, part) {
				return call.NotFound(msg + "; did you mean " + s.site.Prefix + hint + "?")
			}
		}
	}
	return call.NotFound(msg)
}

// refuseMethod answers a method that is not allowed with 405 and an empty body.
func refuseMethod(q *call.Request, routes []*route) {
	q.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	q.Response.Header.Set("Allow", strings.Join(allowed(routes), ", "))
	q.SetContentType("text/html; charset=utf-8")
}
