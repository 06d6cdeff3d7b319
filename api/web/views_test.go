package web_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// hostile is a name that would become an element if it were used as markup.
const hostile = `<img src=x onerror=alert(1)>`

// post sends a form to the program and fails the test if the response is an error.
func (s *server) post(path string, form url.Values) string {
	s.t.Helper()
	resp, err := http.PostForm(s.url+path, form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	_, _ = fmt.Fprint(&b, resp.Status)
	if resp.StatusCode != 200 {
		s.t.Fatalf("POST %s: %s", path, b.String())
	}
	return b.String()
}

// event adds an event that happened some seconds ago.
func (s *server) event(what, tags, data string, ago int) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"what": what, "tags": tags, "data": data, "when": time.Now().Unix() - int64(ago)})
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.url+"events/", "application/json", strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		s.t.Fatalf("the event is answered with %s", resp.Status)
	}
}

// servers sends six hours of points of four machines and some bad lines, and waits until they are
// found.
func (s *server) servers() {
	s.t.Helper()
	var lines []string
	for k, host := range []string{"db1", "web1", "web2", "web3"} {
		for ago := 0; ago < 6*3600; ago += 10 {
			x := float64(ago)/1800 + float64(k)
			noise := math.Mod(math.Sin(float64(ago*7+k))*43758.5453, 1)
			for metric, v := range map[string]float64{"cpu.user": 30 + 14*math.Sin(x) + noise, "mem.used": 4e9 + 5e8*float64(k) + 8e8*math.Sin(x/3), "net.rx": 1e6 * (2 + math.Sin(x/2) + noise/25), "disk.sda.util": 15 + 12*float64(k) + 3*math.Sin(3*x) + noise} {
				lines = append(lines, fmt.Sprintf("servers.%s.%s %.3f NOW-%d", host, metric, v, ago))
			}
		}
	}
	s.send(append(lines, "this is not a line", "servers..cpu 1 NOW", "servers.web1.cpu.user much NOW")...)
	eventually(s.t, "all points are received", func() bool {
		return strings.Count(s.get("metrics/expand?query=servers.*.*.*"), "servers.") >= 12 && strings.Contains(s.get("status"), `"reason":"bad_value","count":1`)
	})
}

// board saves the dashboard "Servers" with four graphs and the variable $server in Graphite's
// format.
func (s *server) board() {
	s.t.Helper()
	state := `{"name": "Servers", "timeConfig": {"type": "relative", "relativeStartQuantity": "3", "relativeStartUnits": "hours"}, "refreshConfig": {"enabled": false, "interval": 60000},
		"graphSize": {"width": 600, "height": 240}, "defaultGraphParams": {"from": "-3hours", "until": "now", "width": 600, "height": 240}, "graphs": [
		["target=x", {"target": ["aliasByNode(servers.$server.cpu.user,1)"], "title": "CPU, user %"}, "/render?"], ["target=x", {"target": ["aliasByNode(servers.$server.mem.used,1)"], "title": "Memory", "areaMode": "stacked"}, "/render?"],
		["target=x", {"target": ["aliasByNode(servers.$server.net.rx,1)"], "title": "Network in"}, "/render?"], ["target=x", {"target": ["aliasByNode(servers.$server.disk.sda.util,1)"], "title": "Disk"}, "/render?"]],
		"graphited": {"columns": 2, "height": 240, "events": "", "variables": [{"name": "server", "query": "servers.*", "value": ""}]}}`
	s.post("dashboard/save/Servers", url.Values{"state": {state}})
}

// loaded is a dashboard in the server's response.
type loaded struct {
	State struct {
		Name     string
		Graphs   []graphTriple
		Defaults map[string]any `json:"defaultGraphParams"`
		Refresh  struct {
			Enabled  bool
			Interval int
		} `json:"refreshConfig"`
		Graphited struct {
			Columns   int
			Spans     []int
			Variables []struct{ Name, Query, Value string }
		}
	}
	Error string
}

// graphTriple is [targets, params, url].
type graphTriple struct {
	targets, url string
	params       struct {
		Target []string
		Title  string
	}
}

