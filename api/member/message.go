package member

import (
	"os"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/easyproto"

	"graphited/api/call"
	"graphited/api/names"
	"graphited/render"
	"graphited/render/encode"
)

// batch is the number of targets of a message that are evaluated at the same time. The limits of
// the engine are for one query, and a message has many.
const batch = 100

// Find answers /metrics/find in protobuf. Like go-carbon it answers 404 if nothing matches, which
// carbonapi takes for an empty answer.
func (m *Member) Find(q *call.Request) error {
	proto := q.Protocol()
	queries := q.Params.Values("query")
	if proto == call.V3 && len(q.PostBody()) > 0 {
		var err error
		if queries, err = readGlobs(q.PostBody(), q.Site.MaxParameters); err != nil {
			return err
		}
	}
	if len(queries) == 0 {
		return call.BadRequest("Missing required parameter 'query'")
	}
	if proto == call.V2 {
		queries = queries[len(queries)-1:]
	}
	out := encode.Proto{Buf: q.Buffer()}
	found := 0
	for _, query := range queries {
		nodes, err := m.Names.Here(q.Ctx, query, false)
		if err != nil {
			return err
		}
		if found += len(nodes); m.Names.MaxFound > 0 && found > m.Names.MaxFound {
			return call.BadRequest("the queries yield too many results: more than " + strconv.Itoa(m.Names.MaxFound) + " (METRICS_FIND_FAILURE_THRESHOLD)")
		}
		if proto == call.V2 {
			appendMatches(&out, query, nodes)
			break
		}
		field := out.Open(1)
		appendMatches(&out, query, nodes)
		out.Close(field)
	}
	if found == 0 {
		return call.NotFound("Not Found")
	}
	return q.FinishMessage(proto, out.Buf)
}

// appendMatches appends the fields of a GlobResponse.
func appendMatches(out *encode.Proto, query string, nodes []names.Node) {
	out.String(1, query)
	for _, n := range nodes {
		m := out.Open(2)
		out.String(1, n.Path)
		out.Bool(2, n.Leaf)
		out.Close(m)
	}
}

// fetchRequest is a FetchRequest of carbonapi_v3_pb without its filter functions and its largest
// number of points, which are hints that go-carbon does not follow either.
type fetchRequest struct {
	name        string
	from, until int64
	path        string // the pattern that matches name
}

// Render answers /render in carbonapi_v3_pb. V2 is a format like others, see api/query.
func (m *Member) Render(q *call.Request) error {
	requests, err := readFetches(q.PostBody(), q.Site.MaxParameters)
	if err != nil {
		return err
	}
	leave, err := q.Enter(m.Renders)
	if err != nil {
		return err
	}
	defer leave()
	body := q.Buffer()
	var warnings []string
	for len(requests) > 0 {
		first := requests[0]
		query := render.Query{From: first.from, Until: first.until, Now: q.Site.Now().Unix(), Location: q.Site.Zones.Default(), XFilesFactor: m.XFilesFactor, Local: true}
		n := 0
		for ; n < min(len(requests), batch); n++ {
			r := requests[n]
			if r.from != first.from || r.until != first.until || r.path != first.path {
				break
			}
			query.Targets = append(query.Targets, r.name)
		}
		requests = requests[n:]
		res, err := m.Engine.Eval(q.Ctx, query)
		if err != nil {
			return err
		}
		warnings = append(warnings, res.Warnings...)
		for _, p := range res.Problems {
			warnings = append(warnings, p.Err.Error())
		}
		body = encode.AppendProtoV3(body, res.Series, encode.ProtoV3Options{
			From: first.from, Until: first.until, PathExpression: first.path, Keeps: m.keeps,
		})
		if most := m.MaxMessage; most > 0 && len(body) > most {
			return call.BadRequest("the answer would have more than " + strconv.Itoa(most) + " bytes (MAX_ANSWER_SIZE); ask for less")
		}
	}
	q.Lacks(warnings)
	if len(body) == 0 {
		return call.NotFound("Not Found")
	}
	return q.FinishMessage(call.V3, body)
}

