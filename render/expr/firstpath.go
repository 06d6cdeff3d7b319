package expr

// FirstPath returns the first path in the text of an expression, such as a
// series' name: a.b of sumSeries(scale(a.b, 2), c.d). ok is false if the first
// argument at some level is no path or call. It is what aliasByNode and its like
// in graphite-web take the nodes from.
//
// What cannot be read as a call is its name, as in graphite-web: an alias
// "web (30% free)" has the first path web. There is no limit of size.
func FirstPath(name string) (path string, ok bool) {
	r := Reader{lim: Limits{Depth: maxDepth, Nodes: len(name) + 1}}
	n, _, err := r.Parse(name)
	if err != nil {
		start := skipSpace(name, 0)
		end := scanPath(name, start)
		return unescape(name[start:end]), end > start
	}
	for n.Kind == Call && len(n.Args) > 0 && n.Name != "template" {
		n = n.Args[0]
	}
	if n.Kind != Path {
		return "", false
	}
	return n.Name, true
}
