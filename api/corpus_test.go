package api

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// evilTexts are what people have put where a name was wanted.
var evilTexts = [...]string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</script><svg onload=alert(1)>`, "javascript:alert(1)", `{{7*7}}`, "a\r\nX-Evil: 1\r\n\r\n<b>", `\u003cscript\u003e`,
}

// TestStoredTexts: what was saved under a name, or as one, comes back as data: never
// as HTML that runs, and never as a header.
func TestStoredTexts(t *testing.T) {
	s := serveSaved(t, func(o *setup) { o.Draw = nil })
	for _, evil := range evilTexts {
		q := url.QueryEscape(evil)
		ask(t, s, "POST", "/events/", `what=`+q+`&data=`+q+`&tags=`+q)
		ask(t, s, "POST", "/dashboard/save/"+url.PathEscape(evil), `state={"name":"x"}`)
		ask(t, s, "POST", "/dashboard/save/x", `state=`+url.QueryEscape(`{"name":"</script><script>alert(1)</script>"}`))
		ask(t, s, "POST", "/composer/mygraph", "action=save&graphName="+q+"&url="+q)
		ask(t, s, "POST", "/tags/tagSeries", "path="+url.QueryEscape("m;t=")+q)
		for _, path := range []string{
			"/events/get_data", "/events/", "/events/1/", "/dashboard/find?query=", "/dashboard/load/x", "/browser/mygraph?path=", "/tags", "/tags/t", "/tags/findSeries?expr=name=m",
			"/render?target=" + q, "/render?format=svg&target=alias(top,'x" + q + "')", "/render?format=json&target=alias(top,'x" + q + "')", "/metrics/find?query=" + q, "/s/" + q, "/S/" + q,
			"/render?format=json&target=top&jsonp=" + q, "/render?target=top&from=" + q, "/render?target=top&until=" + q, "/render?format=" + q + "&target=top&tz=" + q, "/metrics/search?query=" + q,
			"/composer?target=" + q, "/dashboard/" + url.PathEscape(evil), "/metrics/get-metadata?metric=" + q + "&key=" + q,
		} {
			a := ask(t, s, "GET", path, "", "Accept", "text/html", "X-Request-Id", strings.NewReplacer("\r", "", "\n", "").Replace(evil))
			html := strings.Contains(a.header.Get("Content-Type"), "html") || strings.Contains(a.header.Get("Content-Type"), "svg")
			for _, raw := range []string{"<script>alert", "<img src=x", "<svg onload"} {
				if html && strings.Contains(a.body, raw) {
					t.Errorf("%s: %s: %.300s", path, a.header.Get("Content-Type"), a.body)
				}
			}
			if a.header.Get("X-Evil") != "" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Security-Policy") == "" || a.status >= 500 && a.status != 507 {
				t.Errorf("%s: %d %v", path, a.status, a.header)
			}
			if l := a.header.Get("Location"); l != "" && !strings.HasPrefix(l, "/") {
				t.Errorf("%s leads to %s", path, l)
			}
		}
	}
}

// TestTraversal: no path leads to a file but those that the page is made of.
func TestTraversal(t *testing.T) {
	s := serveSaved(t, nil)
	up := []string{"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f", "..%5c", "..\\", "....//", "..%00/", "..;/", "%c0%ae%c0%ae/", "//", "./../"}
	for _, base := range []string{"/", "/ui/", "/ui/js/", "/dashboard/load/", "/dashboard/", "/s/", "/S/", "/tags/", "/functions/", "/events/", "/metrics/", "/composer/", "/render/", "/browser/"} {
		for _, step := range up {
			for _, file := range []string{"etc/passwd", "main.go", "server.go", "web.go"} {
				path := base + strings.Repeat(step, 6) + file
				for _, status := range rawBody(t, s, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") {
					if strings.Contains(status, "root:") || strings.Contains(status, "package ") {
						t.Errorf("%s: %.200s", path, status)
					}
					if strings.HasPrefix(status, "HTTP/1.1 500") {
						t.Errorf("%s: %.200s", path, status)
					}
				}
			}
		}
	}
	for _, query := range []string{"../../etc/passwd", "..", "/etc/passwd", "a.../../b", "%00", "..\\..\\x", "top/../top", "~root"} {
		for _, path := range []string{"/metrics/find?query=", "/metrics/expand?query=", "/render?format=raw&target=", "/metrics/details?query=", "/metrics/get-metadata?key=aggregationMethod&metric=", "/info?format=json&target="} {
			if a := ask(t, s, "GET", path+url.QueryEscape(query), ""); strings.Contains(a.body, "root:") || a.status >= 500 {
				t.Errorf("%s%s: %d %.200s", path, query, a.status, a.body)
			}
		}
	}
}

// rawBody sends bytes and returns all that comes back.
func rawBody(t *testing.T, s *Server, request string) []string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(c, request)
	b, _ := io.ReadAll(c)
	return []string{string(b)}
}

// TestMoreSmuggling: two programs in a row must find the same end of a request.
func TestMoreSmuggling(t *testing.T) {
	s := serve(t, nil)
	const next = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
	f := func(name, headers, body string) {
		t.Helper()
		for _, status := range raw(t, s, "POST /metrics/find HTTP/1.1\r\nHost: x\r\n"+headers+"\r\n"+body+next) {
			if !strings.HasPrefix(status, "4") {
				t.Errorf("%s: answered %s", name, status)
			}
		}
	}
	f("TE.TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")
	f("TE.TE, the other way", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")
	f("TE with a tab", "Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")
	f("TE with a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n")
	f("TE in quotes", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")
	f("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")
	f("a space in the name", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n")
	f("folded with a tab", "X-A: b\r\n\tContent-Length: 5\r\n", "")
	f("folded transfer coding", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")
	f("a list of lengths", "Content-Length: 0, 5\r\n", "")
	f("equal lengths twice", "Content-Length: 5\r\nContent-Length: 6\r\n", "query")
	f("a length in hex", "Content-Length: 0x5\r\n", "query")
	f("a length with a space", "Content-Length: 5 5\r\n", "query")
	f("a huge length", "Content-Length: 99999999999999999999\r\n", "query")
	f("a bare CR in a header", "X-A: b\rContent-Length: 5\r\n", "")
	f("a header without colon", "Content-Length\r\n", "")
	f("a signed chunk", "Transfer-Encoding: chunked\r\n", "+5\r\nquery\r\n0\r\n\r\n")
	f("a negative chunk", "Transfer-Encoding: chunked\r\n", "-1\r\n\r\n")
	f("a huge chunk", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nquery\r\n0\r\n\r\n")
	f("no line after a chunk", "Transfer-Encoding: chunked\r\n", "5\r\nqueryXX0\r\n\r\n")
	f("a bare LF after a size", "Transfer-Encoding: chunked\r\n", "5\nquery\r\n0\r\n\r\n")
}

// TestSlowClients: who sends a byte now and then is sent away, and holds up nobody.
func TestSlowClients(t *testing.T) {
	s := serve(t, func(o *setup) { o.ReadTimeout, o.IdleTimeout, o.MaxConnections = time.Second, time.Second, 200 })
	const n = 100
	ended := make(chan error, n)
	for i := range n {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		stop := make(chan struct{})
		go func() {
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			_, err := io.Copy(io.Discard, c)
			close(stop)
			ended <- err
		}()
		go func() {
			text := "GET /version HTTP/1.1\r\nX-A: "
			if i%2 == 1 {
				text = "POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
			}
			_, _ = io.WriteString(c, text)
			for {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
					_, _ = io.WriteString(c, "a")
				}
			}
		}()
	}
	if a := ask(t, s, "GET", "/version", ""); a.status != 200 {
		t.Errorf("beside them: %d", a.status)
	}
	for range n {
		if err, ok := (<-ended).(net.Error); ok && err.Timeout() {
			t.Fatal("one was not sent away")
		}
	}
}
