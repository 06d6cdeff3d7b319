package api

import (
	"net/http"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	s := serve(t, func(o *setup) { o.Tags.Add("disk.used;host=web01") })
	for _, c := range []struct {
		url    string
		status int
		want   string
	}{
		{"?query=web02+cpu", 200, `{"metrics": [{"path": "servers.web02.cpu", "is_leaf": 0}`},
		{"?query=web02+cpu&limit=1", 200, `{"metrics": [{"path": "servers.web02.cpu", "is_leaf": 0}]}`},
		{"?query=servers.*&limit=2", 200, `{"metrics": [{"path": "servers.web01", "is_leaf": 0}, {"path": "servers.web02", "is_leaf": 0}]}`},
		{"?query=disk+host%3Dweb", 200, `{"metrics": [{"path": "disk.used;host=web01", "is_leaf": 1}]}`},
		{"?query=web01&limit=0", 200, `{"metrics": []}`},
		{"?query=web01&limit=-5", 200, `{"metrics": []}`},
		{"?query=", 200, `{"metrics": []}`},
		{"?query=nosuchthing&jsonp=f", 200, `f({"metrics": []})`},
		{"", 400, "query"},
		{"?query=a&limit=b", 400, "int()"},
		{"?query=" + strings.Repeat("a+", 22), 400, "21 words"},
	} {
		a := ask(t, s, http.MethodGet, "/metrics/search"+c.url, "")
		if a.status != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d %s", c.url, a.status, a.body)
		}
	}
}
