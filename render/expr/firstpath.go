package expr

// FirstPath returns the first path in the text of an expression, such as the name of a series: a.b
// for sumSeries(scale(a.b, 2), c.d). ok is false if the first argument at some level is neither a
// path nor a call. graphite-web's aliasByNode and similar functions take the nodes from this path.
//
// If the text cannot be parsed as a call, the path is the name of the call, as in graphite-web: the
// first path of the alias "web (30% free)" is web. The size is not limited.
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
