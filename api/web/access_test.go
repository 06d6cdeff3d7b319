package web_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// view is a state of the page that users see.
type view struct {
	name, path string
	see, text  string       // an element with this text is visible once the view is loaded
	then       func(p *tab) // what the test then does; may be nil
	narrow     bool         // also shown in the width of a phone
}

// views are the views of a server that demo has filled.
func views() []view {
	click := func(selector, text, see string) func(*tab) {
		return func(p *tab) {
			p.click(selector, text)
			p.see(see, "")
		}
	}
	return []view{
		{name: "explore", path: "?target=aliasByNode(servers.*.cpu.user,1)&from=-3h&title=CPU", see: ".legend", text: "web3", narrow: true},
		{name: "explore-two", path: "?target=servers.web1.cpu.user&target=alias(sumSeries(servers.*.cpu.user),%27all%27)&from=-3h", see: ".legend", text: "all", narrow: true},
		{name: "explore-empty", path: "", see: "h2", text: "Choose a metric", narrow: true},
		{name: "explore-error", path: "?target=noSuchFunction(servers.web1.cpu.user)", see: "body", text: "noSuchFunction"},
		{name: "explore-range", path: "?target=servers.web1.cpu.user&from=-3h", see: ".legend", text: "web1", then: click(".btn.time", "", ".range-form")},
		{name: "dashboards", path: "dashboard", see: ".card a", text: "Servers", narrow: true},
		{name: "dashboard", path: "dashboard/Servers", see: ".legend", text: "web3", narrow: true},
		{name: "dashboard-edit", path: "dashboard/Servers", see: ".legend", text: "web3", then: click("button", "Edit", ".edit-bar"), narrow: true},
		{name: "dashboard-graph", path: "dashboard/Servers", see: ".legend", text: "web3", then: func(p *tab) {
			p.click("button", "Edit")
			p.click("button", "Add a graph")
			p.see("dialog textarea", "")
		}, narrow: true},
		{name: "dashboard-missing", path: "dashboard/None", see: "h2", text: "There is no dashboard"},
		{name: "dashboard-menu", path: "dashboard/Servers", see: ".legend", text: "web3", then: click(".cell button[aria-haspopup]", "Memory", "[role=menu]")},
		{name: "import", path: "dashboard", see: ".card a", text: "Servers", then: click("button", "Import", "dialog textarea")},
		{name: "events", path: "events", see: ".event", text: "Deploy", narrow: true},
		{name: "events-add", path: "events", see: ".event", text: "Deploy", then: click("button", "Add an event", "dialog textarea"), narrow: true},
		{name: "events-none", path: "events?tags=nosuch", see: "h2", text: "No event has these tags"},
		{name: "status", path: "status", see: "td", text: "this is not a line", narrow: true},
		{name: "status-explain", path: "status?metric=servers.web1.cpu.user", see: "dd", text: "10 s for 6 h", then: func(p *tab) {
			eval[any](p, `$(".ask").scrollIntoView(); undefined`)
		}},
		{name: "keyboard", path: "status", see: "td", text: "this is not a line", then: func(p *tab) {
			p.click("header button", "Keyboard")
			p.see("dialog", "Keyboard")
			p.key(kb.Tab)
		}},
	}
}

