package query

import (
	"slices"

	"graphited/api/call"
	"graphited/api/names"

	"graphited/render/encode"
)

// Expand answers /metrics/expand: the paths that the queries match.
func (v *Views) Expand(q *call.Request) error {
	byQuery, err := q.Params.Integer("groupByExpr", 0)
	if err != nil {
		return err
	}
	leavesOnly, err := q.Params.Integer("leavesOnly", 0)
	if err != nil {
		return err
	}
	if _, err := q.Params.Integer("local", 0); err != nil {
		return err
	}
	var queries []string
	found := make(map[string][]string)
	var all []string
	for _, query := range q.Params.Values("query") {
		if _, ok := found[query]; ok {
			continue
		}
		nodes, err := v.Names.Find(q, query, leavesOnly != 0, 0, 0)
		if err != nil {
			return err
		}
		paths := make([]string, len(nodes))
		for i, n := range nodes {
			paths[i] = n.Path
		}
		paths = slices.Compact(paths) // nodes are sorted
		queries, found[query], all = append(queries, query), paths, append(all, paths...)
	}
	q.NoCache()
	return q.MetricsJSON(func(w *encode.Writer) {
		w.Open('{')
		w.Key("results")
		if byQuery == 0 {
			if len(queries) > 1 {
				all = names.Unique(all)
			}
			w.Strings(all)
		} else {
			w.Open('{')
			for _, query := range queries {
				w.Key(query)
				w.Strings(found[query])
			}
			w.Close('}')
		}
		w.Close('}')
	})
}

// Index answers /metrics/index.json: every metric.
func (v *Views) Index(q *call.Request) error {
	if _, err := q.Params.Integer("local", 0); err != nil {
		return err
	}
	all, err := v.Names.All(q)
	if err != nil {
		return err
	}
	err = q.MetricsJSON(func(w *encode.Writer) { names.Write(q.Ctx, w, all) })
	if err != nil {
		return err
	}
	return q.Ctx.Err()
}
