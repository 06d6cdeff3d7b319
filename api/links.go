package api

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/valyala/fasthttp"
)

// linkDigits are graphite-web's digits of base 62, the smallest first.
const linkDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"

// shorten answers /s/<path>: it gives a path of our own, with its query, a short
// name below /S/. Like graphite-web it does so on GET, which is what its clients
// send; it is the one GET that writes, gives the same name each time, is refused
// to pages of other sites, and the number of links is bounded.
func shorten(q *request, path string) error {
	if q.s.o.ReadOnly {
		return errReadOnly
	}
	if q.fromOtherSite() {
		return &failure{fasthttp.StatusForbidden, "refused: sent by a page of another site"}
	}
	s, err := q.saved()
	if err != nil {
		return err
	}
	id, err := s.Link(salts.ReplaceAllString(ownPath(path, string(q.URI().QueryString())), ""))
	if err != nil {
		return storeError(err)
	}
	q.finish(append(append(append(q.body(), q.s.prefix...), "/S/"...), shortName(id)...), "text/plain")
	return nil
}

// salts matches what makes a URL unlike the next one of the same graph.
var salts = regexp.MustCompile(`&_(uniq|salt|dc)=[0-9.]+`)

// ownPath returns path and query as a reference that cannot lead to another site
// once it stands behind a slash: it begins with neither slash nor backslash, and
// is of printable ASCII.
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

// follow answers /S/<name>: it sends on to where the link points.
func follow(q *request, name string) error {
	id := linkNumber(name)
	if id == 0 || q.s.o.Saved == nil {
		return notFound("not found")
	}
	path, ok, err := q.s.o.Saved.Linked(id)
	if err != nil {
		return err
	}
	if !ok {
		return notFound("not found")
	}
	q.Response.Header.Set("Location", q.s.prefix+"/"+path)
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

// linkNumber reads what shortName wrote; 0 is no number of a link.
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
