package api

import (
	"net/http"
	"strings"
	"testing"
)

func TestBrowserSearch(t *testing.T) {
	h := holding(10, map[string][]float64{"a.cpu": {1}, "a.mem": {1}, "b.CPU.x": {1}})
	s := joined(t, h, nil, addr(joined(t, holding(10, map[string][]float64{"c.cpu": {1}}), nil)))
	f := expect(t, s)
	f("POST", "/browser/search", "query=cpu", 200, "a.cpu,b.CPU.x,c.cpu")
	f("POST", "/browser/search/", "query=^a%20x$", 200, "a.cpu,a.mem,b.CPU.x")
	f("POST", "/browser/search", "query=none", 200, "")
	f("POST", "/browser/search", "query=", 200, "")
	f("GET", "/browser/search?query=cpu", "", 200, "")
	f("POST", "/browser/search", "query=(", 400, "")
	f("POST", "/browser/search", "query="+strings.Repeat("x%2B", 50)+strings.Repeat("+none", 50), 200, "")
	f("POST", "/browser/search", "query="+strings.Repeat("none+", 50)+"mem", 200, "a.mem")
}

func TestUserGraph(t *testing.T) {
	s := serveSaved(t, func(o *setup) { o.URLPrefix = "/g" })
	f := func(path, want string) {
		t.Helper()
		a := askOnce(t, s, path)
		if a.header.Get("Location") != want || want != "" && a.status != 302 || want == "" && a.status != 404 {
			t.Errorf("%s: %d to %q, want %q", path, a.status, a.header.Get("Location"), want)
		}
	}
	for name, url := range map[string]string{"one": "http://old.example/g/render?target=a&target=b&from=-1h", "two": "//evil.example/x", "three": "/render"} {
		if a := ask(t, s, "POST", "/g/composer/mygraph", "action=save&graphName="+name+"&url="+strings.ReplaceAll(url, "&", "%26")); a.body != "SAVED" {
			t.Fatalf("%s: %s", name, a.body)
		}
	}
	f("/g/render/~me/one", "/g/render?target=a&target=b&from=-1h")
	f("/g/render/~me/one/?from=-2h&width=5", "/g/render?from=-2h&target=a&target=b&width=5")
	f("/g/render/~me/one?target=%0d%0aX:1", "/g/render?from=-1h&target=%0D%0AX%3A1")
	f("/g/render/~me/two", "/g/x")
	f("/g/render/~you/three", "/g/render")
	f("/g/render/~me/none", "")
	f("/g/render/~me", "")
	f("/g/render/else", "")
}

// askOnce asks and follows no redirect.
func askOnce(t *testing.T, s *Server, path string) answer {
	t.Helper()
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := stay.Get("http://" + addr(s) + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return answer{status: resp.StatusCode, header: resp.Header}
}
