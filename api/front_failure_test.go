package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/api/call"
	"graphited/api/cluster"
)

// failing serves what is no answer.
func failing(t *testing.T, answer http.HandlerFunc) string {
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

// withStatus answers with a status and a body of a type.
func withStatus(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// asked are the ways to ask a cluster, each with what is known without the member that fails.
var asked = []struct{ url, want string }{
	{"/render?format=raw&from=990&until=1100&target=a.*", "a.good,1000,1010,10|1.0\na.own,1000,1010,10|2.0\n"},
	{"/metrics/find?query=a.*&format=nodelist", `{"nodes": ["good", "own"]}`},
	{"/metrics/expand?query=a.*", `{"results": ["a.good", "a.own"]}`},
	{"/metrics/index.json", `["a.good", "a.own"]`},
	{"/tags/findSeries?expr=dc=1", `["x;dc=1"]`},
	{"/tags/autoComplete/tags?tagPrefix=d", `["dc"]`},
	{"/tags/autoComplete/values?tag=dc", `["1"]`},
}

// TestFront_Failures: whatever a member does, there is the rest, and a warning that says what is
// missing; with STORE_FAIL_ON_ERROR there is an error.
func TestFront_Failures(t *testing.T) {
	good := joined(t, holding(10, map[string][]float64{"a.good": {1}}), nil)
	own := holding(10, map[string][]float64{"a.own": {2}, "x;dc=1": {3}})
	closed := httptest.NewServer(nil)
	closed.Close()
	f := func(name, server, warning string) {
		t.Run(name, func(t *testing.T) {
			quick := func(s *cluster.Settings) {
				s.RetryDelay = 0
				if name == "slow" {
					s.FindTimeout, s.FetchTimeout = 100*time.Millisecond, 100*time.Millisecond
				}
			}
			front := joined(t, own, quick, server, addr(good))
			strict := joined(t, own, func(s *cluster.Settings) { quick(s); s.FailOnError = true }, server, addr(good))
			for _, x := range asked {
				a := ask(t, front, "GET", x.url, "")
				w := a.header.Get(call.WarningHeader)
				if name == "slow" && a.status == 200 && !strings.Contains(a.body, "a.good") {
					continue // the machine is as slow as the server
				}
				if a.status != 200 || a.body != x.want || !strings.Contains(w, warning) || !strings.Contains(w, strings.TrimPrefix(server, "http://")) {
					t.Errorf("%s: %d, warning %q\n got %s\nwant %s, warning %q", x.url, a.status, w, a.body, x.want, warning)
				}
				if c := a.header.Get("Cache-Control"); strings.Contains(x.url, "/render") && !strings.Contains(c, "no-store") {
					t.Errorf("%s: half an answer may be kept: %s", x.url, c)
				}
				if a := ask(t, strict, "GET", x.url, ""); a.status != 503 || !strings.Contains(a.body, "did not answer") || a.header.Get("Retry-After") == "" {
					t.Errorf("STORE_FAIL_ON_ERROR, %s: %d %s", x.url, a.status, a.body)
				}
			}
		})
	}
	f("down", closed.URL, "refused")
	f("slow", failing(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "too long")
	f("error", failing(t, withStatus(500, "text/html", "<h1>Server Error (500)</h1>")), "status 500")
	f("refusal", failing(t, withStatus(400, "text/plain", "Bad request (no\nway)")), "status 400: Bad request (no way)")
	f("wrong prefix", failing(t, withStatus(404, "text/html; charset=utf-8", "<h1>Not Found</h1>")), "status 404")
	f("moved", failing(t, withStatus(302, "text/plain", "")), "status 302")
	f("rubbish", failing(t, withStatus(200, "application/pickle", "\x80\x02rubbish")), "cannot be read")
	f("a call", failing(t, withStatus(200, "application/pickle", "cos\nsystem\n(S'touch /tmp/x'\ntR.")), "cannot be read")
	f("a page", failing(t, withStatus(200, "text/html", "<h1>Welcome to nginx!</h1>")), "cannot be read")
	f("packed rubbish", failing(t, withStatus(200, "application/x-msgpack", "\xdd\xff\xff\xff\xff")), "cannot be read")
	f("cut", failing(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("[]"))
	}), "")
	f("evil text", failing(t, withStatus(400, "text/plain", "a\r\nX-Evil: 1\r\n\r\n\xff<script>")), "X-Evil: 1 ?<script>")
}

// TestFront_Empty: a member that has nothing is no failure: go-carbon says 404 then.
func TestFront_Empty(t *testing.T) {
	own := holding(10, map[string][]float64{"a.good": {1}, "a.own": {2}, "x;dc=1": {3}})
	for name, server := range map[string]string{
		"go-carbon":         failing(t, withStatus(404, "text/plain; charset=utf-8", "Not Found (Not Found)")),
		"nothing":           failing(t, withStatus(200, "text/plain", "")),
		"an empty graphite": failing(t, emptyAnswer),
	} {
		front := joined(t, own, nil, server)
		for _, x := range asked {
			if a := ask(t, front, "GET", x.url, ""); a.status != 200 || a.body != x.want || a.header.Get(call.WarningHeader) != "" {
				t.Errorf("%s: %s: %d %s, warning %q", name, x.url, a.status, a.body, a.header.Get(call.WarningHeader))
			}
		}
	}
}

// TestFront_List: a member without index.json is asked for its list.
func TestFront_List(t *testing.T) {
	front := joined(t, holding(10, map[string][]float64{"a.own": {2}}), nil, failing(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics/list/" && r.URL.Query().Get("format") == "json" {
			_, _ = w.Write([]byte(`{"metrics":["b","a.b"]}`))
			return
		}
		http.Error(w, "404 page not found", http.StatusNotFound)
	}))
	if a := ask(t, front, "GET", "/metrics/index.json", ""); a.body != `["a.b", "a.own", "b"]` || a.header.Get(call.WarningHeader) != "" {
		t.Errorf("%d %s, warning %q", a.status, a.body, a.header.Get(call.WarningHeader))
	}
}

