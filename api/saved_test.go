package api

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"graphited/api/saved"
	"graphited/api/store"
	"graphited/api/web"
	"graphited/render"
)

// What keeps events is what asks for them.
var (
	_ saved.Events       = (*store.Store)(nil)
	_ render.EventSource = (*store.Store)(nil)
)

// serveSaved runs a server that keeps what is saved.
func serveSaved(t testing.TB, change func(*setup)) *Server {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "web.db"), store.Options{MaxLinks: 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return serve(t, func(o *setup) {
		o.Saved, o.Events = st, st
		if change != nil {
			change(o)
		}
	})
}

// expect asks and compares status and body; "" as body is not compared.
func expect(t *testing.T, s *Server) func(method, path, body string, status int, want string) {
	return func(method, path, body string, status int, want string) {
		t.Helper()
		a := ask(t, s, method, path, body)
		if a.status != status || want != "" && a.body != want {
			t.Errorf("%s %s %s: got %d %s, want %d %s", method, path, body, a.status, a.body, status, want)
		}
	}
}

// TestSavedRecorded holds the server against what graphite-web answered to the same
// requests in the same order, byte by byte. Only its 404 page is not ours.
func TestSavedRecorded(t *testing.T) {
	text, err := os.ReadFile("../testdata/api/saved.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	s := serveSaved(t, nil)
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer stay.CloseIdleConnections()
	n := 0
	for line := range strings.Lines(string(text)) {
		var want struct {
			Request, Accept      string
			Status               int
			Type, Location, Body string
		}
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		n++
		method, rest, _ := strings.Cut(want.Request, " ")
		path, body, _ := strings.Cut(rest, " ")
		r, err := http.NewRequest(method, "http://"+s.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", want.Accept)
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err := stay.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want.Status || resp.Header.Get("Location") != want.Location ||
			!(want.Status == 404 && want.Accept == "") && (resp.Header.Get("Content-Type") != want.Type || string(got) != want.Body) {
			t.Errorf("%s\n got %d %s %s %s\nwant %d %s %s %s", want.Request, resp.StatusCode, resp.Header.Get("Content-Type"),
				resp.Header.Get("Location"), got, want.Status, want.Type, want.Location, want.Body)
		}
	}
	if n < 80 {
		t.Errorf("only %d answers", n)
	}
}

const success = `{"success": true}`

func TestDashboards(t *testing.T) {
	s := serveSaved(t, nil)
	f := expect(t, s)
	f("GET", "/dashboard/load/a", "", 200, `{"error": "Dashboard 'a' does not exist. "}`)
	f("POST", "/dashboard/save/a", "state="+url.QueryEscape(`{"z": 1, "a": [1.0, 1e5, true, null, "ü\u0001"],"z":2}`), 200, success)
	f("GET", "/dashboard/load/a", "", 200, `{"state": {"z": 2, "a": [1.0, 100000.0, true, null, "\u00fc\u0001"]}}`)
	f("POST", "/dashboard/save/a", "state=[]", 200, success)
	f("GET", "/dashboard/load/a", "", 200, `{"state": []}`)
	f("POST", "/dashboard/save/Web%20Servers", "state={}", 200, success)
	f("POST", "/dashboard/save/%C3%BCber.alles", "state={}", 200, success)
	f("GET", "/dashboard/find", "", 200, `{"dashboards": [{"name": "Web Servers"}, {"name": "a"}, {"name": "\u00fcber.alles"}]}`)
	f("GET", "/dashboard/find/?query=SERV+web", "", 200, `{"dashboards": [{"name": "Web Servers"}]}`)
	f("POST", "/dashboard/find/", "query=none", 200, `{"dashboards": []}`)
	f("POST", "/dashboard/create-temporary", "state={}", 200, `{"name": "temporary-0"}`)
	f("POST", "/dashboard/create-temporary/", "state={}", 200, `{"name": "temporary-1"}`)
	f("GET", "/dashboard/find?query=temporary", "", 200, `{"dashboards": []}`)
	f("GET", "/dashboard/load/temporary-1", "", 200, `{"state": {}}`)
	f("POST", "/dashboard/delete/a", "", 200, success)
	f("POST", "/dashboard/delete/a", "", 200, `{"error": "Dashboard 'a' does not exist. "}`)
	// What graphite-web does not know, and what it answers with a traceback.
	f("POST", "/dashboard/save/a", "", 400, "Invalid parameters (Missing required parameter 'state')")
	f("POST", "/dashboard/save/a", "state={", 400, "")
	f("POST", "/dashboard/save/a", "state={}{}", 400, "")
	f("POST", "/dashboard/save/"+strings.Repeat("a", 256), "state={}", 400, "")
	f("POST", "/dashboard/save/a%0ab", "state={}", 400, "")
	for _, path := range []string{"/dashboard/save/", "/dashboard/save/a/b", "/dashboard/nosuch/a", "/dashboard/save_template/a", "/dashboard/delete/a/b", "/dashboard/load/a/b/c", "/dashboard/email"} {
		f("POST", path, "state={}", 404, "")
	}
	// Nothing changes on GET.
	for _, path := range []string{"/dashboard/delete/temporary-1", "/dashboard/delete_template/a", "/dashboard/save/a?state={}", "/dashboard/create-temporary?state={}", "/composer/mygraph?action=delete&graphName=a"} {
		f("GET", path, "", 405, "")
	}
}

func TestTemplates(t *testing.T) {
	s := serveSaved(t, nil)
	f := expect(t, s)
	state := `{"graphs": [["a.host1.cpu", {"target": ["sum(a.host1.*)", 7], "title": "host1"}, "/render?target=host1", "lost"]], "host1": "host1"}`
	f("POST", "/dashboard/save_template/t/host1", "state="+url.QueryEscape(state), 200, success)
	filled := func(v, name string) string {
		return `{"state": {"graphs": [["a.` + v + `.cpu", {"target": ["sum(a.` + v + `.*)", 7], "title": "host1"}, "/render?target=` + v + `"]], "host1": "host1", "name": "t/` + name + `"}}`
	}
	f("GET", "/dashboard/load_template/t/web", "", 200, filled("web", "web"))
	f("GET", "/dashboard/load/t/db", "", 200, filled("db", "db"))
	// A value stays within its string.
	f("GET", "/dashboard/load_template/t/a%22b%5C", "", 200, filled(`a\"b\\`, `a\"b\\`))
	f("GET", "/dashboard/load_template/none/web", "", 200, `{"error": "Template 'none' does not exist. "}`)
	f("GET", "/dashboard/find_template?query=T", "", 200, `{"templates": [{"name": "t"}]}`)
	f("GET", "/dashboard/find", "", 200, `{"dashboards": []}`)
	f("POST", "/dashboard/delete_template/t", "", 200, success)
	f("POST", "/dashboard/delete_template/t", "", 200, `{"error": "Template 't' does not exist. "}`)
	for _, bad := range []string{`[]`, `{}`, `{"graphs": 1}`, `{"graphs": [1]}`, `{"graphs": [["a", "b", "c"]]}`, `{"graphs": [["a", {}, "c"]]}`, `{"graphs": [["a", {"target": "x"}, "c"]]}`} {
		f("POST", "/dashboard/save_template/t/host1", "state="+url.QueryEscape(bad), 400, "")
	}
}

func TestGraphs(t *testing.T) {
	s := serveSaved(t, nil)
	f := expect(t, s)
	none := `[{"text": "No saved graphs", "id": "no-click", "allowChildren": 0, "expandable": 0, "leaf": 1}]`
	f("GET", "/browser/mygraph", "", 200, none)
	f("POST", "/composer/mygraph", "action=save&graphName=&url=x", 200, "You must type in a graph name.")
	f("POST", "/composer/mygraph/?action=save&graphName=top&url=http://h/render?target%3Da", "", 200, "SAVED")
	f("POST", "/composer/mygraph", "action=save&graphName=sub.a%26b&url=/render", 200, "SAVED")
	f("POST", "/composer/mygraph", "action=save&graphName=sub.deep.c&url=/render", 200, "SAVED")
	f("POST", "/composer/mygraph", "action=save&graphName=evil&url=javascript:alert(1)", 400, "")
	f("POST", "/composer/mygraph", "action=save&graphName=evil&url=data:text/html,x", 400, "")
	f("POST", "/composer/mygraph", "action=%3Cb%3E&graphName=x", 200, "Invalid operation '&lt;b&gt;'")
	f("GET", "/browser/mygraph/?path=", "", 200, `[{"text": "sub", "id": "sub.", "allowChildren": 1, "expandable": 1, "leaf": 0}, `+
		`{"text": "top", "id": "b28354b543375bfa94dabaeda722927f", "graphUrl": "http://h/render?target=a", "allowChildren": 0, "expandable": 0, "leaf": 1}]`)
	f("GET", "/browser/mygraph?path=sub", "", 200, `[{"text": "a&amp;b", "id": "sub.b96e7bda9c9feee3259b177bd456b0a5", "graphUrl": "/render", "allowChildren": 0, "expandable": 0, "leaf": 1}, `+
		`{"text": "deep", "id": "sub.deep.", "allowChildren": 1, "expandable": 1, "leaf": 0}]`)
	f("GET", "/browser/mygraph?path=none.&jsonp=cb", "", 200, "cb("+none+")")
	f("POST", "/composer/mygraph", "action=delete&graphName=top", 200, "DELETED")
	f("POST", "/composer/mygraph", "action=delete&graphName=%3Ci%3E", 200, "No such graph '&lt;i&gt;'")
}

func TestLinks(t *testing.T) {
	s := serveSaved(t, func(o *setup) { o.URLPrefix = "/graphite" })
	f := func(path, short, location string) {
		t.Helper()
		a := ask(t, s, "GET", "/graphite/s/"+path, "")
		if a.status != 200 || a.body != short || a.header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s: got %d %s %v, want %s", path, a.status, a.body, a.header, short)
			return
		}
		lines := exchange(t, s, "GET "+a.body+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		if !strings.Contains(lines, "HTTP/1.1 301 ") || !strings.Contains(lines, "\r\nLocation: "+location+"\r\n") {
			t.Errorf("%s: got %s, want %s", a.body, lines, location)
		}
	}
	f("render/?target=a&from=-1d", "/graphite/S/B", "/graphite/render/?target=a&from=-1d")
	f("render/?target=a&from=-1d&_salt=1.2&_uniq=3", "/graphite/S/B", "/graphite/render/?target=a&from=-1d")
	f("composer", "/graphite/S/C", "/graphite/composer")
	f("", "/graphite/S/D", "/graphite/")
	f("/evil.example/", "/graphite/S/E", "/graphite/evil.example/")
	f("%2F%2Fevil.example", "/graphite/S/F", "/graphite/evil.example")
	f("%5Cevil.example", "/graphite/S/F", "/graphite/evil.example")
	f("http://evil.example/", "/graphite/S/G", "/graphite/http:/evil.example/")
	f("a%0d%0aX-Evil:%201", "/graphite/S/H", "/graphite/a%0D%0AX-Evil:%201")
	f("a?%22%3E<b>", "/graphite/S/I", "/graphite/a?%22%3E%3Cb%3E")
	g := expect(t, s)
	for _, path := range []string{"/graphite/S/A", "/graphite/S/Z", "/graphite/S/", "/graphite/S/BB", "/graphite/S/B-", "/graphite/S/zzzzzzzzzzzzzzzzzzzzzzzz", "/S/B", "/s/x"} {
		g("GET", path, "", 404, "")
	}
	if a := ask(t, s, "GET", "/graphite/s/y", "", "Sec-Fetch-Site", "cross-site"); a.status != 403 {
		t.Errorf("from another site: %d %s", a.status, a.body)
	}
	g("GET", "/graphite/s/"+strings.Repeat("y", 33_000), "", 400, "")
	for i := range 30 {
		g("GET", "/graphite/s/n"+strings.Repeat("n", i), "", map[bool]int{true: 200, false: 507}[i < 12], "")
	}
}

// TestSavedEscaping: whatever is saved never becomes script or markup, and names
// are names only.
func TestSavedEscaping(t *testing.T) {
	s := serveSaved(t, nil)
	evils := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</title><svg/onload=alert(1)>`, "a\u2028b", `{{7*7}}`}
	for _, e := range evils {
		q := url.QueryEscape(e)
		ask(t, s, "POST", "/composer/mygraph", "action=save&url=/render&graphName="+q)
		ask(t, s, "POST", "/dashboard/save/"+url.PathEscape(e), "state="+url.QueryEscape(`"`+strings.ReplaceAll(e, `"`, `\"`)+`"`))
		ask(t, s, "POST", "/events", `{"what": "`+strings.ReplaceAll(e, `"`, `\"`)+`", "data": "<b>", "tags": "<i> x"}`, "Content-Type", "application/json")
		for _, path := range []string{
			"/dashboard/load/" + url.PathEscape(e), "/dashboard/load_template/t/" + url.PathEscape(e), "/dashboard/find?query=" + q,
			"/browser/mygraph?path=" + q, "/browser/mygraph", "/s/" + url.PathEscape(e) + "?" + q, "/S/" + url.PathEscape(e),
			"/events", "/events/1", "/events/get_data?tags=" + q, "/info?target=" + q, "/info?format=" + q, "/metrics/list?format=" + q,
			"/metrics/get-metadata?metric=" + q + "&key=" + q, "/dashboard/" + url.PathEscape(e),
		} {
			for _, accept := range []string{"", "text/html,*/*"} {
				a := ask(t, s, "GET", path, "", "Accept", accept)
				if a.header.Get("Content-Security-Policy") == web.Policy && !strings.Contains(a.body, e) {
					continue // the page, which repeats nothing
				}
				low := strings.ToLower(a.body)
				if strings.Contains(a.header.Get("Content-Type"), "html") && (strings.Contains(low, "<script") || strings.Contains(low, "<img") || strings.Contains(low, "<svg") || strings.Contains(low, "<b>") || strings.Contains(low, "<i>")) {
					t.Errorf("%s: %s", path, a.body)
				}
				if a.header.Get("X-Content-Type-Options") != "nosniff" || a.status >= 500 {
					t.Errorf("%s: %d %v %s", path, a.status, a.header, a.body)
				}
			}
		}
	}
	f := expect(t, s)
	f("GET", "/browser/mygraph?jsonp=alert(1)//", "", 400, "")
	for _, name := range []string{"..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2fa", "..%5c..%5ca", "a/../../b", "%00"} {
		if a := ask(t, s, "POST", "/dashboard/save/"+name, "state={}"); a.status == 200 && a.body == success && !strings.Contains(name, "%5c") {
			t.Errorf("saved as %s", name)
		}
		if a := ask(t, s, "GET", "/dashboard/load/"+name, ""); strings.Contains(a.body, "root:") {
			t.Errorf("%s: %s", name, a.body)
		}
	}
}

func TestNothingSaved(t *testing.T) {
	s := serve(t, nil)
	f := expect(t, s)
	f("GET", "/dashboard/load/a", "", 404, "")
	f("POST", "/dashboard/save/a", "state={}", 404, "")
	f("POST", "/dashboard/delete/a", "", 404, "")
	f("GET", "/dashboard/find", "", 404, "")
	f("GET", "/dashboard/find_template", "", 404, "")
	f("GET", "/dashboard/load_template/a/b", "", 404, "")
	f("GET", "/s/a", "", 404, "")
	f("GET", "/S/B", "", 404, "")
	f("POST", "/composer/mygraph", "action=save&graphName=a&url=/", 200, "You are not logged in!")
	f("GET", "/browser/mygraph", "", 200, "")
}

// exchange sends a request that ends its connection and returns the whole answer.
func exchange(t *testing.T, s *Server, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
