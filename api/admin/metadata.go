package admin

import (
	"encoding/json"
	"errors"

	"graphited/api/call"
	"graphited/render/encode"
)

// errNoMetadata is the answer to a request for metadata if there is none.
var errNoMetadata = errors.New("metadata is not kept here")

// GetMetadata answers /metrics/get-metadata: the value of key= for each metric=, or {"error": ...}.
func (v *Views) GetMetadata(q *call.Request) error {
	key := q.Params.Get("key")
	return q.MetricsJSON(func(w *encode.Writer) {
		w.Open('{')
		for _, metric := range uniqueInOrder(q.Params.Values("metric")) {
			w.Key(metric)
			value, err := "", errNoMetadata
			if v.Series != nil {
				value, err = v.Series.GetMetadata(q.Ctx, metric, key)
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

// operation is a change that /metrics/set-metadata makes.
type operation struct{ Metric, Key, Value string }

// SetMetadata answers /metrics/set-metadata. The changes are a list in a JSON body or in the
// parameter operations, or the parameters metric, key and value. Unlike graphite-web it changes
// nothing on GET.
func (v *Views) SetMetadata(q *call.Request) error {
	changes, err := operations(q)
	if err != nil {
		return err
	}
	return q.MetricsJSON(func(w *encode.Writer) {
		w.Open('{')
		for _, op := range changes {
			w.Key(op.Metric)
			old, err := "", errNoMetadata
			if v.Series != nil {
				old, err = v.Series.SetMetadata(q.Ctx, op.Metric, op.Key, op.Value)
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

// operations reads the changes of a request.
func operations(q *call.Request) (list []operation, err error) {
	text := q.PostBody()
	if string(q.Request.Header.ContentType()) != "application/json" {
		list, ok := q.Params.Find("operations")
		if !ok {
			op := operation{q.Params.Get("metric"), q.Params.Get("key"), q.Params.Get("value")}
			if op.Metric == "" || op.Key == "" || !q.Params.Has("value") {
				return nil, call.BadRequest("metric, key and value must be given")
			}
			return []operation{op}, nil
		}
		text = []byte(list)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, call.BadRequest("the operations must be a JSON list of {metric, key, value}")
	}
	if len(list) > q.Site.MaxParameters {
		return nil, call.TooManyParams(q.Site.MaxParameters)
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