// keeps returns how the file of a metric is kept.
func (m *Member) keeps(name string) (method string, xFilesFactor float64, ok bool) {
	if m.Spec == nil {
		return "", 0, false
	}
	spec, ok := m.Spec(name)
	return spec.Method.String(), float64(spec.XFilesFactor), ok
}

// malformed returns the error for a body that is not the message.
func malformed(what string) error { return call.BadRequest("the body is no " + what) }

// readGlobs reads the patterns of a MultiGlobRequest, at most as many as most. It does not read the
// times: names are found whenever they have points.
func readGlobs(body []byte, most int) ([]string, error) {
	var list []string
	var fc easyproto.FieldContext
	for len(body) > 0 {
		var err error
		if body, err = fc.NextField(body); err != nil {
			return nil, malformed("MultiGlobRequest")
		}
		if fc.FieldNum != 1 {
			continue
		}
		s, ok := fc.String()
		if !ok {
			return nil, malformed("MultiGlobRequest")
		}
		if len(list) == most {
			return nil, call.TooManyParams(most)
		}
		list = append(list, strings.ToValidUTF8(strings.Clone(s), "\uFFFD"))
	}
	return list, nil
}

// readFetches reads a MultiFetchRequest of at most as many series as most.
func readFetches(body []byte, most int) ([]fetchRequest, error) {
	var list []fetchRequest
	var fc easyproto.FieldContext
	for len(body) > 0 {
		var err error
		if body, err = fc.NextField(body); err != nil {
			return nil, malformed("MultiFetchRequest")
		}
		if fc.FieldNum != 1 {
			continue
		}
		data, ok := fc.MessageData()
		if !ok {
			return nil, malformed("MultiFetchRequest")
		}
		if len(list) == most {
			return nil, call.TooManyParams(most)
		}
		r, err := readFetch(data)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func readFetch(data []byte) (r fetchRequest, err error) {
	var fc easyproto.FieldContext
	for len(data) > 0 {
		if data, err = fc.NextField(data); err != nil {
			return r, malformed("MultiFetchRequest")
		}
		ok := true
		var s string
		switch fc.FieldNum {
		case 1:
			s, ok = fc.String()
			r.name = strings.ToValidUTF8(strings.Clone(s), "\uFFFD")
		case 2:
			r.from, ok = fc.Int64()
		case 3:
			r.until, ok = fc.Int64()
		case 5:
			s, ok = fc.String()
			r.path = strings.ToValidUTF8(strings.Clone(s), "\uFFFD")
		}
		if !ok {
			return r, malformed("MultiFetchRequest")
		}
	}
	if r.from >= r.until {
		return r, call.BadRequest("Invalid empty time range")
	}
	return r, nil
}

// Capabilities answers /_internal/capabilities: the protocols that carbonapi may use, the best
// first.
func Capabilities(q *call.Request) error {
	protocols := []string{"carbonapi_v3_pb", "carbonapi_v2_pb", "graphite-web-pickle", "graphite-web-pickle-1.1"}
	name, err := os.Hostname()
	if err != nil {
		name = "(unknown)"
	}
	switch q.Protocol() {
	case call.V3:
		out := encode.Proto{Buf: q.Buffer()}
		for _, p := range protocols {
			out.Element(1, p)
		}
		out.String(2, name)
		out.Bool(5, true) // a request in parts gets the same answer
		return q.FinishMessage(call.V3, out.Buf)
	case call.V2:
		return call.BadRequest("unsupported format")
	}
	return q.Object(func(w *encode.Writer) {
		w.Key("supportedProtocols")
		w.Strings(protocols)
		w.Key("name")
		w.String(name)
		w.Key("likeSplittedRequests")
		w.Bool(true)
	})
}
