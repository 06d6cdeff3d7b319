package api

import (
	"regexp"
	"strings"
	"testing"
)

func TestPageBase(t *testing.T) {
	f := func(prefix, asked, want string) {
		t.Helper()
		if got := pageBase(prefix, []byte(asked)); got != want {
			t.Errorf("%q below %q: %q, want %q", asked, prefix, got, want)
		}
	}
	f("", "/", "./")
	f("", "/composer", "./")
	f("", "/composer/", "../")
	f("", "//composer", "../")
	f("", "/dashboard/a%2Fb", "../")
	f("/graphite", "/graphite", "graphite/")
	f("/graphite", "/graphite/", "./")
	f("/graphite", "/graphite/dashboard/x", "../")
	f("/a/b", "/a/b", "b/")
	f("/a/b", "/a/b/events/", "../")
}

// TestPage asks for the page as a browser does, and for its files.
func TestPage(t *testing.T) {
	s := serve(t, func(o *setup) { o.URLPrefix = "graphite" })
	for _, path := range []string{"/graphite", "/graphite/", "/graphite/composer?target=a", "/graphite/dashboard", "/graphite/dashboard/disks", "/graphite/status", "/graphite/events"} {
		a := ask(t, s, "GET", path, "", "Accept", "text/html")
		if a.status != 200 || !strings.Contains(a.body, "js/main.js") {
			t.Errorf("%s: %d %.80s", path, a.status, a.body)
		}
		policy := a.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, policy)
		}
		if again := ask(t, s, "GET", path, "", "Accept", "text/html", "If-None-Match", a.header.Get("ETag")); again.status != 304 || again.body != "" {
			t.Errorf("%s: asked again: %d", path, again.status)
		}
	}
	index := ask(t, s, "GET", "/graphite/", "").body
	name := regexp.MustCompile(`ui/[0-9a-f]+/js/main\.js`).FindString(index)
	a := ask(t, s, "GET", "/graphite/"+name, "")
	if a.status != 200 || a.header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %v", name, a.status, a.header)
	}
	for path, status := range map[string]int{
		"/graphite/ui/": 404, "/graphite/ui/../../etc/passwd": 404, "/graphite/ui/000000000000/js/main.js": 404, "/graphite/dashboard/a/b/c": 404, "/graphite/dashboard/a%26b": 400,
		"/graphitex": 404, "/": 404,
	} {
		if a := ask(t, s, "GET", path, ""); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	for _, path := range []string{"/graphite/dashboard/disks", "/graphite/dashboard/disks/", "/graphite/dashboard/load", "/graphite/dashboard/TEMPLATE/web1"} {
		if a := ask(t, s, "GET", path, ""); a.status != 200 || !strings.Contains(a.body, "js/main.js") || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s, asked for by a program: %d %.80s", path, a.status, a.body)
		}
		if a := ask(t, s, "POST", path, ""); a.status != 404 {
			t.Errorf("POST %s: %d", path, a.status)
		}
	}
	if a := ask(t, s, "POST", "/graphite/", ""); a.status != 405 {
		t.Errorf("POST: %d", a.status)
	}
	if a := ask(t, s, "GET", "/graphite/events", ""); strings.Contains(a.body, "main.js") {
		t.Error("a program that asks for /events gets the page")
	}
}
