package api

import (
	"encoding/json"
	"fmt"

	"graphited/carbon/pyvalue"
	"graphited/render/encode"
)

// CardinalityQuery says what of the series is asked for.
type CardinalityQuery struct {
	Branch  string // the prefixes below it; "": all
	Depth   int    // so many levels below it
	Tag     string // whose values are listed; "": none
	Limit   int    // entries of each list
	Growing bool   // what has grown most comes first
}

// cardinality answers /metrics/cardinality: which prefixes, tags and senders have
// most series, or with sort=growth which have grown most. It is not Graphite's.
func cardinality(q *request) error {
	if q.s.o.Cardinality == nil {
		return notFound("the number of series is not known here")
	}
	c := CardinalityQuery{Branch: q.p.get("query"), Tag: q.p.get("tag")}
	for _, x := range [...]struct {
		name           string
		to             *int
		def, min, most int64
	}{{"depth", &c.Depth, 1, 1, 100}, {"limit", &c.Limit, 50, 1, 1000}} {
		n, err := q.p.integer(x.name, x.def)
		if err != nil {
			return err
		}
		*x.to = int(max(x.min, min(n, x.most)))
	}
	switch sort := q.p.get("sort"); sort {
	case "growth":
		c.Growing = true
	case "", "series":
	default:
		return badRequest("sort is series or growth, not " + pyvalue.Quote(sort))
	}
	b, err := json.Marshal(q.s.o.Cardinality(c))
	if err != nil {
		return fmt.Errorf("cannot write the cardinality: %w", err)
	}
	q.noCache()
	return q.metricsJSON(func(w *encode.Writer) { w.Raw(b) })
}
