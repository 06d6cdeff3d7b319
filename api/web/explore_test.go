package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestFirstRun opens the page of a server that has never received anything. The page says how to
// send a point, and notices the first one.
func TestFirstRun(t *testing.T) {
	s := serve(t, "")
	p := s.open("", 1280, 800)
	p.see("h2", "Nothing has been received yet")
	p.see("pre", "first.metric 42")
	s.send("first.metric 42 NOW")
	p.see("h2", "Choose a metric")
	p.click(".tree-row", "first")
	p.click(".tree-row", "metric")
	p.see(".legend .series", "first.metric")
}

// TestFind finds metrics in the tree and by search, with the mouse.
func TestFind(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "servers.web01.cpu.user", "servers.web02.cpu.user", "servers.web10.cpu.user", "requests;app=shop;dc=fra")
	p := s.open("", 1280, 800)
	p.click(".tree-row", "servers")
	p.see(".tree-row", "web02")
	if order := eval[string](p, `[...document.querySelectorAll(".tree-row")].map((r) => r.dataset.path).filter((x) => x.startsWith("servers.")).join()`); order != "servers.web01,servers.web02,servers.web10" {
		t.Errorf("the order below servers is %s", order)
	}
	p.click(".tree-row", "web02")
	p.click(".tree-row", "cpu")
	p.see(".tree-row", "user")
	p.hover(p.place(".tree-row", "user"))
	p.wait(`$(".preview img") && $(".preview img").complete && $(".preview img").naturalWidth === 280`)
	p.click(".tree-row", "user")
	p.see(".legend .series", "servers.web02.cpu.user")
	p.see(`.tree-row[aria-selected="true"]`, "user")

	f := func(typed, want string) {
		t.Helper()
		p.fill(".search", typed)
		p.see(".result", want)
	}
	f("web10 user", "servers.web10.cpu.user")
	f("servers.web01.cpu.user", "servers.web01.cpu.user")
	f("servers.*.cpu.user", "all 3")
	p.click(".result", "all 3")
	p.see(".legend .series", "servers.web10.cpu.user")
	f("scale(servers.*.cpu.user, 10)", "as it is")
	p.fill(".search", "nosuchname")
	p.see(".results", "Fewer words")
	p.fill(".search", s.url+"render?target=servers.web01.*.user&from=-3min&format=png&title=Pasted")
	p.wait(`$(".legend .series", "servers.web01") && !$(".legend .series", "web02") && document.title.startsWith("Pasted")`)

	p.fill(".search", "dc")
	p.click(`.result[data-path="dc"]`, "")
	p.see(`input[aria-label="Tag"]`, "dc")
	p.click(`input[aria-label="Value"]`, "")
	p.click("[role=option]", "fra")
	p.see("h3", "1 series")
	p.click(".tag-list .btn", "Plot all")
	p.see(".legend .series", "requests;app=shop;dc=fra")
	p.wait(`decodeURIComponent(location.search).includes("seriesByTag('dc=fra')")`)
}

// TestComposerAddress opens an address that Graphite's own composer wrote.
func TestComposerAddress(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "a.b", "a.c")
	p := s.open("composer?width=586&height=308&from=-4minutes&target=a.b&target=alias(a.c%2C%22sea%22)&areaMode=stacked&_salt=1.5", 1280, 800)
	p.see(".legend .series", "sea")
	p.see("button.time", "Last 4 minutes")
	p.see(".options label", "Areas")
	p.wait(`document.querySelectorAll(".plot .lines path:not([stroke])").length >= 2`)
}

// TestHostileNames checks that every name is shown as text everywhere.
func TestHostileNames(t *testing.T) {
	s := serve(t, "")
	names := []string{`evil.<img/src=x/onerror=hacked=1>`, `evil.a"onmouseover="hacked=1`, `evil.]]><script>hacked=1<-script>`, `evil.<b>bold`, `evil.'-hacked-'`}
	for _, n := range names {
		s.send(n + " 7 NOW")
	}
	var known []string
	eventually(t, "a name is taken", func() bool {
		var found []struct{ Path string }
		if json.Unmarshal([]byte(s.get("metrics/find?format=json&query=evil.*")), &found) != nil {
			return false
		}
		known = nil
		for _, f := range found {
			known = append(known, f.Path)
		}
		return len(known) >= 4
	})
	t.Logf("the receiver takes %q", known)
	p := s.open("?from=-5min&target=evil.*&title="+url.QueryEscape(`<img src=x onerror=hacked=1>`)+"&vtitle=%3Cscript%3Ehacked%3D1%3C%2Fscript%3E", 1280, 800)
	for _, n := range known {
		p.see(".legend .series", n)
	}
	p.click(".tree-row", "evil")
	x, y := p.place(".plot", "")
	p.hover(x, y)
	p.fill(".search", "evil")
	p.see(".result", known[0])
	p.wait(`$(".plot .title text", "<img src=x")`)
	if bad := eval[string](p, `document.querySelectorAll("main img, main script, main b").length + " " + globalThis.hacked`); bad != "0 undefined" {
		t.Errorf("names created elements or ran scripts: %s", bad)
	}
}

// TestManyMetrics uses the tree and the search with 100,000 metrics, 50,000 of them in one branch.
func TestManyMetrics(t *testing.T) {
	s := serve(t, "[cache]\nMAX_CREATES_PER_MINUTE = 10\n")
	lines := make([]string, 100_000)
	for i := range lines {
		lines[i] = fmt.Sprintf("many.b%d.m%05d 1 NOW", i/50_000, i%50_000)
	}
	s.send(lines...)
	eventually(t, "all are known", func() bool {
		return strings.Contains(s.get("metrics/find?query=many.b1.m49999"), "m49999")
	})
	p := s.open("", 1280, 800)
	p.click(".tree-row", "many")
	p.click(".tree-row", "b1")
	p.see(".tree-row", "m00003")
	if n := eval[int](p, `document.querySelectorAll(".tree-row").length`); n > 100 {
		t.Errorf("%d rows are in the page", n)
	}
	p.eval(`$(".tree").focus()`)
	p.key(kb.End)
	p.see(".tree-row.active", "m49999")
	p.key("m02")
	p.see(".tree-row.active", "m02")
	p.key(kb.Enter)
	p.wait(`location.search.includes("target=many.b1.m02")`)
	p.fill(".search", "b0 m41234")
	p.see(".result", "many.b0.m41234")
}
