package member

import (
	"strings"

	"github.com/tinylib/msgp/msgp"

	"graphited/api/call"
	"graphited/api/names"
	"graphited/render/encode"
)

// WriteNodes writes the nodes of a find as JSON.
func WriteNodes(w *encode.Writer, nodes []names.Node, in *names.Names) {
	w.Open('[')
	for _, n := range nodes {
		w.Open('{')
		w.Key("path")
		w.String(n.Path)
		w.Key("is_leaf")
		w.Bool(n.Leaf)
		if n.Leaf {
			w.Key("intervals")
			w.Open('[')
			if start, end, ok := in.Interval(n); ok {
				w.Open('{')
				w.Key("start")
				w.Float(float64(start))
				w.Key("end")
				w.Float(float64(end))
				w.Close('}')
			}
			w.Close(']')
		}
		w.Close('}')
	}
	w.Close(']')
}

// AppendPickledNodes is like WriteNodes, for a pickle, which another graphite-web asks for.
func AppendPickledNodes(dst []byte, nodes []names.Node, in *names.Names) []byte {
	p := encode.Pickle{Buf: dst}
	p.Begin()
	p.OpenList()
	for _, n := range nodes {
		p.OpenDict()
		p.String("path")
		p.String(n.Path)
		p.String("is_leaf")
		p.Bool(n.Leaf)
		if n.Leaf {
			start, end, _ := in.Interval(n)
			p.String("intervals")
			p.Intervals(float64(start), float64(end))
		}
		p.CloseDict()
	}
	p.CloseList()
	p.End()
	return p.Buf
}

// AppendPackedNodes is like WriteNodes, for MessagePack, into the buffer of the request.
func AppendPackedNodes(q *call.Request, nodes []names.Node, in *names.Names) []byte {
	dst := q.Buffer()
	// carbonapi, recognised by what it accepts, reads another name.
	camel := string(q.Request.Header.Peek("Accept")) == call.TypeV2
	dst = msgp.AppendArrayHeader(dst, uint32(len(nodes)))
	for _, n := range nodes {
		fields := uint32(2)
		if n.Leaf {
			fields++
		}
		if camel {
			fields++
		}
		dst = msgp.AppendMapHeader(dst, fields)
		dst = msgp.AppendString(msgp.AppendString(dst, "path"), strings.ToValidUTF8(n.Path, "\uFFFD"))
		dst = msgp.AppendBool(msgp.AppendString(dst, "is_leaf"), n.Leaf)
		if camel {
			dst = msgp.AppendBool(msgp.AppendString(dst, "isLeaf"), n.Leaf)
		}
		if !n.Leaf {
			continue
		}
		dst = msgp.AppendString(dst, "intervals")
		start, end, ok := in.Interval(n)
		if !ok {
			dst = msgp.AppendArrayHeader(dst, 0)
			continue
		}
		dst = msgp.AppendArrayHeader(msgp.AppendArrayHeader(dst, 1), 2)
		dst = msgp.AppendFloat64(msgp.AppendFloat64(dst, float64(start)), float64(end))
	}
	return dst
}