// demo starts a server and fills it with content for all views.
func demo(t *testing.T) *server {
	begin(t)
	conf := filepath.Join(t.TempDir(), "carbon.conf")
	for file, text := range map[string]string{conf: "[cache]\nCARBON_METRIC_INTERVAL = 1\nMAX_CREATES_PER_MINUTE = inf\n", filepath.Join(filepath.Dir(conf), "storage-schemas.conf"): "[carbon]\npattern = ^carbon\\.\nretentions = 1s:1h\n[default]\npattern = .*\nretentions = 10s:6h,1m:7d\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, "", "--config", conf)
	s.servers()
	s.board()
	s.post("composer/mygraph", url.Values{"action": {"save"}, "graphName": {"disks.web1"}, "url": {"/render?target=servers.web1.disk.sda.util&from=-6h"}})
	s.busy()
	s.event("Deploy web 4.2", "deploy web", "commit 1f3c, by ada", 2400)
	s.event("db1 rebooted", "reboot db", "", 5000)
	s.event("Deploy web 4.1", "deploy web", "commit 99e0, by bob", 90000)
	s.event(hostile, "test", "", 95000)
	return s
}

// busy sends some hundreds of points per second until the test ends, so that the status page has
// something to show.
func (s *server) busy() {
	c, err := net.Dial("tcp", s.line)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	go func() {
		for i := 0; ; i++ {
			var b strings.Builder
			for k := range 40 + int(25*math.Sin(float64(i)/70)) {
				fmt.Fprintf(&b, "apps.shop.requests.%d %d -1\n", k%12, i)
			}
			if _, err := c.Write([]byte(b.String())); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
}

// show opens a view in a theme.
func (s *server) show(v view, theme string, width, height int64) *tab {
	s.t.Helper()
	p := s.open("version", width, height) // any page of the same origin, to choose the theme first
	eval[any](p, fmt.Sprintf(`localStorage.setItem("graphited-theme", %q)`, theme))
	p.run(chromedp.Navigate(s.url + v.path))
	p.see(v.see, v.text)
	if v.then != nil {
		v.then(p)
	}
	p.wait(`[...document.querySelectorAll(".plot")].every((e) => { const r = e.getBoundingClientRect(); return r.top > innerHeight || r.bottom < 0 || e.querySelector("svg:not(.over)") && e.closest(".graph").querySelector(".series") || e.closest(".graph").querySelector(".graph-note").textContent; })`)
	return p
}

// finding is a violation that axe-core reports.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// TestAccessibility checks that axe-core finds nothing serious or critical in any view, light or
// dark. GRAPHITED_AXE is the path of axe.min.js.
func TestAccessibility(t *testing.T) {
	file := os.Getenv("GRAPHITED_AXE")
	if file == "" {
		t.Skip("GRAPHITED_AXE is not set to the path of axe-core's axe.min.js; .ci/run installs it")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := demo(t)
	for _, theme := range []string{"light", "dark"} {
		rules := ""
		if theme == "dark" { // everything else is the same
			rules = `, runOnly: ["color-contrast"]`
		}
		for _, v := range views() {
			t.Run(v.name+"/"+theme, func(t *testing.T) {
				s.t = t
				p := s.show(v, theme, 1280, 900)
				eval[any](p, string(axe)+"; undefined")
				var found []finding
				if err := json.Unmarshal([]byte(eval[string](p, fmt.Sprintf(`axe.run(document, {resultTypes: ["violations"]%s}).then((r) => JSON.stringify(r.violations))`, rules))), &found); err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					bad := f.Impact == "serious" || f.Impact == "critical"
					for _, n := range f.Nodes {
						text := fmt.Sprintf("%s, %s: %s\n%.300s\n%s", f.Impact, f.ID, f.Help, n.HTML, n.FailureSummary)
						if bad {
							t.Error(text)
						} else {
							t.Log(text)
						}
					}
				}
			})
		}
	}
	s.t = t
}

// TestScreenshots writes a picture of every view, light, dark and in the width of a phone, into the
// folder GRAPHITED_SCREENSHOTS.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("GRAPHITED_SCREENSHOTS")
	if dir == "" {
		t.Skip("GRAPHITED_SCREENSHOTS is not set to a folder for pictures of the views")
	}
	s := demo(t)
	only := os.Getenv("GRAPHITED_SCREENSHOTS_OF") // a part of their names
	for _, theme := range []string{"light", "dark"} {
		for _, v := range views() {
			if !strings.Contains(v.name, only) {
				continue
			}
			t.Run(v.name+"/"+theme, func(t *testing.T) {
				s.t = t
				s.show(v, theme, 1280, 800).shot(filepath.Join(dir, v.name+"-"+theme+".png"))
				if v.narrow {
					p := s.show(v, theme, 390, 780)
					p.noOverflow()
					p.shot(filepath.Join(dir, v.name+"-"+theme+"-phone.png"))
				}
			})
		}
	}
	s.t = t
}
