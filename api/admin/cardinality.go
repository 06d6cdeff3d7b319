package admin

import (
	"encoding/json"
	"fmt"

	"graphited/api/call"
	"graphited/carbon/facts"
	"graphited/carbon/pyvalue"

	"graphited/render/encode"
)

// Cardinality answers /metrics/cardinality: which prefixes, tags and senders have most series, or
// with sort=growth which have grown most. Graphite has no such path.
func (v *Views) Cardinality(q *call.Request) error {
	if v.Count == nil {
		return call.NotFound("the number of series is not known here")
	}
	c := facts.CardinalityQuery{Branch: q.Params.Get("query"), Tag: q.Params.Get("tag")}
	for _, x := range [...]struct {
		name           string
		to             *int
		def, min, most int64
	}{{"depth", &c.Depth, 1, 1, 100}, {"limit", &c.Limit, 50, 1, 1000}} {
		n, err := q.Params.Integer(x.name, x.def)
		if err != nil {
			return err
		}
		*x.to = int(max(x.min, min(n, x.most)))
	}
	switch sort := q.Params.Get("sort"); sort {
	case "growth":
		c.Growing = true
	case "", "series":
	default:
		return call.BadRequest("sort is series or growth, not " + pyvalue.Quote(sort))
	}
	b, err := json.Marshal(v.Count(c))
	if err != nil {
		return fmt.Errorf("cannot write the cardinality: %w", err)
	}
	q.NoCache()
	return q.MetricsJSON(func(w *encode.Writer) { w.Raw(b) })
}
