package admin

import (
	"errors"

	"graphited/api/call"
	"graphited/api/names"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// mostDeletedNames is how many names an answer about a deletion lists. It counts all of them.
const mostDeletedNames = 10_000

// Delete answers /metrics/delete: it removes the series that match one of the query=, or all expr=,
// which are tag expressions of seriesByTag. With dryRun= it only lists them. graphite-web has no
// such path. It needs WRITABLE_API.
func (v *Views) Delete(q *call.Request) error {
	q.JSONErrors = true
	if !v.Writable || v.Series == nil {
		return call.Fail(fasthttp.StatusForbidden, "nothing can be deleted: WRITABLE_API is not set")
	}
	dry := q.Params.Has("dryRun")
	matched, err := v.toDelete(q)
	if err != nil {
		return err
	}
	gone := matched
	if !dry {
		gone, err = v.Series.Remove(q.Ctx, matched)
		q.Site.Log.Info().Int("asked", len(matched)).Int("removed", len(gone)).AnErr("error", err).
			Stringer("from", q.RemoteAddr()).Msg("series deleted over HTTP")
	}
	if err != nil {
		q.SetStatusCode(fasthttp.StatusInternalServerError)
		if errors.Is(err, q.Ctx.Err()) {
			q.SetStatusCode(fasthttp.StatusServiceUnavailable)
		}
	}
	q.NoCache()
	return q.Object(func(w *encode.Writer) {
		w.Key("dryRun")
		w.Bool(dry)
		w.Key("matched")
		w.Int(int64(len(matched)))
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

// toDelete returns the names of the series to delete, sorted.
func (v *Views) toDelete(q *call.Request) ([]string, error) {
	queries, exprs := q.Params.List("query"), q.Params.List("expr")
	switch {
	case len(queries) == 0 && len(exprs) == 0:
		return nil, call.BadRequest("delete what? Give query= or expr=")
	case len(queries) > 0 && len(exprs) > 0:
		return nil, call.BadRequest("query= and expr= cannot be combined")
	case len(exprs) > 0 && v.Tags == nil:
		return nil, call.BadRequest("tags are not kept here")
	case len(exprs) > 0:
		found, err := v.Tags.Find(exprs)
		if err != nil {
			return nil, call.BadRequest(err.Error())
		}
		return found, nil
	}
	var all []string
	for _, query := range queries {
		nodes, err := v.Names.Here(q.Ctx, query, true)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			all = append(all, n.Path)
		}
	}
	return names.Unique(all), nil
}
