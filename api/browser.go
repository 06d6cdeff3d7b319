package api

import (
	"graphited/carbon/pyvalue"
	"net/url"
	"regexp"
	"strings"

	"github.com/valyala/fasthttp"
)

// browserFound is how many names /browser/search gives.
const browserFound = 100

// browserSearch answers /browser/search: the first names in which one of the
// regular expressions of a form's query, which blanks separate, matches somewhere,
// in any case, with commas between them.
func browserSearch(q *request) error {
	if !q.IsPost() || q.p.get("query") == "" {
		q.finish(q.body(), "text/html; charset=utf-8")
		return nil
	}
	patterns := strings.Fields(q.p.get("query"))
	var regexes []*regexp.Regexp
	for _, p := range patterns {
		re, err := regexp.Compile("(?i)" + p)
		if err != nil {
			return badRequest("cannot read expression " + pyvalue.Quote(p) + ": " + err.Error())
		}
		regexes = append(regexes, re)
	}
	names, err := q.allNames()
	if err != nil {
		return err
	}
	var found []string
	n := 0
	for name := range names {
		for _, re := range regexes {
			if n++; n%1024 == 0 && q.ctx.Err() != nil {
				return q.ctx.Err()
			}
			if re.MatchString(name) {
				found = append(found, name)
				break
			}
		}
		if len(found) == browserFound {
			break
		}
	}
	q.finish(append(q.body(), strings.Join(found, ",")...), "text/plain; charset=utf-8")
	return nil
}

// userGraph answers /render/~user/graph: it sends on to the saved graph, whoever
// the user is, with the parameters of the request in place of the graph's own. It
// leads to this server whatever host the graph was saved with.
func userGraph(q *request, rest string) error {
	_, name, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	s, err := q.saved()
	if err != nil {
		return notFound("not found")
	}
	saved, ok, err := s.Graphs().Load(name)
	if err != nil {
		return err
	}
	if !ok {
		return notFound("there is no saved graph " + pyvalue.Quote(name))
	}
	u, err := url.Parse(string(saved))
	if err != nil {
		return notFound("there is no URL in the saved graph " + pyvalue.Quote(name))
	}
	query := u.RawQuery
	if len(q.p) > 0 {
		args := u.Query()
		for _, p := range q.p {
			args.Del(p.name)
		}
		for _, p := range q.p {
			args.Add(p.name, p.value)
		}
		query = args.Encode()
	}
	q.Response.Header.Set("Location", q.s.prefix+"/"+ownPath(strings.TrimPrefix(u.Path, q.s.prefix), query))
	q.SetStatusCode(fasthttp.StatusFound)
	q.SetContentType("text/html; charset=utf-8")
	return nil
}
