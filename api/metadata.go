package api

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// Metadata is what is kept of a metric beside its points. carbon knows the one key
// "aggregationMethod".
type Metadata interface {
	// GetMetadata returns the value of a key.
	GetMetadata(ctx context.Context, metric, key string) (string, error)
	// SetMetadata changes a value and returns the old one.
	SetMetadata(ctx context.Context, metric, key, value string) (old string, err error)
}

// errNoMetadata is what a request for metadata gets where there is none.
var errNoMetadata = errors.New("metadata is not kept here")

// getMetadata answers /metrics/get-metadata: the value of key= for each metric=,
// or {"error": ...}.
func getMetadata(q *request) error {
	key := q.p.get("key")
	return q.metricsJSON(func(w *encode.Writer) {
		w.Open('{')
		for _, metric := range uniqueInOrder(q.p.values("metric")) {
			w.Key(metric)
			value, err := "", errNoMetadata
			if q.s.o.Metadata != nil {
				value, err = q.s.o.Metadata.GetMetadata(q.ctx, metric, key)
			}
			if err != nil {
				writeError(w, err)
				continue
			}
			w.String(value)
		}
		w.Close('}')
	})
}

// operation is a change that /metrics/set-metadata is to make.
type operation struct{ Metric, Key, Value string }

// setMetadata answers /metrics/set-metadata. What is to be set comes as a list in
// a JSON body or in the parameter operations, or as the parameters metric, key
// and value. Unlike graphite-web it changes nothing on GET.
func setMetadata(q *request) error {
	operations, err := q.operations()
	if err != nil {
		return err
	}
	return q.metricsJSON(func(w *encode.Writer) {
		w.Open('{')
		for _, op := range operations {
			w.Key(op.Metric)
			old, err := "", errNoMetadata
			if q.s.o.Metadata != nil {
				old, err = q.s.o.Metadata.SetMetadata(q.ctx, op.Metric, op.Key, op.Value)
			}
			if err != nil {
				writeError(w, err)
				continue
			}
			w.Open('{')
			w.Key("old_value")
			w.String(old)
			w.Key("new_value")
			w.String(op.Value)
			w.Close('}')
		}
		w.Close('}')
	})
}

func (q *request) operations() (list []operation, err error) {
	text := q.PostBody()
	if string(q.Request.Header.ContentType()) != "application/json" {
		v, ok := q.p.find("operations")
		if !ok {
			op := operation{q.p.get("metric"), q.p.get("key"), q.p.get("value")}
			if op.Metric == "" || op.Key == "" || !q.p.has("value") {
				return nil, badRequest("metric, key and value must be given")
			}
			return []operation{op}, nil
		}
		text = []byte(v)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, badRequest("the operations must be a JSON list of {metric, key, value}")
	}
	if len(list) > q.s.o.MaxParameters {
		return nil, tooManyParams(q.s.o.MaxParameters)
	}
	return list, nil
}

func writeError(w *encode.Writer, err error) {
	w.Open('{')
	w.Key("error")
	w.String(err.Error())
	w.Close('}')
}

func uniqueInOrder(list []string) []string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// ErrBusy is what Ingest returns, wrapped, for points that may be sent again
// later: the cache is full, or the server is stopping.
var ErrBusy = errors.New("busy, send it again later")

// ErrLeftOut is what Ingest returns, wrapped, when it has left points out as somebody
// has asked for, and has taken all others.
var ErrLeftOut = errors.New("not all points were taken")

// ingest answers /api/ingest: points in the body, in a format that its content
// type names. 204 says that all of them are as safe as WAL_SYNC asks for; their
// number is in the header X-Accepted. 200 says so of those that were taken, while
// others were left out as asked for. The body then tells how many were taken, and
// what became of the others, as it does with any other status.
func ingest(q *request) error {
	q.jsonErrors = true
	if q.s.o.Ingest == nil {
		return &failure{fasthttp.StatusNotImplemented, "points are not received here"}
	}
	n, err := q.s.o.Ingest(q.ctx, string(q.Request.Header.ContentType()), q.PostBody())
	if errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
		q.Response.Header.Set("Retry-After", "5")
	} else if err != nil && !errors.Is(err, ErrLeftOut) {
		q.SetStatusCode(fasthttp.StatusBadRequest)
	} else if err == nil {
		q.SetStatusCode(fasthttp.StatusNoContent)
		q.Response.Header.Set("X-Accepted", strconv.Itoa(n))
		return nil
	}
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("accepted")
		w.Int(int64(n))
		w.Key("error")
		w.String(err.Error())
	})
}

// prometheus answers /prometheus with the metrics of this program.
func prometheus(q *request) error {
	if q.s.o.Prometheus == nil {
		return notFound("not found")
	}
	body := q.s.metrics.append(q.s.o.Prometheus(q.body()))
	if c := q.s.o.Cluster; c != nil {
		body = c.AppendMetrics(body)
	}
	q.finish(body, "text/plain; version=0.0.4; charset=utf-8")
	q.noCache()
	return nil
}

// ready answers /ready: 200 once requests can be answered in full, else 503 with
// the reason.
func ready(q *request) error {
	q.jsonErrors = true
	q.noCache()
	if q.replaying != "" {
		return &failure{fasthttp.StatusServiceUnavailable, "not ready: " + q.replaying}
	}
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("ready")
		w.Bool(true)
	})
}
