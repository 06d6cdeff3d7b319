package api

import (
	"strconv"

	"graphited/render/encode"
)

// Description is how a metric is kept.
type Description struct {
	Method       string // of aggregation: "average"
	XFilesFactor float64
	Archives     []Archive // the finest first
}

// Archive is a part of a metric's file.
type Archive struct {
	Step   int64 // seconds a point
	Points int64
}

// maxRetention returns the seconds that the longest archive reaches back.
func (d *Description) maxRetention() int64 {
	var most int64
	for _, a := range d.Archives {
		most = max(most, a.Step*a.Points)
	}
	return most
}

// File is what the file of a metric takes.
type File struct {
	Size     int64 // bytes in its length
	RealSize int64 // bytes on the disk
	Modified int64 // Unix seconds
	Accessed int64 // Unix seconds; 0: not known
}

// info answers /info as go-carbon: how the metrics of target= are kept. One that
// is unknown makes it 404.
func info(q *request) error {
	proto := q.protocol()
	if proto == noProtocol && string(q.Request.Header.Peek("Accept")) == typeV2 {
		proto = protoV2 // carbonapi reads v2 also where it speaks MessagePack
	}
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	names := q.p.values("target")
	if proto == protoV3 && len(q.PostBody()) > 0 {
		var err error
		if names, err = readGlobs(q.PostBody(), q.s.o.MaxParameters); err != nil {
			return err
		}
	}
	if proto == protoV2 && len(names) > 1 {
		names = names[:1]
	}
	if len(names) == 0 || q.s.o.Describe == nil {
		return notFound("Not Found")
	}
	all := make([]Description, len(names))
	for i, name := range names {
		var ok bool
		if all[i], ok = q.s.o.Describe(name); !ok {
			return notFound("Metric not found")
		}
	}
	out := encode.Proto{Buf: q.body()}
	switch proto {
	case protoV2:
		all[0].append(&out, names[0])
	case protoV3:
		for i := range all {
			m := out.Open(1)
			all[i].append(&out, names[i])
			out.Close(m)
		}
	default:
		q.finish(out.Buf, "")
		return q.answerJSON(func(w *encode.Writer) {
			w.Key("metrics")
			w.Open('[')
			for i := range all {
				all[i].write(w, names[i])
			}
			w.Close(']')
		})
	}
	return q.finishMessage(proto, out.Buf)
}

// append appends an InfoResponse of v2, which as bytes is the MetricsInfoResponse
// of v3.
func (d *Description) append(out *encode.Proto, name string) {
	out.String(1, name)
	out.String(2, encode.Title(d.Method))
	out.Int(3, d.maxRetention())
	out.Float32(4, float32(d.XFilesFactor))
	for _, a := range d.Archives {
		m := out.Open(5)
		out.Int(1, a.Step)
		out.Int(2, a.Points)
		out.Close(m)
	}
}

// write writes the same as protobuf's JSON, where whole numbers are strings.
func (d *Description) write(w *encode.Writer, name string) {
	whole := func(key string, i int64) {
		w.Key(key)
		w.String(strconv.FormatInt(i, 10))
	}
	w.Open('{')
	w.Key("name")
	w.String(name)
	w.Key("consolidationFunc")
	w.String(encode.Title(d.Method))
	w.Key("xFilesFactor")
	w.Float(d.XFilesFactor)
	whole("maxRetention", d.maxRetention())
	w.Key("retentions")
	w.Open('[')
	for _, a := range d.Archives {
		w.Open('{')
		whole("secondsPerPoint", a.Step)
		whole("numberOfPoints", a.Points)
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
}

// onlyJSON refuses formats that are neither JSON nor protobuf.
func onlyJSON(q *request, proto protocol) error {
	if f := q.p.get("format"); proto == noProtocol && f != "" && f != "json" {
		return badRequest("unsupported format")
	}
	return nil
}

// metricsList answers /metrics/list as go-carbon: every metric there is.
func metricsList(q *request) error {
	proto := q.protocol()
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	names := q.s.o.Finder.Names()
	if proto == noProtocol {
		err := q.answerJSON(func(w *encode.Writer) {
			w.Key("Metrics")
			q.writeNames(w, names)
		})
		if err != nil {
			return err
		}
		return q.ctx.Err()
	}
	out := encode.Proto{Buf: q.body()}
	n := 0
	for name := range names {
		if n++; n%1024 == 0 && q.ctx.Err() != nil {
			return q.ctx.Err()
		}
		out.Element(1, name)
	}
	return q.finishMessage(proto, out.Buf)
}

// metricsDetails answers /metrics/details as go-carbon: what each metric's file
// takes, of all metrics or of those that match query=. It looks at every file.
func metricsDetails(q *request) error {
	proto := q.protocol()
	if err := onlyJSON(q, proto); err != nil {
		return err
	}
	if q.s.o.File == nil {
		return notFound("details of files are not known here")
	}
	var free, total uint64
	if q.s.o.Space != nil {
		free, total = q.s.o.Space()
	}
	if proto != noProtocol {
		out := encode.Proto{Buf: q.body()}
		err := q.eachFile(func(name string, f File) { f.append(&out, name) })
		if err != nil {
			return err
		}
		out.Int(2, int64(free))
		out.Int(3, int64(total))
		return q.finishMessage(proto, out.Buf)
	}
	var failed error
	err := q.answerJSON(func(w *encode.Writer) {
		w.Key("Metrics")
		w.Open('[')
		failed = q.eachFile(func(name string, f File) { f.write(w, name) })
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

// eachFile calls yield for the metrics that are asked for.
func (q *request) eachFile(yield func(name string, f File)) error {
	n := 0
	one := func(name string) bool {
		if n++; n%256 == 0 && q.ctx.Err() != nil {
			return false
		}
		if f, ok := q.s.o.File(name); ok {
			yield(name, f)
		}
		return true
	}
	if query := q.p.get("query"); query != "" {
		nodes, err := q.nodes(query, true)
		if err != nil {
			return err
		}
		for _, x := range nodes {
			if !one(x.path) {
				break
			}
		}
		return q.ctx.Err()
	}
	for name := range q.s.o.Finder.Names() {
		if !one(name) {
			break
		}
	}
	return q.ctx.Err()
}

// append appends an entry of a MetricDetailsResponse's map.
func (f *File) append(out *encode.Proto, name string) {
	m := out.Open(1)
	out.Element(1, name)
	d := out.Open(2)
	out.Int(2, f.Size)
	out.Int(3, f.Modified)
	out.Int(4, f.Accessed)
	out.Int(6, f.RealSize)
	out.Close(d)
	out.Close(m)
}

func (f *File) write(w *encode.Writer, name string) {
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
