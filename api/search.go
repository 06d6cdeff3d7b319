package api

import (
	"strings"

	"graphited/carbon/index"
	"graphited/render/encode"
)

const (
	searchLimit = 50   // answers of /metrics/search without limit=
	maxSearch   = 1000 // and the most it gives
)

// search answers /metrics/search, for who types a name: the metrics that have all words of query=
// somewhere in their names, the best first. A query with wildcards is answered as /metrics/find
// does. It is not Graphite's.
func search(q *request) error {
	query, ok := q.p.find("query")
	if !ok {
		return badRequest("Missing required parameter 'query'")
	}
	limit, err := q.p.integer("limit", searchLimit)
	if err != nil {
		return err
	}
	found, err := q.search(strings.TrimSpace(query), int(max(0, min(limit, maxSearch))))
	if err != nil {
		return err
	}
	q.noCache()
	return q.metricsJSON(func(w *encode.Writer) {
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

func (q *request) search(query string, limit int) (found []index.Found, err error) {
	if !strings.ContainsAny(query, "*?[{") {
		if q.s.o.Search == nil {
			return nil, nil
		}
		if found, err = q.s.o.Search(query, limit); err != nil {
			err = badRequest(err.Error())
		}
		return found, err
	}
	for path, leaf := range q.s.o.Finder.Find(q.ctx, query) {
		if len(found) == limit {
			break
		}
		found = append(found, index.Found{Path: path, Leaf: leaf})
	}
	return found, q.ctx.Err()
}
