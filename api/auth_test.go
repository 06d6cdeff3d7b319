package api

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// credentials returns those of ann, whose password is "secret", and of a token.
func credentials(t testing.TB) (c *Credentials, token string) {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	token, hash := NewToken()
	c, err = ParseCredentials("# who may ask\n\nann:" + string(h) + "\nrobot:" + hash + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

func TestParseCredentials(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := ParseCredentials(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	f("", "nobody")
	f("# nobody\n", "nobody")
	f("ann:hunter2", "line 1: expected a bcrypt hash")
	f("\nann", "line 2: expected name:hash")
	f(":$2y$", "expected name:hash")
	f("ann:{SHA}hunter2", "line 1: expected a bcrypt hash")
	f("robot:sha256:hunter2", "64 hex digits")
	f("robot:sha256:"+strings.Repeat("0", 66), "64 hex digits")
	h, err := HashPassword("hunter2")
	if err != nil {
		t.Fatal(err)
	}
	f("ann:"+h+"\nann:"+h, "line 2: the name has a password already")
	for _, bad := range []string{"", strings.Repeat("x", 73)} {
		if _, err := HashPassword(bad); err == nil {
			t.Errorf("a password of %d bytes was taken", len(bad))
		}
	}
}

// TestAuthorization: only who is known is answered.
func TestAuthorization(t *testing.T) {
	c, token := credentials(t)
	s := serve(t, func(o *setup) { o.Credentials = func() *Credentials { return c } })
	f := func(want int, authorization ...string) {
		t.Helper()
		for range 2 { // the second time from memory
			var header []string
			for _, a := range authorization {
				header = append(header, "Authorization", a)
			}
			a := ask(t, s, "GET", "/version", "", header...)
			if a.status != want || (a.header.Get("WWW-Authenticate") != "") != (want == 401) || want != 200 && strings.Contains(a.body, s.d.Version) {
				t.Errorf("%q: %d %q %s", authorization, a.status, a.header.Get("WWW-Authenticate"), a.body)
			}
		}
	}
	f(401)
	f(200, basic("ann", "secret"))
	f(200, "basic "+strings.TrimPrefix(basic("ann", "secret"), "Basic "))
	f(200, "Bearer "+token)
	f(200, "bearer "+token)
	for _, wrong := range []string{
		basic("ann", "Secret"), basic("ann", ""), basic("", "secret"), basic("bob", "secret"), basic("ann", "secret\x00"), basic("robot", token), basic("ann", strings.Repeat("secret", 100)),
		"Basic", "Basic ann:secret", "Basic !!!", "Bearer", "Bearer secret", "Bearer " + token + "x", "Bearer " + strings.ToLower(token), "Digest username=ann", token, " ",
	} {
		f(401, wrong)
	}
	if n := s.metrics.unauthorized.Load(); n == 0 {
		t.Error("nothing was counted")
	}
}

// paths returns the path of every route, with something for its variable parts, and some paths
// where there is nothing.
func paths(s *Server) []string {
	paths := []string{"/nosuch", "/metrics/nosuch", "/dashboard/a/b/c", "/api", "/ui"}
	for _, r := range s.table.routes {
		path := variable.ReplaceAllString(r.path, "x")
		paths = append(paths, path, path+"/")
	}
	return paths
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// TestNoPathIsOpen walks all paths: without credentials there is no other answer
// than 401, whatever the method.
func TestNoPathIsOpen(t *testing.T) {
	c, _ := credentials(t)
	s := serve(t, func(o *setup) {
		o.Credentials = func() *Credentials { return c }
		o.CORSOrigins = []string{"*"}
		o.Prometheus = func(dst []byte) []byte { return dst }
	})
	for _, path := range paths(s) {
		for _, method := range []string{"GET", "POST", "HEAD", "PUT", "OPTIONS"} {
			a := ask(t, s, method, path, "", "Origin", "http://other.example")
			if a.status != 401 {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			}
		}
	}
}

// TestReadOnly walks all paths: nothing that changes something is done.
func TestReadOnly(t *testing.T) {
	s := serveSaved(t, func(o *setup) {
		o.ReadOnly, o.WritableAPI = true, true
	})
	before := ask(t, s, "GET", "/dashboard/find/?query=", "").body + ask(t, s, "GET", "/events/get_data?from=0", "").body + ask(t, s, "GET", "/tags", "").body
	refused := 0
	for _, path := range append(paths(s), "/dashboard/save/x", "/dashboard/delete/x", "/dashboard/save_template/x/y", "/s/render") {
		for _, method := range []string{"GET", "POST"} {
			a := ask(t, s, method, path, `what=x&state={}&path=a;b=c&query=**&target=top&metric=top&key=aggregationMethod&value=sum`)
			if a.status == 403 && strings.Contains(a.body, "READ_ONLY") {
				refused++
			}
		}
	}
	if refused < 10 {
		t.Errorf("only %d requests were refused", refused)
	}
	for _, path := range []string{"/api/ingest", "/metrics/delete", "/metrics/set-metadata", "/events", "/tags/tagSeries", "/tags/tagMultiSeries", "/tags/delSeries", "/dashboard/save/x", "/dashboard/delete/x", "/dashboard/create-temporary", "/composer/mygraph"} {
		if a := ask(t, s, "POST", path, "query=*"); a.status != 403 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := ask(t, s, "GET", "/s/render?target=top", ""); a.status != 403 {
		t.Errorf("a short link was made: %d %s", a.status, a.body)
	}
	after := ask(t, s, "GET", "/dashboard/find/?query=", "").body + ask(t, s, "GET", "/events/get_data?from=0", "").body + ask(t, s, "GET", "/tags", "").body
	if before != after {
		t.Errorf("what is saved was\n%s\nand is\n%s", before, after)
	}
	if a := ask(t, s, "GET", "/render?target=top&format=json", ""); a.status != 200 {
		t.Errorf("render: %d %s", a.status, a.body)
	}
}

// TestAllow: whose address may not connect gets no answer at all.
func TestAllow(t *testing.T) {
	for _, open := range []bool{true, false} {
		s := serve(t, func(o *setup) { o.Allow = func(a netip.Addr) bool { return a.IsLoopback() == open } })
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, _ = c.Write([]byte("GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
		b := make([]byte, 100)
		n, _ := c.Read(b)
		_ = c.Close()
		if got := strings.HasPrefix(string(b[:n]), "HTTP/1.1 200"); got != open {
			t.Errorf("allowed %v: got %q", open, b[:n])
		}
	}
}

func TestCORS(t *testing.T) {
	f := func(origins []string, origin, method, wantOrigin string, wantStatus int) {
		t.Helper()
		s := serve(t, func(o *setup) { o.CORSOrigins = origins })
		a := ask(t, s, method, "/version", "", "Origin", origin, "Access-Control-Request-Method", "GET")
		if got := a.header.Get("Access-Control-Allow-Origin"); got != wantOrigin || a.status != wantStatus {
			t.Errorf("%v, %s %s: %d %q, want %d %q", origins, method, origin, a.status, got, wantStatus, wantOrigin)
		}
		if wantOrigin == "*" && a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("credentials for everybody")
		}
		if len(origins) > 0 && !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Origin") {
			t.Error("no Vary")
		}
	}
	const own, evil = "https://grafana.example", "https://evil.example"
	f(nil, own, "GET", "", 200)
	f(nil, own, "OPTIONS", "", 405)
	f([]string{own}, own, "GET", own, 200)
	f([]string{own}, own, "OPTIONS", own, 204)
	f([]string{own}, evil, "GET", "", 200)
	f([]string{own}, evil, "OPTIONS", "", 405)
	f([]string{own}, "https://grafana.example.evil.example", "GET", "", 200)
	f([]string{"*"}, evil, "GET", "*", 200)
	f([]string{"*"}, evil, "OPTIONS", "*", 204)
	s := serve(t, func(o *setup) { o.CORSOrigins = []string{own, "*"} })
	for origin, want := range map[string]int{own: 200, evil: 403} {
		if a := ask(t, s, http.MethodPost, "/tags/tagSeries", "path=a;b=c", "Origin", origin, "Sec-Fetch-Site", "cross-site"); a.status != want {
			t.Errorf("a change from %s: %d %s", origin, a.status, a.body)
		}
	}
}
