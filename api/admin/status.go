package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"graphited/api/call"
	"graphited/carbon/facts"

	"github.com/valyala/fasthttp"

	"graphited/carbon/prom"
	"graphited/render/encode"
)

// GraphiteVersion answers /version with the version of Graphite alone, by which clients choose
// their features.
func (v *Views) GraphiteVersion(q *call.Request) error {
	q.Finish(append(append(q.Buffer(), v.Version...), '\n'), "text/html; charset=utf-8")
	return nil
}

// Health answers /health: every check, and 503 if one of them is not well.
func (v *Views) Health(q *call.Request) error {
	checks, ok := v.checks()
	w := q.Writer()
	w.Open('{')
	w.Key("ok")
	w.Bool(ok)
	w.Key("checks")
	writeChecks(&w, checks)
	w.Close('}')
	if !ok {
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	q.NoCache()
	q.Finish(w.Buf, "application/json")
	return nil
}

func writeChecks(w *encode.Writer, checks []facts.Condition) {
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

// Status answers /status for clients that do not want the page: health, what may be changed, and
// the status of each part of the program. Unlike /health it answers 200 if something is not well,
// because it is there to say what. With brief= it leaves out the parts, which take time.
func (v *Views) Status(q *call.Request) error {
	q.JSONErrors = true
	q.NoCache()
	checks, ok := v.checks()
	parts := map[string]any{}
	if v.Parts != nil && !q.Params.Has("brief") {
		parts = v.Parts()
	}
	w := q.Writer()
	w.Open('{')
	w.Key("ok")
	w.Bool(ok)
	w.Key("checks")
	writeChecks(&w, checks)
	w.Key("graphite")
	w.String(v.Version)
	w.Key("now")
	w.Int(q.Site.Now().Unix())
	w.Key("writable")
	w.Bool(v.Saved != nil && !v.ReadOnly)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		b, err := json.Marshal(parts[name])
		if err != nil {
			return fmt.Errorf("cannot write the status of %q: %w", name, err)
		}
		w.Key(name)
		w.Raw(b)
	}
	w.Close('}')
	q.Finish(w.Buf, "application/json")
	return nil
}

// Explain answers /metrics/explain: what becomes of the metric metric=.
func (v *Views) Explain(q *call.Request) error {
	q.JSONErrors = true
	q.NoCache()
	metric := q.Params.Get("metric")
	switch {
	case v.ExplainMetric == nil:
		return call.NotFound("not found")
	case metric == "":
		return call.BadRequest("Missing required parameter 'metric'")
	}
	b, err := json.Marshal(v.ExplainMetric(metric))
	if err != nil {
		return fmt.Errorf("cannot explain %q: %w", metric, err)
	}
	q.Finish(append(q.Buffer(), b...), "application/json")
	return nil
}

// BalancerCheck answers /lb_check for load balancers, which want one word.
func (v *Views) BalancerCheck(q *call.Request) error {
	word := "Ok\n"
	if _, ok := v.checks(); !ok {
		word = "Not well\n"
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	q.NoCache()
	q.Finish(append(q.Buffer(), word...), "text/plain; charset=utf-8")
	return nil
}

// checks returns all conditions and whether all are well.
func (v *Views) checks() ([]facts.Condition, bool) {
	if v.State == nil {
		return nil, true
	}
	checks := v.State.Health()
	for _, c := range checks {
		if !c.OK {
			return checks, false
		}
	}
	return checks, true
}

// Prometheus answers /prometheus with the metrics of this program.
func (v *Views) Prometheus(q *call.Request) error {
	if v.State == nil {
		return call.NotFound("not found")
	}
	body := v.State.AppendPrometheus(q.Buffer())
	for _, more := range v.Metrics {
		body = more(body)
	}
	q.Finish(body, prom.ContentType)
	q.NoCache()
	return nil
}

// Ready answers /ready: 200 once requests can be answered in full, else 503 with the reason.
func Ready(q *call.Request) error {
	q.JSONErrors = true
	q.NoCache()
	if q.Replaying != "" {
		return call.Fail(fasthttp.StatusServiceUnavailable, "not ready: "+q.Replaying)
	}
	return q.Object(func(w *encode.Writer) {
		w.Key("ready")
		w.Bool(true)
	})
}
