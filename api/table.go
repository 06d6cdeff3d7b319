package api

import (
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
)

// limit says how a route is limited beside the others.
type limit int

const (
	unlimited limit = iota // the handler waits itself, or costs little
	finds                  // looks through names: takes a slot, as long as its client is there
	finishes               // takes a slot, and goes on when its client has left
)

// route is a path that the server answers, and how. All routes need credentials if any are
// configured, have the same limit of the body (HTTP_MAX_BODY), and are compressed by their type.
type route struct {
	// path may have parts in braces, which Request.Var returns. {x} is one part that is not empty,
	// {x...} at the end is all that follows, even nothing.
	path string
	// group is the value of the label endpoint in the metrics.
	group string
	// methods are those that are allowed; a GET includes HEAD. nil allows all.
	methods []string
	// limit is how the route is limited.
	limit limit
	// writes says that the route changes something: READ_ONLY refuses it, and so is a request that
	// the page of another site has sent.
	writes bool
	// sameSite refuses requests that the page of another site has sent.
	sameSite bool
	// page gives a browser that wants a page the page.
	page bool
	// noSlash says that the path must not end with a slash. As in graphite-web others may.
	noSlash bool
	// jsonErrors makes errors JSON.
	jsonErrors bool
	// hint says that the answer for unknown paths lists the path.
	hint    bool
	handler call.Handler
}

// Methods of routes.
var (
	get       = []string{fasthttp.MethodGet}
	post      = []string{fasthttp.MethodPost}
	getOrPost = []string{fasthttp.MethodGet, fasthttp.MethodPost}
)

// takes reports whether a route allows a method.
func (r *route) takes(method string) bool {
	if method == fasthttp.MethodHead {
		method = fasthttp.MethodGet
	}
	return r.methods == nil || slices.Contains(r.methods, method)
}

// table finds the routes of a path.
type table struct {
	routes   []route
	exact    map[string][]*route   // by path
	patterns map[string][]*pattern // by first part, in the order of the routes
	groups   []string              // in the order of the routes
}

// pattern is a path with variable parts.
type pattern struct {
	path   string
	parts  []string
	rest   string // the name of {x...}, "" if there is none
	routes []*route
}

func newTable(routes []route) *table {
	t := &table{routes: routes, exact: map[string][]*route{}, patterns: map[string][]*pattern{}}
	for i := range routes {
		r := &routes[i]
		if !slices.Contains(t.groups, r.group) {
			t.groups = append(t.groups, r.group)
		}
		if !strings.Contains(r.path, "{") {
			t.exact[r.path] = append(t.exact[r.path], r)
			continue
		}
		p := &pattern{path: r.path, parts: strings.Split(r.path[1:], "/"), routes: []*route{r}}
		if last := len(p.parts) - 1; strings.HasSuffix(p.parts[last], "...}") {
			p.rest = strings.Trim(p.parts[last], "{.}")
			p.parts = p.parts[:last]
		}
		t.patterns[p.parts[0]] = append(t.patterns[p.parts[0]], p)
	}
	return t
}

// find returns the routes of a path below the prefix, which differ in their methods, and its
// variable parts. nil means that there is nothing at the path.
func (t *table) find(path string) ([]*route, call.Params) {
	trimmed := strings.TrimSuffix(path, "/")
	slash := len(trimmed) < len(path)
	if routes := t.exact[trimmed]; routes != nil && !(slash && routes[0].noSlash) {
		return routes, nil
	}
	if path == "" || path[0] != '/' {
		return nil, nil
	}
	first, _, _ := strings.Cut(path[1:], "/")
	for _, p := range t.patterns[first] {
		if slash && p.routes[0].noSlash {
			continue
		}
		if vars, ok := p.match(path[1:], trimmed[1:]); ok {
			return p.routes, vars
		}
	}
	return nil, nil
}

// match compares a path with the pattern. trimmed is the path without a slash at its end.
func (p *pattern) match(path, trimmed string) (vars call.Params, ok bool) {
	rest := trimmed
	if p.rest != "" {
		rest = path
	}
	more := true
	for _, want := range p.parts {
		if !more {
			return nil, false
		}
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if want[0] != '{' {
			if part != want {
				return nil, false
			}
			continue
		}
		if part == "" {
			return nil, false
		}
		vars = append(vars, call.Param{Name: strings.Trim(want, "{}"), Value: part})
	}
	if p.rest != "" {
		return append(vars, call.Param{Name: p.rest, Value: rest}), true
	}
	return vars, !more
}

// choose returns the route of several for a method, or nil if none allows it.
func choose(routes []*route, method string) *route {
	for _, r := range routes {
		if r.takes(method) {
			return r
		}
	}
	return nil
}

// allowed returns the methods that routes allow.
func allowed(routes []*route) []string {
	var methods []string
	for _, r := range routes {
		for _, m := range r.methods {
			if !slices.Contains(methods, m) {
				methods = append(methods, m)
			}
		}
	}
	return methods
}

// hints returns the paths that the answer for unknown paths lists.
func (t *table) hints() []string {
	var paths []string
	for i := range t.routes {
		if t.routes[i].hint {
			paths = append(paths, t.routes[i].path)
		}
	}
	return paths
}
