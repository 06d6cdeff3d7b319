package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// version answers /version with the bare version, which clients choose their
// features by.
func version(q *request) error {
	q.finish(append(append(q.body(), q.s.o.Version...), '\n'), "text/html; charset=utf-8")
	return nil
}

// health answers /health: every check, and 503 when one is not well.
func health(q *request) error {
	checks, ok := q.checks()
	w := q.writer()
	w.Open('{')
	w.Key("ok")
	w.Bool(ok)
	w.Key("checks")
	writeChecks(&w, checks)
	w.Close('}')
	if !ok {
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	q.noCache()
	q.finish(w.Buf, "application/json")
	return nil
}

func writeChecks(w *encode.Writer, checks []Check) {
	w.Open('[')
	for _, c := range checks {
		w.Open('{')
		w.Key("name")
		w.String(c.Name)
		w.Key("ok")
		w.Bool(c.OK)
		w.Key("detail")
		w.String(c.Detail)
		w.Close('}')
	}
	w.Close(']')
}

// status answers /status, for whoever does not want the page: health, what may be changed, and what
// the parts of the program tell of themselves. Unlike /health it is 200 when something is not well,
// for it is there to say what. With brief= it leaves the parts out, which cost something.
func status(q *request) error {
	q.jsonErrors = true
	q.noCache()
	checks, ok := q.checks()
	parts := map[string]any{}
	if q.s.o.Status != nil && !q.p.has("brief") {
		parts = q.s.o.Status()
	}
	w := q.writer()
	w.Open('{')
	w.Key("ok")
	w.Bool(ok)
	w.Key("checks")
	writeChecks(&w, checks)
	w.Key("graphite")
	w.String(q.s.o.Version)
	w.Key("now")
	w.Int(q.s.now().Unix())
	w.Key("writable")
	w.Bool(q.s.o.Saved != nil && !q.s.o.ReadOnly)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		b, err := json.Marshal(parts[name])
		if err != nil {
			return fmt.Errorf("cannot write the status of %q: %w", name, err)
		}
		w.Key(name)
		w.Raw(b)
	}
	w.Close('}')
	q.finish(w.Buf, "application/json")
	return nil
}

// explain answers /metrics/explain: what becomes of the metric metric=.
func explain(q *request) error {
	q.jsonErrors = true
	q.noCache()
	metric := q.p.get("metric")
	switch {
	case q.s.o.Explain == nil:
		return notFound("not found")
	case metric == "":
		return badRequest("Missing required parameter 'metric'")
	}
	b, err := json.Marshal(q.s.o.Explain(metric))
	if err != nil {
		return fmt.Errorf("cannot explain %q: %w", metric, err)
	}
	q.finish(append(q.body(), b...), "application/json")
	return nil
}

// balancerCheck answers /lb_check for load balancers, which want one word.
func balancerCheck(q *request) error {
	word := "Ok\n"
	if _, ok := q.checks(); !ok {
		word = "Not well\n"
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	q.noCache()
	q.finish(append(q.body(), word...), "text/plain; charset=utf-8")
	return nil
}

// checks returns all checks and whether all are well.
func (q *request) checks() ([]Check, bool) {
	if q.s.o.Health == nil {
		return nil, true
	}
	checks := q.s.o.Health()
	for _, c := range checks {
		if !c.OK {
			return checks, false
		}
	}
	return checks, true
}
