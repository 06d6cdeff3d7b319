package api

import (
	"iter"
	"slices"

	"graphited/render/encode"
)

// expand answers /metrics/expand: the paths that the queries match.
func expand(q *request) error {
	byQuery, err := q.p.integer("groupByExpr", 0)
	if err != nil {
		return err
	}
	leavesOnly, err := q.p.integer("leavesOnly", 0)
	if err != nil {
		return err
	}
	if _, err := q.p.integer("local", 0); err != nil {
		return err
	}
	var queries []string
	found := make(map[string][]string)
	var all []string
	for _, query := range q.p.values("query") {
		if _, ok := found[query]; ok {
			continue
		}
		nodes, err := q.allNodes(query, leavesOnly != 0, 0, 0)
		if err != nil {
			return err
		}
		paths := make([]string, len(nodes))
		for i, n := range nodes {
			paths[i] = n.path
		}
		paths = unique(paths)
		queries, found[query], all = append(queries, query), paths, append(all, paths...)
	}
	q.noCache()
	return q.metricsJSON(func(w *encode.Writer) {
		w.Open('{')
		w.Key("results")
		if byQuery == 0 {
			w.Strings(unique(all))
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

// unique sorts list in place and drops what is in it twice.
func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// indexJSON answers /metrics/index.json: every metric there is.
func indexJSON(q *request) error {
	if _, err := q.p.integer("local", 0); err != nil {
		return err
	}
	names, err := q.allNames()
	if err != nil {
		return err
	}
	err = q.metricsJSON(func(w *encode.Writer) { q.writeNames(w, names) })
	if err != nil {
		return err
	}
	return q.ctx.Err()
}

// writeNames writes names as an array, and ends it early with the request's
// context, whose error the caller then answers with.
func (q *request) writeNames(w *encode.Writer, names iter.Seq[string]) {
	w.Open('[')
	n := 0
	for name := range names {
		if n++; n%1024 == 0 && q.ctx.Err() != nil {
			break
		}
		w.String(name)
	}
	w.Close(']')
}
