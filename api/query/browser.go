package query

import (
	"regexp"
	"strings"

	"graphited/api/call"
	"graphited/carbon/pyvalue"
)

// browserFound is the largest number of names in an answer of /browser/search.
const browserFound = 100

// BrowserSearch answers /browser/search: the first names in which one of the regular expressions of
// a form's query matches somewhere, in any case. Blanks separate the expressions, commas the names.
func (v *Views) BrowserSearch(q *call.Request) error {
	if !q.IsPost() || q.Params.Get("query") == "" {
		q.Finish(q.Buffer(), "text/html; charset=utf-8")
		return nil
	}
	patterns := strings.Fields(q.Params.Get("query"))
	var regexes []*regexp.Regexp
	for _, p := range patterns {
		re, err := regexp.Compile("(?i)" + p)
		if err != nil {
			return call.BadRequest("cannot read expression " + pyvalue.Quote(p) + ": " + err.Error())
		}
		regexes = append(regexes, re)
	}
	all, err := v.Names.All(q)
	if err != nil {
		return err
	}
	var found []string
	n := 0
	for name := range all {
		for _, re := range regexes {
			if n++; n%1024 == 0 && q.Ctx.Err() != nil {
				return q.Ctx.Err()
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
	q.Finish(append(q.Buffer(), strings.Join(found, ",")...), "text/plain; charset=utf-8")
	return nil
}
