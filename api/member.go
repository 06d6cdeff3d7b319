package api

import (
	"os"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/easyproto"

	"graphited/render"
	"graphited/render/encode"
)

// protocol is a dialect of protobuf that carbonapi and go-carbon speak.
type protocol uint8

const (
	noProtocol protocol = iota
	protoV2             // carbonapi_v2_pb: parameters in the URL
	protoV3             // carbonapi_v3_pb: a message in the body, also of a GET
)

const (
	typeV2 = "application/x-protobuf"
	typeV3 = "application/x-carbonapi-v3-pb"
)

// memberBatch is how many targets of a message are evaluated at a time. The bounds of
// the engine are of one query, of which a message has many.
const memberBatch = 100

// protocol returns what the client asks for, as go-carbon: format=, or v3 in
// Accept, which wins.
func (q *request) protocol() protocol {
	if string(q.Request.Header.Peek("Accept")) == typeV3 {
		return protoV3
	}
	switch q.p.get("format") {
	case "protobuf", "protobuf3", "carbonapi_v2_pb":
		return protoV2
	case "carbonapi_v3_pb":
		return protoV3
	}
	return noProtocol
}

func (p protocol) contentType() string {
	if p == protoV3 {
		return typeV3
	}
	return typeV2
}

// finishMessage answers with a message.
func (q *request) finishMessage(p protocol, body []byte) error {
	q.finish(body, p.contentType())
	q.noCache()
	return nil
}

// memberFind answers /metrics/find in protobuf. As go-carbon it says 404 when
// there is nothing, which carbonapi takes for an empty answer.
func memberFind(q *request, proto protocol) error {
	queries := q.p.values("query")
	if proto == protoV3 && len(q.PostBody()) > 0 {
		var err error
		if queries, err = readGlobs(q.PostBody(), q.s.o.MaxParameters); err != nil {
			return err
		}
	}
	if len(queries) == 0 {
		return badRequest("Missing required parameter 'query'")
	}
	if proto == protoV2 {
		queries = queries[len(queries)-1:]
	}
	out := encode.Proto{Buf: q.body()}
	found := 0
	for _, query := range queries {
		nodes, err := q.nodes(query, false)
		if err != nil {
			return err
		}
		if found += len(nodes); q.s.o.MaxFound > 0 && found > q.s.o.MaxFound {
			return badRequest("the queries yield too many results: more than " + strconv.Itoa(q.s.o.MaxFound) + " (METRICS_FIND_FAILURE_THRESHOLD)")
		}
		if proto == protoV2 {
			appendMatches(&out, query, nodes)
			break
		}
		m := out.Open(1)
		appendMatches(&out, query, nodes)
		out.Close(m)
	}
	if found == 0 {
		return notFound("Not Found")
	}
	return q.finishMessage(proto, out.Buf)
}

// appendMatches appends the fields of a GlobResponse.
func appendMatches(out *encode.Proto, query string, nodes []node) {
	out.String(1, query)
	for _, n := range nodes {
		m := out.Open(2)
		out.String(1, n.path)
		out.Bool(2, n.leaf)
		out.Close(m)
	}
}

// fetchRequest is a FetchRequest of carbonapi_v3_pb. Its filter functions and
// its most points are hints that go-carbon does not follow either.
type fetchRequest struct {
	name        string
	from, until int64
	path        string // the pattern that name was found by
}

// memberRender answers /render in carbonapi_v3_pb. v2 is a format like others.
func memberRender(q *request) error {
	requests, err := readFetches(q.PostBody(), q.s.o.MaxParameters)
	if err != nil {
		return err
	}
	leave, err := q.enter(q.s.renders)
	if err != nil {
		return err
	}
	defer leave()
	body := q.body()
	var warnings []string
	for len(requests) > 0 {
		first := requests[0]
		query := render.Query{From: first.from, Until: first.until, Now: q.s.now().Unix(), Location: q.s.zones.def, XFilesFactor: q.s.o.XFilesFactor, Local: true}
		n := 0
		for ; n < min(len(requests), memberBatch); n++ {
			r := requests[n]
			if r.from != first.from || r.until != first.until || r.path != first.path {
				break
			}
			query.Targets = append(query.Targets, r.name)
		}
		requests = requests[n:]
		res, err := q.s.o.Engine.Eval(q.ctx, query)
		if err != nil {
			return err
		}
		warnings = append(warnings, res.Warnings...)
		for _, p := range res.Problems {
			warnings = append(warnings, p.Err.Error())
		}
		body = encode.AppendProtoV3(body, res.Series, encode.ProtoV3Options{
			From: first.from, Until: first.until, PathExpression: first.path, Keeps: q.s.keeps,
		})
		if most := q.s.o.MaxMessage; most > 0 && len(body) > most {
			return badRequest("the answer would have more than " + strconv.Itoa(most) + " bytes (MAX_ANSWER_SIZE); ask for less")
		}
	}
	q.lacks(warnings)
	if len(body) == 0 {
		return notFound("Not Found")
	}
	return q.finishMessage(protoV3, body)
}

// keeps tells how the file of a metric is kept.
func (s *Server) keeps(name string) (method string, xFilesFactor float64, ok bool) {
	if s.o.Describe == nil {
		return "", 0, false
	}
	d, ok := s.o.Describe(name)
	return d.Method, d.XFilesFactor, ok
}

// malformed is what a body is that is no message.
func malformed(what string) error { return badRequest("the body is no " + what) }

// readGlobs reads the patterns of a MultiGlobRequest, of which there may be most.
// Its times are not asked: names are found whenever they have points.
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
			return nil, tooManyParams(most)
		}
		list = append(list, strings.ToValidUTF8(strings.Clone(s), "\uFFFD"))
	}
	return list, nil
}

// readFetches reads a MultiFetchRequest of at most so many series.
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
			return nil, tooManyParams(most)
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
		return r, badRequest("Invalid empty time range")
	}
	return r, nil
}

// capabilities answers /_internal/capabilities/: what carbonapi may speak with us,
// the best first.
func capabilities(q *request) error {
	protocols := []string{"carbonapi_v3_pb", "carbonapi_v2_pb", "graphite-web-pickle", "graphite-web-pickle-1.1"}
	name, err := os.Hostname()
	if err != nil {
		name = "(unknown)"
	}
	switch q.protocol() {
	case protoV3:
		out := encode.Proto{Buf: q.body()}
		for _, p := range protocols {
			out.Element(1, p)
		}
		out.String(2, name)
		out.Bool(5, true) // asked in parts, it answers alike
		return q.finishMessage(protoV3, out.Buf)
	case protoV2:
		return badRequest("unsupported format")
	}
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("supportedProtocols")
		w.Strings(protocols)
		w.Key("name")
		w.String(name)
		w.Key("likeSplittedRequests")
		w.Bool(true)
	})
}
