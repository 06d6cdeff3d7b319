package saved

import (
	"crypto/md5"
	"encoding/hex"
	"html"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
	"graphited/carbon/pyvalue"

	"graphited/render/encode"
)

// SaveGraph answers /composer/mygraph: it saves or deletes a graph. Unlike in graphite-web there
// are no users, so all people have the same graphs, and only POST is allowed.
func (v *Views) SaveGraph(q *call.Request) error {
	s, err := v.store()
	if err != nil {
		return say(q, "You are not logged in!")
	}
	name := q.Params.Get("graphName")
	if name == "" {
		return say(q, "You must type in a graph name.")
	}
	switch action := q.Params.Get("action"); action {
	case "save":
		u := q.Params.Get("url")
		if !graphURL(u) {
			return call.BadRequest("url must be http, https or a path")
		}
		if err := s.Graphs().Save(name, []byte(u)); err != nil {
			return storeError(err)
		}
		return say(q, "SAVED")
	case "delete":
		ok, err := s.Graphs().Delete(name)
		switch {
		case err != nil:
			return storeError(err)
		case !ok:
			return say(q, "No such graph '"+name+"'")
		}
		return say(q, "DELETED")
	default:
		return say(q, "Invalid operation '"+action+"'")
	}
}

// graphURL reports whether s can be the URL of a graph: one that a page can follow and that cannot
// run as a script there.
func graphURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && s != "" && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https")
}

// say answers with a sentence.
func say(q *call.Request, sentence string) error {
	q.Finish(append(q.Buffer(), call.Escape(sentence)...), "text/html; charset=utf-8")
	return nil
}

// BrowseGraphs answers /browser/mygraph: the folders and graphs below path=.
func (v *Views) BrowseGraphs(q *call.Request) error {
	prefix := q.Params.Get("path")
	if prefix != "" && !strings.HasSuffix(prefix, ".") {
		prefix += "."
	}
	nodes, err := v.graphNodes(prefix)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		nodes = []graphNode{{text: "No saved graphs", id: "no-click", leaf: true}}
	}
	q.NoCache()
	return q.JSONP(encode.Writer{Buf: q.Buffer()}, func(w *encode.Writer) {
		w.Open('[')
		for _, n := range nodes {
			n.write(w)
		}
		w.Close(']')
	})
}

// graphNode is a folder or a graph in the tree of saved graphs.
type graphNode struct {
	text, id, url string
	leaf          bool
}

// graphNodes returns the nodes directly below prefix, like graphite-web's myGraphLookup.
func (v *Views) graphNodes(prefix string) ([]graphNode, error) {
	if v.Store == nil {
		return nil, nil
	}
	graphs := v.Store.Graphs()
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

// UserGraph answers /render/~user/name: it redirects to the saved graph, whoever the user is, with
// the parameters of the request in place of the graph's own. It leads to this server whatever host
// the graph was saved with.
func (v *Views) UserGraph(q *call.Request) error {
	user, name, _ := strings.Cut(strings.TrimSuffix(q.Var("path"), "/"), "/")
	if !strings.HasPrefix(user, "~") {
		return call.ErrNoPath
	}
	s, err := v.store()
	if err != nil {
		return call.NotFound("not found")
	}
	saved, ok, err := s.Graphs().Load(name)
	if err != nil {
		return err
	}
	if !ok {
		return call.NotFound("there is no saved graph " + pyvalue.Quote(name))
	}
	u, err := url.Parse(string(saved))
	if err != nil {
		return call.NotFound("there is no URL in the saved graph " + pyvalue.Quote(name))
	}
	query := u.RawQuery
	if len(q.Params) > 0 {
		args := u.Query()
		for _, p := range q.Params {
			args.Del(p.Name)
		}
		for _, p := range q.Params {
			args.Add(p.Name, p.Value)
		}
		query = args.Encode()
	}
	q.Response.Header.Set("Location", q.Site.Prefix+"/"+ownPath(strings.TrimPrefix(u.Path, q.Site.Prefix), query))
	q.SetStatusCode(fasthttp.StatusFound)
	q.SetContentType("text/html; charset=utf-8")
	return nil
}