// UnmarshalJSON accepts exactly what Graphite writes.
func (g *graphTriple) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) != 3 {
		return fmt.Errorf("a graph of %d parts", len(parts))
	}
	for i, to := range []any{&g.targets, &g.params, &g.url} {
		if err := json.Unmarshal(parts[i], to); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) loadBoard(name string) (l loaded) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.get("dashboard/load/"+url.PathEscape(name))), &l); err != nil {
		s.t.Fatal(err)
	}
	return l
}

// titles returns the titles of a dashboard's graphs in order.
func (l loaded) titles() string {
	var all []string
	for _, g := range l.State.Graphs {
		all = append(all, g.params.Title)
	}
	return strings.Join(all, ", ")
}

// noImages checks that no name has become an element.
func (p *tab) noImages() {
	p.t.Helper()
	if n := eval[int](p, `document.querySelectorAll("img, script:not([src]), iframe").length`); n != 0 {
		p.t.Errorf("names became %d elements", n)
	}
}

// noOverflow checks that nothing is wider than the page.
func (p *tab) noOverflow() {
	p.t.Helper()
	if wide := eval[string](p, `[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, svg, .sr, .tip")).map((e) => e.outerHTML.slice(0, 120)).slice(0, 3).join("\n")`); wide != "" || eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
		p.t.Errorf("wider than the page: %s", wide)
	}
}

func TestStatusView(t *testing.T) {
	begin(t)
	conf := filepath.Join(t.TempDir(), "carbon.conf")
	for file, text := range map[string]string{conf: "[cache]\nMAX_CACHE_SIZE = 123456\nCARBON_METRIC_INTERVAL = 1\n", filepath.Join(filepath.Dir(conf), "storage-schemas.conf"): "[all]\npattern = .*\nretentions = 1s:1h\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, "", "--config", conf)
	p := s.open("status", 1280, 900)
	p.see("h2", "Nothing has been received yet")
	_, port, _ := strings.Cut(s.line, ":")
	p.see("pre", "nc -q0 127.0.0.1 "+port)
	s.send("first.one 1 NOW", "this is no line", strings.ReplaceAll(hostile, " ", "/")+"..x 1 NOW")
	p.wait(`!$("h2", "Nothing has been received yet")`)
	p.see("td", "this is no line")
	p.see("td", "Not three fields")
	p.see("td", "<img/src=x/onerror=alert(1)>..x")
	p.see("td", "127.0.0.1:")
	p.see(".list a", "first.one")
	p.see(".legend .series", "line")
	p.see("td", "MAX_CACHE_SIZE")
	p.see("td", "123456")
	if strings.Contains(eval[string](p, "document.body.innerText"), "QUERY_TIMEOUT") {
		t.Error("an option that nobody has set is shown")
	}
	p.click("#all-options", "")
	p.see("td", "QUERY_TIMEOUT")
	p.noImages()
}

// TestReasons checks that the page explains every reason for which points may be refused.
func TestReasons(t *testing.T) {
	text, err := os.ReadFile("ui/js/status.js")
	if err != nil {
		t.Fatal(err)
	}
	new(tally.Stats).Drops(func(r wire.Reason, _ int64) {
		if !strings.Contains(string(text), " "+r.String()+": \"") {
			t.Errorf("the page does not explain %s", r)
		}
	})
}

func TestExplain(t *testing.T) {
	s := serve(t, "")
	s.sine(1, "servers.web1.cpu")
	p := s.open("status", 1280, 900)
	p.fill(".ask input", "servers.web1.c")
	p.see("[role=option]", "servers.web1.cpu")
	p.click("[role=option]", "servers.web1.cpu")
	p.see("dd", "[default] .*")
	p.see("dd", "10 s for 6 h")
	p.fill(".ask input", hostile+"..")
	p.click("button", "Explain")
	p.see(".problem", "Refused")
	p.noImages()
	if !strings.Contains(p.address(), "status?metric=") {
		t.Errorf("the address is %s", p.address())
	}
}
