package query

import (
	"slices"
	"strings"

	"graphited/api/names"
	"graphited/carbon/pyvalue"

	"graphited/render/encode"
)

// writeTree writes the nodes for a tree view: branches, then leaves. The id begins with the query
// up to its last dot, including wildcards. Of a branch and a leaf of one name only the branch is
// there.
func (f *findQuery) writeTree(w *encode.Writer, nodes []names.Node) {
	base := f.query[:strings.LastIndexByte(f.query, '.')+1]
	w.Open('[')
	if f.wildcards && len(nodes) > 1 {
		allLeaves := !slices.ContainsFunc(nodes, func(n names.Node) bool { return !n.Leaf })
		writeTreeNode(w, "*", base+"*", allLeaves)
	}
	seen := make(map[string]bool, len(nodes)) // name -> is branch
	for _, n := range nodes {
		if name := n.Name(); !seen[name] && !n.Leaf {
			seen[name] = true
			writeTreeNode(w, pyvalue.UnquotePlus(name), base+name, false)
		}
	}
	for _, n := range nodes {
		if name := n.Name(); !seen[name] {
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
func (f *findQuery) writeCompleter(w *encode.Writer, nodes []names.Node) {
	w.Open('{')
	w.Key("metrics")
	w.Open('[')
	for _, n := range nodes {
		path, leaf := n.Path+".", "0"
		if n.Leaf {
			path, leaf = n.Path, "1"
		}
		w.Open('{')
		w.Key("path")
		w.String(path)
		w.Key("name")
		w.String(n.Name())
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
func (f *findQuery) writeNodeList(w *encode.Writer, nodes []names.Node) {
	var parts []string
	for _, n := range nodes {
		of := strings.Split(n.Path, ".")
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
