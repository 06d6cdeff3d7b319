package query

import (
	"cmp"
	"slices"

	"graphited/api/call"
	"graphited/api/member"
	"graphited/api/names"

	"github.com/valyala/fasthttp"

	"graphited/render/encode"
)

// Find answers /metrics/find.
func (v *Views) Find(q *call.Request) error {
	f, err := parseFind(q)
	if err != nil {
		return err
	}
	nodes, err := v.Names.Find(q, f.pattern(), f.leavesOnly, f.from, f.until)
	if err != nil {
		return err
	}
	// nodes are sorted by path, which is what json wants; nodelist sorts the parts it takes.
	if f.format != "json" && f.format != "nodelist" {
		slices.SortStableFunc(nodes, func(a, b names.Node) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	switch f.format {
	case "treejson":
		err = q.MetricsJSON(func(w *encode.Writer) { f.writeTree(w, nodes) })
	case "completer":
		err = q.MetricsJSON(func(w *encode.Writer) { f.writeCompleter(w, nodes) })
	case "nodelist":
		err = q.MetricsJSON(func(w *encode.Writer) { f.writeNodeList(w, nodes) })
	case "json":
		err = q.MetricsJSON(func(w *encode.Writer) { member.WriteNodes(w, nodes, v.Names) })
	case "pickle":
		q.Finish(member.AppendPickledNodes(q.Buffer(), nodes, v.Names), "application/pickle")
	case "msgpack":
		q.Finish(member.AppendPackedNodes(q, nodes, v.Names), "application/x-msgpack")
	default:
		q.SetStatusCode(fasthttp.StatusBadRequest)
		q.Finish(append(q.Buffer(), "Invalid value for 'format' parameter"...), "text/plain")
		return nil
	}
	if err == nil {
		q.NoCache()
	}
	return err
}
