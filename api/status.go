package api

import "github.com/valyala/fasthttp"

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
	w.Close('}')
	if !ok {
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	q.noCache()
	q.finish(w.Buf, "application/json")
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
