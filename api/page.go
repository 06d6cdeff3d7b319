package api

import (
	"bytes"
	"path"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/web"
)

// page answers with the page, whatever it is to show: it reads its own address.
func page(q *request) error {
	base := pageBase(q.s.prefix, q.URI().PathOriginal())
	view := pageView(strings.TrimPrefix(string(q.Path()), q.s.prefix))
	tag := `"` + q.s.page.Version() + view + base + `"`
	h := &q.Response.Header
	h.Set("Content-Security-Policy", web.Policy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if string(q.Request.Header.Peek("If-None-Match")) == tag {
		q.SetStatusCode(fasthttp.StatusNotModified)
		return nil
	}
	q.finish(append(q.body(), q.s.page.Index(base, view)...), "text/html; charset=utf-8")
	return nil
}

// pageBase returns where the root of the page is, seen from the address that was
// asked for. It is relative, for a proxy may have taken off a part of the path.
func pageBase(prefix string, asked []byte) string {
	depth := bytes.Count(asked, []byte("/")) - strings.Count(prefix, "/") - 1
	switch {
	case depth < 0: // "/graphite": its own name is the folder
		return path.Base(prefix) + "/"
	case depth == 0:
		return "./"
	}
	return strings.Repeat("../", depth)
}

// pageView returns the view that a path below the prefix leads to.
func pageView(path string) string {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); first {
	case "dashboard":
		return "dashboards"
	case "events", "status":
		return first
	}
	return "explore"
}

// pageOr answers a browser that wants a page with the page, all others with h.
func pageOr(h handler) handler {
	return func(q *request) error {
		if q.IsGet() && q.wantsPage() {
			return page(q)
		}
		return h(q)
	}
}

// pageFile answers with a file that the page is made of.
func pageFile(q *request, name string) error {
	f, ok := q.s.page.File(name)
	if !ok {
		return notFound("not found; the page may have been loaded from another version of this server")
	}
	q.Response.Header.Set("Cache-Control", "public, max-age=31536000, immutable")
	q.finish(append(q.body(), f.Body...), f.Type)
	return nil
}
