package api

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"graphited/api/call"
)

// TestEscaping: nothing of a request is ever read as HTML or script.
func TestEscaping(t *testing.T) {
	s := serve(t, nil)
	const evil = `<script>alert(1)</script>`
	q := url.QueryEscape(evil)
	for _, path := range []string{
		"/metrics/find?query=a&leavesOnly=" + q,
		"/metrics/find?query=a&from=" + q,
		"/metrics/find?query=a&now=" + q,
		"/metrics/find?query=a&format=" + q,
		"/metrics/expand?query=a&groupByExpr=" + q,
		"/metrics/expand?groupByExpr=1&query=" + q,
		"/render?format=json&from=" + q,
		"/render?format=json&graphType=" + q,
		"/render?format=json&xFilesFactor=" + q,
		"/render?format=json&target=" + q + "(",
		"/render?format=json&target=nosuch(" + q + ")",
		"/tags?limit=" + q,
		"/tags/" + url.PathEscape(evil),
		"/tags/findSeries?expr=" + q,
		"/functions/" + url.PathEscape(evil),
		"/" + url.PathEscape(evil),
		"/events/get_data?from=" + q,
	} {
		a := ask(t, s, "GET", path, "", "X-Dashboard-Id", evil)
		if ct := a.header.Get("Content-Type"); strings.Contains(ct, "html") && strings.Contains(a.body, "<script") {
			t.Errorf("%s: %s: %s", path, ct, a.body)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: headers %v", path, a.header)
		}
		if a.status >= 500 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// TestJSONP: only a name can stand before an answer.
func TestJSONP(t *testing.T) {
	s := serve(t, nil)
	for _, path := range []string{"/metrics/find?query=*", "/metrics/expand?query=*", "/metrics/index.json?", "/render?format=json", "/render?format=dygraph", "/events/get_data?"} {
		if a := ask(t, s, "GET", path+"&jsonp=alert(1)//", ""); a.status != 400 || strings.Contains(a.body, "alert") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		a := ask(t, s, "GET", path+"&jsonp=cb", "")
		if ct := a.header.Get("Content-Type"); a.status != 200 || !strings.HasPrefix(a.body, "cb(") || !strings.HasPrefix(ct, "text/javascript") {
			t.Errorf("%s: %d %s %s", path, a.status, ct, a.body)
		}
	}
	if a := ask(t, s, "GET", "/metrics/find?query=*&jsonp=", ""); !strings.HasPrefix(a.body, "[") {
		t.Errorf("an empty jsonp: %s", a.body)
	}
}

// raw sends bytes and returns the status lines of the answers; one that takes
// too long ends it.
func raw(t *testing.T, s *Server, request string) []string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(c, request) // a refusal may come before the end of it
	_ = c.(*net.TCPConn).CloseWrite()
	var lines []string
	in := bufio.NewReader(c)
	for {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return lines
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		lines = append(lines, resp.Status)
	}
}

// TestSmuggling: where a request ends is never a matter of opinion. What could
// be read in two ways is refused, and what follows it is not answered.
func TestSmuggling(t *testing.T) {
	s := serve(t, nil)
	const next = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
	refused := func(name, request string) {
		t.Helper()
		for _, status := range raw(t, s, request+next) {
			if !strings.HasPrefix(status, "4") {
				t.Errorf("%s: answered %s", name, status)
			}
		}
	}
	refused("length and chunks", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	refused("two lengths", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n")
	refused("negative length", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")
	refused("signed length", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nquery")
	refused("other coding", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")
	refused("coding list", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n")
	refused("space before colon", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nquery")
	refused("bare LF in chunk extension", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n10\r\n1f\r\nabc\r\n0\r\n\r\n")
	refused("bad chunk size", "POST /metrics/find HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nquery\r\n0\r\n\r\n")
	refused("folded header", "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Content-Length: 5\r\n\r\n")
	refused("NUL in header", "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\x00c\r\n\r\n")
	refused("not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
	refused("two hosts", "GET /version HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
}

// TestHeaderInjection: what a request says cannot begin a header of the answer.
func TestHeaderInjection(t *testing.T) {
	s := serve(t, nil)
	for _, path := range []string{
		"/render?format=json&target=a%0d%0aX-Evil:+1",
		"/render?format=json&target=top%20x%0d%0aX-Evil:+1",
		"/render?format=json&jsonp=a%0d%0aX-Evil:+1&target=top",
		"/metrics/find?query=a%0d%0aX-Evil:+1&jsonp=a%0d%0aX-Evil:+1",
		"/functions/a%0d%0aX-Evil:+1",
		"/%0d%0aX-Evil:+1",
	} {
		if a := ask(t, s, "GET", path, ""); a.header.Get("X-Evil") != "" || a.status >= 500 {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	if got := call.Printable("a\r\nX: \x00ü€ "+strings.Repeat("y", 99), 12); got != "a??X: ??? yy" {
		t.Errorf("got %q", got)
	}
}

// TestGiantRequests: what is too large is refused, and the server goes on.
func TestGiantRequests(t *testing.T) {
	s := serve(t, func(o *setup) { o.MaxBody, o.MaxParameters = 10_000, 50 })
	f := func(want int, method, url, body string) {
		t.Helper()
		if a := ask(t, s, method, url, body); a.status != want {
			t.Errorf("%s %.60s: %d %.100s, want %d", method, url, a.status, a.body, want)
		}
	}
	f(200, "GET", "/metrics/find?query="+strings.Repeat("a", 60_000), "")
	f(200, "POST", "/metrics/find", "query="+strings.Repeat("a", 9000))
	f(400, "GET", "/metrics/find?query=a"+strings.Repeat("&x=1", 60), "")
	f(400, "POST", "/metrics/find?query=a"+strings.Repeat("&x=1", 30), strings.Repeat("x=1&", 30))
	f(200, "POST", "/metrics/find?query=a"+strings.Repeat("&x=1", 20), strings.Repeat("x=1&", 20))
	f(400, "GET", "/metrics/find?query=a&position="+strings.Repeat("9", 5000), "")
	f(200, "GET", "/metrics/find?query=*&format=nodelist&position=9223372036854775807", "")
	f(200, "GET", "/metrics/find?query=*&format=nodelist&position=-9223372036854775808", "")
	f(400, "GET", "/render?target=top&format=json&maxDataPoints=0", "")
	f(200, "GET", "/render?target=top&format=json&maxDataPoints=99999999999999999999999", "")
	f(200, "GET", "/render?target=top&format=json&cacheTimeout=9223372036854775807", "")
	f(200, "GET", "/render?target=top&format=json&cacheTimeout=-9223372036854775808", "")
	f(200, "GET", "/render?target=top&format=json&tz="+strings.Repeat("../", 30)+"etc/passwd", "")
	f(200, "GET", "/render?target=top&format=json&template[=1&template[]=2&template[a=3", "")
	if got := raw(t, s, "POST /metrics/find HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nquery=a"); len(got) != 1 || !strings.HasPrefix(got[0], "413") {
		t.Errorf("a large body: %q", got)
	}
	if got := raw(t, s, "GET /metrics/find?query="+strings.Repeat("a", 70_000)+" HTTP/1.1\r\nHost: x\r\n\r\n"); len(got) != 1 || !strings.HasPrefix(got[0], "431") {
		t.Errorf("a long URL: %q", got)
	}
	f(200, "GET", "/version", "")
}

// TestOtherSite: a page of another site cannot change anything.
func TestOtherSite(t *testing.T) {
	s := serve(t, nil)
	own := "http://" + s.Addr().String()
	f := func(want int, url string, header ...string) {
		t.Helper()
		if a := ask(t, s, "POST", url, "path=a;b=c", header...); a.status != want {
			t.Errorf("%s %v: %d %s, want %d", url, header, a.status, a.body, want)
		}
	}
	f(200, "/tags/tagSeries")
	f(200, "/tags/tagSeries", "Origin", own)
	f(403, "/tags/tagSeries", "Origin", "http://evil.example")
	f(403, "/tags/delSeries", "Origin", "null")
	f(403, "/tags/tagMultiSeries", "Sec-Fetch-Site", "cross-site")
	f(403, "/events", "Origin", "http://evil.example")
	f(200, "/render?format=json", "Origin", "http://evil.example")
}