func emptyAnswer(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/tags") || strings.HasSuffix(r.URL.Path, ".json") {
		_, _ = w.Write([]byte("[]"))
		return
	}
	w.Header().Set("Content-Type", "application/pickle")
	_, _ = w.Write([]byte("\x80\x04]."))
}

// TestFront_NobodyAnswers: nothing is known here, and nobody else answers: that is an error, not an
// empty graph.
func TestFront_NobodyAnswers(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	front := joined(t, holding(10, nil), nil, closed.URL)
	for range 2 { // and again, when the server is not asked any more
		for _, x := range asked {
			if a := ask(t, front, "GET", x.url, ""); a.status != 503 || !strings.Contains(a.body, "cluster") {
				t.Errorf("%s: %d %s", x.url, a.status, a.body)
			}
		}
	}
	if a := ask(t, front, "GET", asked[0].url+"&local=1", ""); a.status != 200 || a.body != "" {
		t.Errorf("local=1: %d %s", a.status, a.body)
	}
}

// TestFront_Loops: a server that is in its own list is left out, and members that ask each other in
// turn are told that they do.
func TestFront_Loops(t *testing.T) {
	h := holding(10, map[string][]float64{"a.b": {1}})
	var self *Server
	proxy := failing(t, func(w http.ResponseWriter, r *http.Request) { forward(t, w, r, self) })
	self = joined(t, h, nil, proxy)
	for range 2 {
		got, a := rendered(t, self, "target=a.*")
		if got != "a.b 1000 1\n" || a.header.Get(call.WarningHeader) != "" {
			t.Errorf("itself: got %q, warning %q", got, a.header.Get(call.WarningHeader))
		}
	}
	var two *Server
	back := failing(t, func(w http.ResponseWriter, r *http.Request) { forward(t, w, r, two) })
	one := joined(t, holding(10, map[string][]float64{"a.one": {1}}), nil, back+"?local=0")
	two = joined(t, holding(10, map[string][]float64{"a.two": {2}}), nil, addr(one)+"?local=0")
	got, a := rendered(t, one, "target=a.*")
	if got != "a.one 1000 1\na.two 1000 2\n" || a.header.Get(call.WarningHeader) != "" {
		t.Errorf("a loop: got %q, warning %q", got, a.header.Get(call.WarningHeader))
	}
	a = ask(t, one, "GET", "/metrics/find?query=*", "", "X-Graphited-Via", "a,b,c,d,e,f,g,h")
	if a.status != 508 || !strings.Contains(a.body, "loop") {
		t.Errorf("a long way: %d %s", a.status, a.body)
	}
}

// forward hands a request on to a server that is made later than its address is needed.
func forward(t *testing.T, w http.ResponseWriter, r *http.Request, to *Server) {
	header := []string{"X-Graphited-Via", r.Header.Get("X-Graphited-Via")}
	a := ask(t, to, r.Method, r.URL.RequestURI(), "", header...)
	for k, v := range a.header {
		if k != "Content-Length" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}

// TestFront_StopsBesideHangingMember: the end waits for nobody who may never answer, however long
// queries have to end; and the counters are in /prometheus.
func TestFront_StopsBesideHangingMember(t *testing.T) {
	asked, release := make(chan struct{}, 1), make(chan struct{})
	hanging := failing(t, func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) }) // after the front's end, before the member's
	s := serve(t, func(o *setup) {
		o.Servers, o.StopTimeout, o.FindTimeout, o.QueryTimeout = []string{hanging}, time.Hour, time.Hour, time.Hour
		o.Prometheus = func(dst []byte) []byte { return dst }
		var err error
		if o.Cluster, err = cluster.New(o.Settings, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
	})
	if a := ask(t, s, "GET", "/prometheus", ""); !strings.Contains(a.body, `graphited_cluster_requests_total{server="`+strings.TrimPrefix(hanging, "http://")+`"} 0`) {
		t.Errorf("/prometheus is %s", a.body)
	}
	go func() {
		if resp, err := http.Get("http://" + addr(s) + "/metrics/find?query=a"); err == nil {
			resp.Body.Close()
		}
	}()
	<-asked // and the test ends with the server
}
