package member

import (
	"strconv"

	"graphited/api/call"
	"graphited/api/names"
	"graphited/carbon/facts"
	"graphited/render/encode"
	"graphited/whisper"
)

// maxRetention returns the number of seconds that the longest archive covers.
func maxRetention(spec *whisper.Spec) int64 {
	var most int64
	for _, a := range spec.Archives {
		most = max(most, a.Step*a.Points)
	}
	return most
}

// Info answers /info like go-carbon: how the metrics of target= are kept. If one of them is unknown
// it answers 404.
func (m *Member) Info(q *call.Request) error {
	proto := q.Protocol()
	if proto == call.NoProtocol && string(q.Request.Header.Peek("Accept")) == call.TypeV2 {
		proto = call.V2 // carbonapi reads V2 even where it speaks MessagePack
	}
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	metrics := q.Params.Values("target")
	if proto == call.V3 && len(q.PostBody()) > 0 {
		var err error
		if metrics, err = readGlobs(q.PostBody(), q.Site.MaxParameters); err != nil {
			return err
		}
	}
	if proto == call.V2 && len(metrics) > 1 {
		metrics = metrics[:1]
	}
	if len(metrics) == 0 || m.Spec == nil {
		return call.NotFound("Not Found")
	}
	all := make([]whisper.Spec, len(metrics))
	for i, name := range metrics {
		var ok bool
		if all[i], ok = m.Spec(name); !ok {
			return call.NotFound("Metric not found")
		}
	}
	out := encode.Proto{Buf: q.Buffer()}
	switch proto {
	case call.V2:
		appendInfo(&out, &all[0], metrics[0])
	case call.V3:
		for i := range all {
			field := out.Open(1)
			appendInfo(&out, &all[i], metrics[i])
			out.Close(field)
		}
	default:
		q.Finish(out.Buf, "")
		return q.Object(func(w *encode.Writer) {
			w.Key("metrics")
			w.Open('[')
			for i := range all {
				writeInfo(w, &all[i], metrics[i])
			}
			w.Close(']')
		})
	}
	return q.FinishMessage(proto, out.Buf)
}

// appendInfo appends an InfoResponse of V2, which has the same bytes as the MetricsInfoResponse of
// V3.
func appendInfo(out *encode.Proto, spec *whisper.Spec, name string) {
	out.String(1, name)
	out.String(2, encode.Title(spec.Method.String()))
	out.Int(3, maxRetention(spec))
	out.Float32(4, spec.XFilesFactor)
	for _, a := range spec.Archives {
		m := out.Open(5)
		out.Int(1, a.Step)
		out.Int(2, a.Points)
		out.Close(m)
	}
}

// writeInfo writes the same as protobuf's JSON, where whole numbers are strings.
func writeInfo(w *encode.Writer, spec *whisper.Spec, name string) {
	whole := func(key string, i int64) {
		w.Key(key)
		w.String(strconv.FormatInt(i, 10))
	}
	w.Open('{')
	w.Key("name")
	w.String(name)
	w.Key("consolidationFunc")
	w.String(encode.Title(spec.Method.String()))
	w.Key("xFilesFactor")
	w.Float(float64(spec.XFilesFactor))
	whole("maxRetention", maxRetention(spec))
	w.Key("retentions")
	w.Open('[')
	for _, a := range spec.Archives {
		w.Open('{')
		whole("secondsPerPoint", a.Step)
		whole("numberOfPoints", a.Points)
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
}

// onlyJSON refuses formats that are neither JSON nor protobuf.
func onlyJSON(q *call.Request, proto call.Protocol) error {
	if f := q.Params.Get("format"); proto == call.NoProtocol && f != "" && f != "json" {
		return call.BadRequest("unsupported format")
	}
	return nil
}

// List answers /metrics/list like go-carbon: every metric.
func (m *Member) List(q *call.Request) error {
	proto := q.Protocol()
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	all := m.Names.Finder.Names()
	if proto == call.NoProtocol {
		err := q.Object(func(w *encode.Writer) {
			w.Key("Metrics")
			names.Write(q.Ctx, w, all)
		})
		if err != nil {
			return err
		}
		return q.Ctx.Err()
	}
	out := encode.Proto{Buf: q.Buffer()}
	n := 0
	for name := range all {
		if n++; n%1024 == 0 && q.Ctx.Err() != nil {
			return q.Ctx.Err()
		}
		out.Element(1, name)
	}
	return q.FinishMessage(proto, out.Buf)
}

// Details answers /metrics/details like go-carbon: the size of each metric's file, of all metrics
// or of those that match query=. It looks at every file.
func (m *Member) Details(q *call.Request) error {
	proto := q.Protocol()
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	if m.Files == nil {
		return call.NotFound("details of files are not known here")
	}
	free, total := m.Files.Space()
	if proto != call.NoProtocol {
		out := encode.Proto{Buf: q.Buffer()}
		err := m.eachFile(q, func(name string, f facts.File) { appendFile(&out, f, name) })
		if err != nil {
			return err
		}
		out.Int(2, int64(free))
		out.Int(3, int64(total))
		return q.FinishMessage(proto, out.Buf)
	}
	var failed error
	err := q.Object(func(w *encode.Writer) {
		w.Key("Metrics")
		w.Open('[')
		failed = m.eachFile(q, func(name string, f facts.File) { writeFile(w, f, name) })
		w.Close(']')
		w.Key("FreeSpace")
		w.Raw(strconv.AppendUint(nil, free, 10))
		w.Key("TotalSpace")
		w.Raw(strconv.AppendUint(nil, total, 10))
	})
	if failed != nil {
		return failed
	}
	return err
}

// eachFile calls yield for the files of the metrics that are requested.
func (m *Member) eachFile(q *call.Request, yield func(name string, f facts.File)) error {
	n := 0
	one := func(name string) bool {
		if n++; n%256 == 0 && q.Ctx.Err() != nil {
			return false
		}
		if f, ok := m.Files.File(name); ok {
			yield(name, f)
		}
		return true
	}
	if query := q.Params.Get("query"); query != "" {
		nodes, err := m.Names.Here(q.Ctx, query, true)
		if err != nil {
			return err
		}
		for _, x := range nodes {
			if !one(x.Path) {
				break
			}
		}
		return q.Ctx.Err()
	}
	for name := range m.Names.Finder.Names() {
		if !one(name) {
			break
		}
	}
	return q.Ctx.Err()
}

// appendFile appends an entry of a MetricDetailsResponse's map.
func appendFile(out *encode.Proto, f facts.File, name string) {
	entry := out.Open(1)
	out.Element(1, name)
	d := out.Open(2)
	out.Int(2, f.Size)
	out.Int(3, f.Modified)
	out.Int(4, f.Accessed)
	out.Int(6, f.RealSize)
	out.Close(d)
	out.Close(entry)
}

func writeFile(w *encode.Writer, f facts.File, name string) {
	w.Open('{')
	for _, x := range [...]struct {
		key   string
		value int64
	}{{"Size", f.Size}, {"ModTime", f.Modified}, {"ATime", f.Accessed}, {"RealSize", f.RealSize}} {
		w.Key(x.key)
		w.Int(x.value)
	}
	w.Key("Name")
	w.String(name)
	w.Close('}')
}
