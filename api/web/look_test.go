package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTheme chooses the dark theme, and checks that graphs follow and a reload keeps it.
func TestTheme(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "web.a")
	p := s.open("?target=web.a&from=-5min", 1280, 800)
	p.graphBox()
	light := eval[string](p, `getComputedStyle(document.body).backgroundColor`)
	p.click("button", "Theme")
	p.click("[role^=menuitem]", "Dark")
	p.wait(`getComputedStyle(document.body).backgroundColor !== "` + light + `"`)
	p.wait(`performance.getEntriesByType("resource").some((e) => e.name.includes("template=modern-dark"))`)
	p.run(chromedp.Reload())
	p.wait(`document.documentElement.dataset.theme === "dark" && $(".plot svg .lines path")`)
}

// TestExplorePhone finds and plots a metric on a narrow screen, and checks that nothing is wider
// than the screen.
func TestExplorePhone(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "servers.with.a.rather.long.name.that.does.not.fit.on.a.phone.user", "servers.b.cpu")
	p := s.open("", 390, 800)
	p.click("button", "Find metrics")
	p.write("phone user")
	p.click(".result", "servers.with.a")
	p.graphBox()
	for _, path := range []string{"?target=servers.*.*.*.*.*.*.*.*.*.*.*.*.*.user&title=A+title&areaMode=stacked", "dashboard", "events", "status"} {
		p.run(chromedp.Navigate(s.url + path))
		p.wait(`document.querySelector("main .view")?.childElementCount > 0`)
		if w := eval[int](p, `document.documentElement.scrollWidth`); w > 390 {
			t.Errorf("%s is %d pixels wide on a screen of 390", path, w)
		}
	}
}

// TestKeyboard finds, plots, wraps and reads without a mouse.
func TestKeyboard(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "servers.a.cpu", "servers.b.cpu", "stats.x")
	p := s.open("", 1280, 900)
	p.see(".tree-row", "servers")
	p.key(kb.Tab)
	p.see(".skip", "Skip")
	p.wait(`getComputedStyle(document.activeElement).outlineStyle !== "none"`)
	p.key("/")
	p.wait(`document.activeElement.matches(".search")`)
	p.key("a", chromedp.ModifierCtrl)
	p.write("a cpu")
	p.see(".result", "servers.a.cpu")
	p.key(kb.ArrowDown)
	p.key(kb.Enter)
	p.see(".legend .series", "servers.a.cpu")
	p.key(kb.Escape)
	p.wait(`!$(".result") && $(".tree")`)
	for range 10 { // the tree comes after the tabs
		if eval[bool](p, `document.activeElement.matches(".tree")`) {
			break
		}
		p.key(kb.Tab)
	}
	p.wait(`document.activeElement.matches(".tree")`)
	p.key("ser")
	p.key(kb.ArrowRight)
	p.see(".tree-row", "b")
	p.key(kb.ArrowRight + kb.ArrowDown + kb.ArrowRight)
	p.see(`.tree-row[data-path="servers.b.cpu"]`, "")
	p.key(kb.ArrowDown)
	p.see(".tree-row.active", "cpu")
	p.see(".preview", "servers.b.cpu")
	p.key(kb.Enter)
	p.see(".legend .series", "servers.b.cpu")
	p.key(kb.ArrowLeft)
	p.wait(`$(".tree-row.active").dataset.path === "servers.b"`)

	p.eval(`$("button", "Wrap target B in a function").focus()`)
	p.key(kb.Enter)
	p.see(".functions .heading", "Combine")
	p.write("absol")
	p.key(kb.ArrowDown)
	p.key(kb.Enter)
	p.see(".legend .series", "absolute(servers.b.cpu)")
	p.key("z", chromedp.ModifierCtrl)
	p.wait(`$(".legend .series", "servers.b.cpu") && !$(".legend .series", "absolute")`)
}

// TestPrefix opens the page with URL_PREFIX.
func TestPrefix(t *testing.T) {
	s := serve(t, "[web]\nURL_PREFIX = /graphite\n")
	s.prefix = "/graphite"
	s.url += "graphite/"
	s.sine(5, "web.a")
	p := s.open("composer/?target=web.a&from=-5min", 1280, 800)
	p.see(".legend .series", "web.a")
	p.click("nav a", "Events")
	p.wait(`location.pathname === "/graphite/events"`)
	p.run(chromedp.Navigate("http://" + s.http + "/graphite"))
	p.see(".tree-row", "web")
}

// TestProxy opens the page through a proxy that removes the beginning of each path.
func TestProxy(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "web.a")
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix("/far/away", httputil.NewSingleHostReverseProxy(to)))
	defer proxy.Close()
	s.url = proxy.URL + "/far/away/"
	p := s.open("?target=web.a&from=-5min", 1280, 800)
	p.see(".legend .series", "web.a")
	p.click("nav a", "Dashboards")
	p.wait(`location.pathname === "/far/away/dashboard"`)
	p.run(chromedp.Reload())
	p.see("nav a", "Dashboards")
	p.click("nav a", "Explore")
	p.see(".tree-row", "web")
}
