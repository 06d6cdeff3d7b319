package api

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/carbon/pyvalue"
	"graphited/render/attime"
	"graphited/render/encode"
)

// node is a place in the tree of metric names.
type node struct {
	path string
	leaf bool
	// start and end are the times between which a leaf of another member can have
	// points, if it says so; one of ours has 0.
	start, end int64
}

// name is the last part of the path.
func (n node) name() string { return n.path[strings.LastIndexByte(n.path, '.')+1:] }

// findQuery is what a request to /metrics/find asks for.
type findQuery struct {
	query             string
	format            string
	leavesOnly        bool
	wildcards         bool // with a "*" among what is found
	automaticVariants bool // a,b means {a,b}
	position          int
	from, until       int64 // 0: whenever
}

// find answers /metrics/find.
func find(q *request) error {
	if proto := q.protocol(); proto != noProtocol {
		return memberFind(q, proto)
	}
	f, err := parseFind(q)
	if err != nil {
		return err
	}
	nodes, err := q.allNodes(f.pattern(), f.leavesOnly, f.from, f.until)
	if err != nil {
		return err
	}
	slices.SortStableFunc(nodes, func(a, b node) int { return cmp.Compare(a.name(), b.name()) })
	switch f.format {
	case "treejson":
		err = q.metricsJSON(func(w *encode.Writer) { f.writeTree(w, nodes) })
	case "completer":
		err = q.metricsJSON(func(w *encode.Writer) { f.writeCompleter(w, nodes) })
	case "nodelist":
		err = q.metricsJSON(func(w *encode.Writer) { f.writeNodeList(w, nodes) })
	case "json":
		slices.SortStableFunc(nodes, func(a, b node) int { return cmp.Compare(a.path, b.path) })
		err = q.metricsJSON(func(w *encode.Writer) { q.writeNodes(w, nodes) })
	case "pickle":
		q.finish(q.appendPickledNodes(q.body(), nodes), "application/pickle")
	case "msgpack":
		q.finish(q.appendPackedNodes(q.body(), nodes), "application/x-msgpack")
	default:
		q.SetStatusCode(fasthttp.StatusBadRequest)
		q.finish(append(q.body(), "Invalid value for 'format' parameter"...), "text/plain")
		return nil
	}
	if err == nil {
		q.noCache()
	}
	return err
}

// parseFind reads the parameters of /metrics/find. from and until are for other
// members: here names are found whenever they have points.
func parseFind(q *request) (f findQuery, err error) {
	p := q.p
	f.format = "treejson"
	if v, ok := p.find("format"); ok {
		f.format = v
	}
	position, local := int64(-1), int64(0)
	var leaves, wildcards, variants int64
	for _, x := range [...]struct {
		name string
		to   *int64
	}{{"leavesOnly", &leaves}, {"local", &local}, {"wildcards", &wildcards}, {"position", &position}, {"automatic_variants", &variants}} {
		v, ok := p.find(x.name)
		if !ok {
			continue
		}
		if *x.to, err = parseInt(v); err != nil {
			return f, badRequest("Invalid int value " + pyvalue.Quote(v) + " for param " + x.name + ": " + err.Error())
		}
	}
	f.leavesOnly, f.wildcards, f.automaticVariants = leaves != 0, wildcards != 0, variants != 0
	f.position = int(max(min(position, 1<<20), -1<<20))
	zone := q.s.zones.get(p.get("tz"))
	c := attime.Context{Now: q.s.now().In(zone), Location: zone}
	for _, name := range [...]string{"now", "from", "until"} {
		v, ok := p.find(name)
		if !ok || v == "-1" && name != "now" {
			continue
		}
		t, err := attime.Parse(v, c)
		if err != nil {
			return f, badRequest("Invalid value " + pyvalue.Quote(v) + " for param " + name + ": " + err.Error())
		}
		switch name {
		case "now":
			c.Now = t
		case "from":
			f.from = t.Unix()
		case "until":
			f.until = t.Unix()
		}
	}
	query, ok := p.find("query")
	switch {
	case !ok:
		return f, badRequest("Missing required parameter 'query'")
	case query == "":
		return f, badRequest("Required parameter 'query' is empty")
	}
	f.query = query
	return f, nil
}

// pattern is the query as it is looked up: what a completer sends is the
// beginning of a name.
func (f *findQuery) pattern() string {
	if f.format != "completer" {
		return f.query
	}
	query := strings.ReplaceAll(f.query, "..", "*.")
	if !strings.HasSuffix(query, "*") {
		query += "*"
	}
	if !f.automaticVariants {
		return query
	}
	parts := strings.Split(query, ".")
	for i, part := range parts {
		if strings.Contains(part, ",") && !strings.Contains(part, "{") {
			parts[i] = "{" + part + "}"
		}
	}
	return strings.Join(parts, ".")
}

// nodes returns what matches pattern here, sorted by path.
//
// An empty part of a pattern is the folder that it stands in, as it is for the
// file system that graphite-web asks: a..b is a.b, and what a. finds is the
// branch a itself, under the name "".
func (q *request) nodes(pattern string, leavesOnly bool) ([]node, error) {
	clean := pattern
	for strings.Contains(clean, "..") {
		clean = strings.ReplaceAll(clean, "..", ".")
	}
	clean = strings.TrimPrefix(clean, ".")
	if clean == "" && !leavesOnly {
		return []node{{}}, nil
	}
	clean, itself := strings.CutSuffix(clean, ".")
	var nodes []node
	for path, leaf := range q.s.o.Finder.Find(q.ctx, clean) {
		if len(nodes)%1024 == 0 && q.ctx.Err() != nil {
			break
		}
		if itself {
			if leaf {
				continue
			}
			path += "."
		}
		if leavesOnly && !leaf {
			continue
		}
		if most := q.s.o.MaxFound; most > 0 && len(nodes) == most {
			return nil, badRequest("Query " + pyvalue.Quote(pattern) + " yields too many results: more than " + strconv.Itoa(most) + " (METRICS_FIND_FAILURE_THRESHOLD)")
		}
		nodes = append(nodes, node{path: path, leaf: leaf})
	}
	return nodes, q.ctx.Err()
}
