package saved

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"graphited/api/call"

	"github.com/valyala/fasthttp"
)

// linkDigits are graphite-web's digits of base 62, the smallest first.
const linkDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"

// Shorten answers /s/<path>: it gives a path of this server, with its query, a short name below
// /S/. Like in graphite-web a GET does so, because its clients send that. It is the only GET that
// writes. It gives a path the same name each time, and the number of links is limited.
func (v *Views) Shorten(q *call.Request) error {
	s, err := v.store()
	if err != nil {
		return err
	}
	id, err := s.Link(salts.ReplaceAllString(ownPath(q.Var("path"), string(q.URI().QueryString())), ""))
	if err != nil {
		return storeError(err)
	}
	q.Finish(append(append(append(q.Buffer(), q.Site.Prefix...), "/S/"...), shortName(id)...), "text/plain")
	return nil
}

// salts matches what makes a URL different from the next one of the same graph.
var salts = regexp.MustCompile(`&_(uniq|salt|dc)=[0-9.]+`)

// ownPath returns path and query as a reference that, behind a slash, cannot lead to another site:
// it begins with neither slash nor backslash and is printable ASCII.
func ownPath(path, query string) string {
	path = (&url.URL{Path: "/" + strings.TrimLeft(path, `/\`)}).EscapedPath()[1:]
	if query == "" {
		return path
	}
	var b strings.Builder
	b.WriteString(path + "?")
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' || strings.IndexByte(`"<>\^`+"`{|}#", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Follow answers /S/<name>: it redirects to the path of the link.
func (v *Views) Follow(q *call.Request) error {
	id := linkNumber(strings.TrimSuffix(q.Var("name"), "/"))
	if id == 0 || v.Store == nil {
		return call.NotFound("not found")
	}
	path, ok, err := v.Store.Linked(id)
	if err != nil {
		return err
	}
	if !ok {
		return call.NotFound("not found")
	}
	q.Response.Header.Set("Location", q.Site.Prefix+"/"+path)
	q.SetStatusCode(fasthttp.StatusMovedPermanently)
	q.SetContentType("text/html; charset=utf-8")
	return nil
}

// shortName writes a number in base 62.
func shortName(id int64) string {
	var b [11]byte
	i := len(b)
	for ; id > 0; id /= 62 {
		i--
		b[i] = linkDigits[id%62]
	}
	return string(b[i:])
}

// linkNumber parses what shortName writes. It returns 0 if name is not the name of a link.
func linkNumber(name string) int64 {
	if len(name) > 10 {
		return 0
	}
	var id int64
	for i := range len(name) {
		d := strings.IndexByte(linkDigits, name[i])
		if d < 0 {
			return 0
		}
		id = id*62 + int64(d)
	}
	return id
}
