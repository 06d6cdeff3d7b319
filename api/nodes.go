package api

import (
	"slices"
	"strings"

	"github.com/tinylib/msgp/msgp"

	"graphited/carbon/pyvalue"
	"graphited/render/encode"
)

// writeTree writes what a tree view wants: branches, then leaves. The id begins
// with the query up to its last dot, wildcards and all, and of branch and leaf
// of one name only the branch is there.
func (f *findQuery) writeTree(w *encode.Writer, nodes []node) {
	base := f.query[:strings.LastIndexByte(f.query, '.')+1]
	w.Open('[')
	if f.wildcards && len(nodes) > 1 {
		allLeaves := !slices.ContainsFunc(nodes, func(n node) bool { return !n.leaf })
		writeTreeNode(w, "*", base+"*", allLeaves)
	}
	seen := make(map[string]bool, len(nodes)) // name -> is branch
	for _, n := range nodes {
		if name := n.name(); !seen[name] && !n.leaf {
			seen[name] = true
			writeTreeNode(w, pyvalue.UnquotePlus(name), base+name, false)
		}
	}
	for _, n := range nodes {
		if name := n.name(); !seen[name] {
			seen[name] = true
			writeTreeNode(w, pyvalue.UnquotePlus(name), base+name, true)
		}
	}
	w.Close(']')
}

func writeTreeNode(w *encode.Writer, text, id string, leaf bool) {
	var l int64
	if leaf {
		l = 1
	}
	w.Open('{')
	w.Key("text")
	w.String(text)
	w.Key("id")
	w.String(id)
	w.Key("allowChildren")
	w.Int(1 - l)
	w.Key("expandable")
	w.Int(1 - l)
	w.Key("leaf")
	w.Int(l)
	w.Close('}')
}

// writeCompleter writes what completes a name as it is typed.
func (f *findQuery) writeCompleter(w *encode.Writer, nodes []node) {
	w.Open('{')
	w.Key("metrics")
	w.Open('[')
	for _, n := range nodes {
		path, leaf := n.path+".", "0"
		if n.leaf {
			path, leaf = n.path, "1"
		}
		w.Open('{')
		w.Key("path")
		w.String(path)
		w.Key("name")
		w.String(n.name())
		w.Key("is_leaf")
		w.String(leaf)
		w.Close('}')
	}
	if f.wildcards && len(nodes) > 1 {
		w.Open('{')
		w.Key("name")
		w.String("*")
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
}

// writeNodeList writes the different parts that the paths have at a position,
// counted from the end when negative. Paths without such a part are left out.
func (f *findQuery) writeNodeList(w *encode.Writer, nodes []node) {
	var parts []string
	for _, n := range nodes {
		of := strings.Split(n.path, ".")
		i := f.position
		if i < 0 {
			i += len(of)
		}
		if i >= 0 && i < len(of) {
			parts = append(parts, of[i])
		}
	}
	slices.Sort(parts)
	w.Open('{')
	w.Key("nodes")
	w.Strings(slices.Compact(parts))
	w.Close('}')
}

// writeNodes writes the nodes as another graphite-web wants them.
func (q *request) writeNodes(w *encode.Writer, nodes []node) {
	w.Open('[')
	for _, n := range nodes {
		w.Open('{')
		w.Key("path")
		w.String(n.path)
		w.Key("is_leaf")
		w.Bool(n.leaf)
		if n.leaf {
			w.Key("intervals")
			w.Open('[')
			if start, end, ok := q.interval(n); ok {
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

// appendPickledNodes is writeNodes as a pickle.
func (q *request) appendPickledNodes(dst []byte, nodes []node) []byte {
	p := encode.Pickle{Buf: dst}
	p.Begin()
	p.OpenList()
	for _, n := range nodes {
		p.OpenDict()
		p.String("path")
		p.String(n.path)
		p.String("is_leaf")
		p.Bool(n.leaf)
		if n.leaf {
			start, end, _ := q.interval(n)
			p.String("intervals")
			p.Intervals(float64(start), float64(end))
		}
		p.CloseDict()
	}
	p.CloseList()
	p.End()
	return p.Buf
}

// appendPackedNodes is writeNodes as MessagePack.
func (q *request) appendPackedNodes(dst []byte, nodes []node) []byte {
	// carbonapi reads another name; it is known by what it accepts.
	camel := string(q.Request.Header.Peek("Accept")) == typeV2
	dst = msgp.AppendArrayHeader(dst, uint32(len(nodes)))
	for _, n := range nodes {
		fields := uint32(2)
		if n.leaf {
			fields++
		}
		if camel {
			fields++
		}
		dst = msgp.AppendMapHeader(dst, fields)
		dst = msgp.AppendString(msgp.AppendString(dst, "path"), strings.ToValidUTF8(n.path, "\uFFFD"))
		dst = msgp.AppendBool(msgp.AppendString(dst, "is_leaf"), n.leaf)
		if camel {
			dst = msgp.AppendBool(msgp.AppendString(dst, "isLeaf"), n.leaf)
		}
		if !n.leaf {
			continue
		}
		dst = msgp.AppendString(dst, "intervals")
		start, end, ok := q.interval(n)
		if !ok {
			dst = msgp.AppendArrayHeader(dst, 0)
			continue
		}
		dst = msgp.AppendArrayHeader(msgp.AppendArrayHeader(dst, 1), 2)
		dst = msgp.AppendFloat64(msgp.AppendFloat64(dst, float64(start)), float64(end))
	}
	return dst
}
