package api

import (
	"errors"
	"slices"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// mostDeletedNames is how many names an answer about a deletion lists; it counts
// all of them.
const mostDeletedNames = 10_000

// deleteMetrics answers /metrics/delete: the series that match a query=, of which
// there may be many, or all expr=, which are tag expressions as seriesByTag takes
// them, are removed. With dryRun= it only tells which they are. This is not
// graphite-web's, and works only with WRITABLE_API.
func deleteMetrics(q *request) error {
	q.jsonErrors = true
	if !q.s.o.WritableAPI || q.s.o.Remove == nil {
		return &failure{fasthttp.StatusForbidden, "nothing can be deleted: WRITABLE_API is not set"}
	}
	dry := q.p.has("dryRun")
	names, err := q.toDelete()
	if err != nil {
		return err
	}
	gone := names
	if !dry {
		gone, err = q.s.o.Remove(q.ctx, names)
		q.s.o.Log.Info().Int("asked", len(names)).Int("removed", len(gone)).AnErr("error", err).
			Stringer("from", q.RemoteAddr()).Msg("series deleted over HTTP")
	}
	if err != nil {
		q.SetStatusCode(fasthttp.StatusInternalServerError)
		if errors.Is(err, q.ctx.Err()) {
			q.SetStatusCode(fasthttp.StatusServiceUnavailable)
		}
	}
	q.noCache()
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("dryRun")
		w.Bool(dry)
		w.Key("matched")
		w.Int(int64(len(names)))
		w.Key("deleted")
		if dry {
			w.Int(0)
		} else {
			w.Int(int64(len(gone)))
		}
		w.Key("metrics")
		w.Strings(gone[:min(len(gone), mostDeletedNames)])
		if err != nil {
			w.Key("error")
			w.String(err.Error())
		}
	})
}

// toDelete returns the names of the series that a deletion is about, sorted.
func (q *request) toDelete() ([]string, error) {
	queries, exprs := q.p.list("query"), q.p.list("expr")
	switch {
	case len(queries) == 0 && len(exprs) == 0:
		return nil, badRequest("delete what? Give query= or expr=")
	case len(queries) > 0 && len(exprs) > 0:
		return nil, badRequest("query= and expr= cannot be combined")
	case len(exprs) > 0 && q.s.o.Tags == nil:
		return nil, badRequest("tags are not kept here")
	case len(exprs) > 0:
		names, err := q.s.o.Tags.Find(exprs)
		if err != nil {
			return nil, badRequest(err.Error())
		}
		return names, nil
	}
	var names []string
	for _, query := range queries {
		nodes, err := q.nodes(query, true)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			names = append(names, n.path)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
