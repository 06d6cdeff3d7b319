package api

import (
	"bytes"
	"path"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
	"graphited/api/web"
)

// servePage answers with the page. It is the same for all views: it reads its own address.
func (s *Server) servePage(q *call.Request) error {
	base := pageBase(s.site.Prefix, q.URI().PathOriginal())
	view := pageView(strings.TrimPrefix(string(q.Path()), s.site.Prefix))
	tag := `"` + s.page.Version() + view + base + `"`
	h := &q.Response.Header
	h.Set("Content-Security-Policy", web.Policy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if string(q.Request.Header.Peek("If-None-Match")) == tag {
		q.SetStatusCode(fasthttp.StatusNotModified)
		return nil
	}
	q.Finish(append(q.Buffer(), s.page.Index(base, view)...), "text/html; charset=utf-8")
	return nil
}

// pageBase returns the root of the page relative to the requested address, because a proxy may have
// removed a part of the path.
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

// pageFile answers with a file of the page.
func (s *Server) pageFile(q *call.Request) error {
	f, ok := s.page.File(q.Var("file"))
	if !ok {
		return call.NotFound("not found; the page may have been loaded from another version of this server")
	}
	q.Response.Header.Set("Cache-Control", "public, max-age=31536000, immutable")
	q.Finish(append(q.Buffer(), f.Body...), f.Type)
	return nil
}
