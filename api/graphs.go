package api

import (
	"crypto/md5"
	"encoding/hex"
	"html"
	"net/url"
	"strings"

	"graphited/render/encode"
)

// savedGraph answers /composer/mygraph: it saves or deletes a graph. Unlike
// graphite-web there are no users, so that everybody's graphs are the same ones,
// and it takes a POST only.
func savedGraph(q *request) error {
	s, err := q.saved()
	if err != nil {
		return q.say("You are not logged in!")
	}
	name := q.p.get("graphName")
	if name == "" {
		return q.say("You must type in a graph name.")
	}
	switch action := q.p.get("action"); action {
	case "save":
		u := q.p.get("url")
		if !graphURL(u) {
			return badRequest("url must be http, https or a path")
		}
		if err := s.Graphs().Save(name, []byte(u)); err != nil {
			return storeError(err)
		}
		return q.say("SAVED")
	case "delete":
		ok, err := s.Graphs().Delete(name)
		switch {
		case err != nil:
			return storeError(err)
		case !ok:
			return q.say("No such graph '" + name + "'")
		}
		return q.say("DELETED")
	default:
		return q.say("Invalid operation '" + action + "'")
	}
}

// graphURL tells whether s can be the URL of a graph: one that a page can follow
// and that cannot run as a script there.
func graphURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && s != "" && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https")
}

// say answers with a sentence.
func (q *request) say(sentence string) error {
	q.finish(append(q.body(), escape(sentence)...), "text/html; charset=utf-8")
	return nil
}

// savedGraphs answers /browser/mygraph: the folders and graphs below path=.
func savedGraphs(q *request) error {
	callback, err := q.jsonp()
	if err != nil {
		return err
	}
	prefix := q.p.get("path")
	if prefix != "" && !strings.HasSuffix(prefix, ".") {
		prefix += "."
	}
	nodes, err := q.graphNodes(prefix)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		nodes = []graphNode{{text: "No saved graphs", id: "no-click", leaf: true}}
	}
	w := encode.Writer{Buf: q.body()}
	contentType := "application/json"
	if callback != "" {
		w.Buf = append(append(w.Buf, callback...), '(')
		contentType = "text/javascript"
	}
	w.Open('[')
	for _, n := range nodes {
		n.write(&w)
	}
	w.Close(']')
	if callback != "" {
		w.Buf = append(w.Buf, ')')
	}
	q.finish(w.Buf, contentType)
	q.noCache()
	return nil
}

// graphNode is a folder or a graph in the tree of saved graphs.
type graphNode struct {
	text, id, url string
	leaf          bool
}

// graphNodes returns the nodes right below prefix, as graphite-web's myGraphLookup.
func (q *request) graphNodes(prefix string) ([]graphNode, error) {
	if q.s.o.Saved == nil {
		return nil, nil
	}
	graphs := q.s.o.Saved.Graphs()
	names, err := graphs.Names(prefix)
	if err != nil {
		return nil, err
	}
	var nodes []graphNode
	folders := make(map[string]bool)
	for _, name := range names {
		short, _, folder := strings.Cut(name[len(prefix):], ".")
		if folder {
			if !folders[short] {
				folders[short] = true
				nodes = append(nodes, graphNode{text: short, id: prefix + short + "."})
			}
			continue
		}
		u, _, err := graphs.Load(name)
		if err != nil {
			return nil, err
		}
		sum := md5.Sum([]byte(short))
		nodes = append(nodes, graphNode{short, prefix + hex.EncodeToString(sum[:]), string(u), true})
	}
	return nodes, nil
}

func (n *graphNode) write(w *encode.Writer) {
	var leaf int64
	if n.leaf {
		leaf = 1
	}
	w.Open('{')
	w.Key("text")
	w.String(djangoEscape(n.text))
	w.Key("id")
	w.String(n.id)
	if n.url != "" {
		w.Key("graphUrl")
		w.String(n.url)
	}
	w.Key("allowChildren")
	w.Int(1 - leaf)
	w.Key("expandable")
	w.Int(1 - leaf)
	w.Key("leaf")
	w.Int(leaf)
	w.Close('}')
}

// djangoEscape is Django's escape, which also escapes quotes.
func djangoEscape(s string) string {
	s = html.EscapeString(s) // &#34; and &#39;
	s = strings.ReplaceAll(s, "&#34;", "&quot;")
	return strings.ReplaceAll(s, "&#39;", "&#x27;")
}
