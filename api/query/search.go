package query

import (
	"context"
	"strings"

	"graphited/api/call"

	"graphited/carbon/index"
	"graphited/render/encode"
)

const (
	searchLimit = 50   // results of /metrics/search without limit=
	maxSearch   = 1000 // the largest limit=
)

// Search answers /metrics/search, for a user who types a name: the metrics that have all words of
// query= somewhere in their names, the best first. A query with wildcards is answered like
// /metrics/find. Graphite has no such path.
func (v *Views) Search(q *call.Request) error {
	query, ok := q.Params.Find("query")
	if !ok {
		return call.BadRequest("Missing required parameter 'query'")
	}
	limit, err := q.Params.Integer("limit", searchLimit)
	if err != nil {
		return err
	}
	found, err := v.search(q.Ctx, strings.TrimSpace(query), int(max(0, min(limit, maxSearch))))
	if err != nil {
		return err
	}
	q.NoCache()
	return q.MetricsJSON(func(w *encode.Writer) {
		w.Open('{')
		w.Key("metrics")
		w.Open('[')
		for _, f := range found {
			leaf := int64(0)
			if f.Leaf {
				leaf = 1
			}
			w.Open('{')
			w.Key("path")
			w.String(f.Path)
			w.Key("is_leaf")
			w.Int(leaf)
			w.Close('}')
		}
		w.Close(']')
		w.Close('}')
	})
}

func (v *Views) search(ctx context.Context, query string, limit int) (found []index.Found, err error) {
	if !strings.ContainsAny(query, "*?[{") {
		if found, err = v.Names.Finder.Search(query, limit); err != nil {
			err = call.BadRequest(err.Error())
		}
		return found, err
	}
	for path, leaf := range v.Names.Finder.Find(ctx, query) {
		if len(found) == limit {
			break
		}
		found = append(found, index.Found{Path: path, Leaf: leaf})
	}
	return found, ctx.Err()
}
