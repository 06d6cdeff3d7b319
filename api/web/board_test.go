package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBoard makes a dashboard of four graphs by hand, arranges it, saves it and loads it again.
func TestBoard(t *testing.T) {
	s := serve(t, "")
	s.servers()
	p := s.open("dashboard", 1400, 1000)
	p.see("h2", "No dashboards yet")
	p.click("button", "New dashboard")
	p.write("find")
	p.key(kb.Enter)
	p.see("dialog .problem", "take another")
	p.fill("dialog input", "My servers")
	p.key(kb.Enter)
	p.see("h2", "Nothing here yet")
	for i, metric := range []string{"cpu.user", "mem.used", "net.rx", "disk.sda.util"} {
		p.click("button", "Add a graph")
		p.fill("dialog textarea", "aliasByNode(servers.web1."+metric+",1)")
		p.fill("dialog input:not([role=combobox])", fmt.Sprintf("G%d", i+1))
		p.click("dialog .primary", "Add")
		p.see(".cell h2", fmt.Sprintf("G%d", i+1))
	}
	p.wait(`document.querySelectorAll(".cell .legend .series").length === 4`)
	p.click("button", "Save")
	p.wait(`!$(".edit-bar")`)
	l := s.loadBoard("My servers")
	if l.titles() != "G1, G2, G3, G4" || l.State.Graphs[0].params.Target[0] != "aliasByNode(servers.web1.cpu.user,1)" || !strings.HasPrefix(l.State.Graphs[0].url, "/render?") || l.State.Name != "My servers" {
		t.Errorf("kept is %+v", l)
	}

	p.run(chromedp.Reload())
	p.see(".cell h2", "G4")
	p.click("button", "Edit")
	x0, y0 := p.place(".handle", "Move G1")
	x1, y1 := p.place(".cell h2", "G3")
	p.drag(x0, y0, x1, y1+60)
	p.wait(`[...document.querySelectorAll(".cell h2")].map((e) => e.textContent).join() === "G2,G3,G1,G4"`)
	p.wait(`document.activeElement.ariaLabel?.startsWith("Move G1")`)
	p.key(kb.ArrowRight)
	p.wait(`[...document.querySelectorAll(".cell h2")].map((e) => e.textContent).join() === "G2,G3,G4,G1"`)
	p.key(kb.Home)
	p.wait(`[...document.querySelectorAll(".cell h2")].map((e) => e.textContent).join() === "G1,G2,G3,G4"`)
	p.key("z", chromedp.ModifierCtrl)
	p.wait(`[...document.querySelectorAll(".cell h2")].map((e) => e.textContent).join() === "G2,G3,G4,G1"`)
	x, y := p.place(".grip", "Width of G2")
	p.drag(x, y, x+400, y)
	p.wait(`$(".grip", "Width of G2").ariaValueNow === "2"`)
	p.key("s", chromedp.ModifierCtrl)
	p.wait(`!$(".edit-bar")`)
	if l = s.loadBoard("My servers"); l.titles() != "G2, G3, G4, G1" || l.State.Graphited.Spans[0] != 2 {
		t.Errorf("saved after arranging: %+v", l)
	}

	p.click(".board-head button[aria-haspopup]", "More")
	p.click("[role=menuitem]", "Delete")
	p.see("h2", "No dashboards yet")
	p.click(".toast button", "Undo")
	p.see(".cell h2", "G4")
	if l = s.loadBoard("My servers"); l.titles() != "G2, G3, G4, G1" {
		t.Errorf("saved after undoing the delete: %+v", l)
	}
}

// TestVariable lists the values of a variable, and draws every graph with the chosen one.
func TestVariable(t *testing.T) {
	s := serve(t, "")
	s.servers()
	s.board()
	p := s.open("dashboard/Servers", 1280, 900)
	p.see(".legend .series", "web3")
	p.wait(`[...$("#var-server").options].map((o) => o.textContent).join() === "All: *,db1,web1,web2,web3"`)
	eval[any](p, `(() => { const s = $("#var-server"); s.value = "web2"; s.dispatchEvent(new Event("change")); })()`)
	p.wait(`$(".cell .legend .series", "web2") && !$(".cell .legend .series", "web3")`)
	if !strings.Contains(p.address(), "var-server=web2") {
		t.Errorf("the address is %s", p.address())
	}
	p.run(chromedp.Reload())
	p.wait(`$(".cell .legend .series", "web2") && !$(".cell .legend .series", "web3") && $("#var-server").value === "web2"`)
	p.click("button", "Edit")
	p.click("button", "Add a variable")
	p.fill("dialog input", "kind")
	p.key(kb.Tab)
	p.write("servers.$server.*")
	p.key(kb.Tab)
	p.see("dialog .hint", "cpu, disk, mem, net")
	p.click("dialog .primary", "Add")
	p.wait(`[...$("#var-kind").options].map((o) => o.textContent).join() === "All: *,cpu,disk,mem,net"`)
	p.click("button", "Save")
	p.wait(`!$(".edit-bar")`)
	if v := s.loadBoard("Servers").State.Graphited.Variables; len(v) != 2 || v[1].Name != "kind" || v[1].Query != "servers.$server.*" {
		t.Errorf("kept is %+v", v)
	}
}

// TestZoomAll drags over one graph and checks that all others follow, and that Back undoes it.
func TestZoomAll(t *testing.T) {
	s := serve(t, "")
	s.servers()
	s.board()
	p := s.open("dashboard/Servers", 1280, 900)
	p.see(".legend .series", "web3")
	p.wait(`document.querySelectorAll(".cell .legend .series").length === 16`) // nothing moves any more
	x, y := p.place(".cell .plot", "")
	p.hover(x, y)
	p.see(".cell .tip", "")
	p.drag(x-60, y, x+60, y)
	p.wait(`/[?&]from=\d{10}&until=\d{10}/.test(location.href)`)
	p.see(".btn.time", " → ")
	eval[any](p, "history.back()")
	p.see(".btn.time", "Last 3 hours")
}

// TestImport imports a dashboard of Graphite's own page, shows it, and exports it.
func TestImport(t *testing.T) {
	s := serve(t, "")
	s.servers()
	p := s.open("dashboard", 1280, 900)
	p.click("button", "Import")
	p.fill("dialog textarea", `{"graphs": 3}`)
	p.click("dialog .primary", "Import")
	p.see("dialog .problem", "list")
	p.fill("dialog textarea", `{"name": "From Graphite", "timeConfig": {"type": "relative", "relativeStartQuantity": "4", "relativeStartUnits": "hours", "relativeUntilQuantity": "", "relativeUntilUnits": "now", "startDate": "2026-01-01T00:00:00", "startTime": "9:00 AM", "endDate": "2026-01-01T00:00:00", "endTime": "5:00 PM"}, "refreshConfig": {"enabled": true, "interval": 30000}, "graphSize": {"width": 400, "height": 250}, "defaultGraphParams": {"until": "now", "from": "-4hours", "width": 400, "height": 250}, "graphs": [["target=servers.web1.cpu.user&target=servers.web2.cpu.user", {"target": ["servers.web1.cpu.user", "servers.web2.cpu.user"], "title": "`+strings.ReplaceAll(hostile, `"`, ``)+`"}, "/render?width=400"], ["target=servers.db1.mem.used", {"target": ["servers.db1.mem.used"], "lineMode": "connected"}, "/render?width=400"]]}`)
	p.click("dialog .primary", "Import")
	p.see(".cell h2", hostile)
	p.see(".cell h2", "servers.db1.mem.used")
	p.see(".btn.time", "Last 4 hours")
	p.see(".board-head .note", "30 s")
	p.see(".legend .series", "servers.web2.cpu.user")
	p.noImages()
	p.click(".cell button[aria-haspopup]", "More about servers.db1.mem.used")
	p.click("[role=menuitem]", "Duplicate")
	p.click("button", "Save")
	p.wait(`!$(".edit-bar")`)
	l := s.loadBoard("From Graphite")
	if len(l.State.Graphs) != 3 || !l.State.Refresh.Enabled || l.State.Refresh.Interval != 30000 || l.State.Defaults["from"] != "-4hours" {
		t.Errorf("kept is %+v", l.State)
	}
	if g := l.State.Graphs[0]; g.targets != "target=servers.web1.cpu.user&target=servers.web2.cpu.user" || len(g.params.Target) != 2 || g.params.Title != hostile {
		t.Errorf("the first graph is %+v", g)
	}
	p.eval(`const make = URL.createObjectURL;
		URL.createObjectURL = (blob) => { blob.text().then((text) => { globalThis.exported = text; }); return make.call(URL, blob); }; 0`)
	p.click(".board-head button[aria-haspopup]", "More")
	p.click("[role=menuitem]", "Download")
	p.wait(`globalThis.exported`)
	exported := eval[string](p, `exported`)
	if !strings.Contains(exported, `"relativeStartQuantity": "4"`) || !strings.Contains(exported, `"lineMode": "connected"`) {
		t.Errorf("exported is %s", exported)
	}
}

// TestDraft leaves a dashboard with unsaved changes and returns to them.
func TestDraft(t *testing.T) {
	s := serve(t, "")
	s.servers()
	s.board()
	p := s.open("dashboard/Servers", 1280, 900)
	p.click(".cell button[aria-haspopup]", "More about Memory")
	p.click("[role=menuitem]", "Remove")
	p.wait(`!$(".cell h2", "Memory")`)
	p.click("nav a", "Events")
	p.see("h1", "Events")
	p.click("nav a", "Dashboards")
	p.click(".card a", "Servers")
	p.see(".toast", "not saved")
	p.wait(`$(".edit-bar") && !$(".cell h2", "Memory")`)
	p.click(".toast button", "Discard")
	p.see(".cell h2", "Memory")
}

// TestSavedGraph finds a saved graph, opens it, deletes it and undoes that.
func TestSavedGraph(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "web.a")
	s.post("composer/mygraph", url.Values{"action": {"save"}, "graphName": {"top." + hostile}, "url": {"/render?target=web.a&from=-1h&width=300"}})
	p := s.open("dashboard", 1280, 900)
	p.see(".rows a", "top."+hostile)
	p.click(".rows button", "Delete")
	p.wait(`!$(".rows a")`)
	p.click(".toast button", "Undo")
	p.click(".rows a", "top.")
	p.see(".legend .series", "web.a")
	if a := p.address(); !strings.Contains(a, "target=web.a") || strings.Contains(a, "width") {
		t.Errorf("the address is %s", a)
	}
	p.noImages()
}

// TestBoardByKeys makes a dashboard without a mouse.
func TestBoardByKeys(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "web.a")
	p := s.open("dashboard", 1280, 900)
	p.see("button", "New dashboard")
	tabTo := func(label string) {
		t.Helper()
		var been []string
		for range 60 {
			if eval[bool](p, fmt.Sprintf(`document.activeElement !== document.body && (document.activeElement.ariaLabel ?? document.activeElement.textContent).includes(%q)`, label)) {
				return
			}
			been = append(been, eval[string](p, `document.activeElement.tagName + " " + (document.activeElement.ariaLabel ?? document.activeElement.textContent).slice(0, 20)`))
			p.key(kb.Tab)
		}
		t.Fatalf("the focus never reaches %q, only %q", label, been)
	}
	tabTo("New dashboard")
	p.key(kb.Enter)
	p.see("dialog h2", "New dashboard")
	p.write("Keys")
	p.key(kb.Enter)
	p.see("h2", "Nothing here yet")
	tabTo("Add a graph")
	p.key(kb.Enter)
	p.see("dialog h2", "Add a graph")
	p.write("web.a")
	p.see("[role=option]", "web.a")
	p.key(kb.ArrowDown + kb.Tab)
	p.wait(`$("dialog textarea").value === "web.a"`)
	tabTo("Add")
	p.key(kb.Enter)
	p.see(".cell .legend .series", "web.a")
	tabTo("Save")
	p.key(kb.Enter)
	p.wait(`!$(".edit-bar")`)
	if l := s.loadBoard("Keys"); len(l.State.Graphs) != 1 {
		t.Errorf("kept is %+v", l)
	}
}

// TestPhone checks that every view fits the width of a phone.
func TestPhone(t *testing.T) {
	s := serve(t, "")
	s.servers()
	s.board()
	s.event(strings.Repeat("long", 40), "deploy "+strings.Repeat("tag", 30), strings.Repeat("x", 300), 100)
	for path, seen := range map[string]string{"dashboard": "Servers", "dashboard/Servers": "Memory", "events": "long", "status": "Refused or lost"} {
		p := s.open(path, 360, 740)
		p.see("h1, h2, .card a, .event .title", seen)
		p.wait(`document.querySelectorAll(".cell").length === 0 || $(".legend .series", "web1")`)
		p.noOverflow()
	}
}

// TestKeepFromExplore saves the composed graph as a graph and into a dashboard.
func TestKeepFromExplore(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "web.a")
	p := s.open("?target=scale(web.a,2)&from=-2h&title=Twice", 1280, 900)
	p.see(".legend .series", "scale(web.a,2)")
	p.click("button", "Save")
	p.click("[role=menuitem]", "Save the graph")
	p.fill("dialog input", "mine.twice")
	p.click("dialog .primary", "Save")
	p.wait(`!$("dialog")`)
	if got := s.get("browser/mygraph?path=mine"); !strings.Contains(got, "twice") || !strings.Contains(got, "/render?target=scale") {
		t.Errorf("kept is %s", got)
	}
	p.click("button", "Save")
	p.click("[role=menuitem]", "Add to a dashboard")
	p.fill("dialog input", "New one")
	p.click("dialog .primary", "Add")
	p.click(".toast button", "Open it")
	p.see(".cell h2", "Twice")
	p.see(".legend .series", "scale(web.a,2)")
	if l := s.loadBoard("New one"); len(l.State.Graphs) != 1 || l.titles() != "Twice" {
		t.Errorf("kept is %+v", l)
	}
}

// TestBoardState reads various stored states of dashboards, valid or not, and checks that what is
// written is read back the same.
func TestBoardState(t *testing.T) {
	s := serve(t, "")
	p := s.open("dashboard", 1280, 900)
	p.see("h1", "Dashboards")
	f := func(state, want string) {
		t.Helper()
		got := eval[string](p, fmt.Sprintf(`import(new URL("keep.js", document.querySelector("script[type=module]").src)).then((keep) => {
			try {
				const b = keep.fromState(%s), again = keep.fromState(JSON.parse(JSON.stringify(keep.toState(b))));
				const text = (x) => [x.from, x.until, x.refresh, x.columns, x.height, x.variables.map((v) => v.name + "=" + v.query).join(), x.graphs.map((g) => g.params.target.join("+") + "*" + g.span).join(" ")].join("|");
				return text(b) === text(again) ? text(b) : text(b) + " became " + text(again);
			} catch (err) {
				return err.message;
			}
		})`, state))
		if got != want {
			t.Errorf("%s is read as %q, want %q", state, got, want)
		}
	}
	f(`{graphs: []}`, "-2h|now|0|2|240||")
	f(`null`, "A dashboard is a JSON object: this is none.")
	f(`[1]`, "A dashboard is a JSON object: this is none.")
	f(`{}`, "A dashboard has a list “graphs”: there is none.")
	f(`{graphs: [[]]}`, "Graph 1 has no target.")
	f(`{graphs: [["target=a", {target: ["a"]}, "/render?"], 7]}`, "Graph 2 has no target.")
	f(`{graphs: [["target=a&target=b%2Cc", null, null], [null, "target=x", {target: "x"}, "u"], {target: ["y", 3, null]}, [["p", "q"]]]}`, "-2h|now|0|2|240||a+b,c*1 x*1 y+3*1 p+q*1")
	f(`{graphs: [], timeConfig: {type: "relative", relativeStartQuantity: "3", relativeStartUnits: "days"}, refreshConfig: {enabled: true, interval: 5000}, graphSize: {width: 300, height: 300}}`, "-3days|now|5|3|300||")
	f(`{graphs: [], defaultGraphParams: {from: "1700000000", until: "1700003600"}, graphSize: null, refreshConfig: 1, timeConfig: null}`, "1700000000|1700003600|0|2|240||")
	f(`{graphs: [{target: "a"}], graphited: {columns: 99, height: "x", spans: [4], variables: [{name: "a b", query: "c.*"}, null, {name: "ok", query: "d.*", value: 5}, {name: "none"}]}}`, "-2h|now|0|6|240|ok=d.*|a*4")
	f(`{graphs: [{target: "a"}], graphited: "no", __proto__: {x: 1}}`, "-2h|now|0|2|240||a*1")
}

// TestTemplate opens a template of Graphite with a value, also by the address that Graphite's own
// page uses.
func TestTemplate(t *testing.T) {
	s := serve(t, "")
	s.sine(5, "servers.web1.cpu", "servers.web2.cpu")
	s.post("dashboard/save_template/Machine/web1", url.Values{"state": {`{"name": "x", "graphs": [["target=servers.web1.cpu", {"target": ["servers.web1.cpu"]}, "/render?target=servers.web1.cpu"]], "defaultGraphParams": {"from": "-10min"}}`}})
	p := s.open("dashboard", 1280, 900)
	p.click(".card button", "Machine")
	p.fill("dialog input", "web2")
	p.key(kb.Enter)
	p.see(".cell h2", "servers.web2.cpu")
	p.see(".legend .series", "servers.web2.cpu")
	if eval[bool](p, `!!$("button", "Edit")`) {
		t.Error("a template with a value can be edited although it cannot be saved")
	}
	p.run(chromedp.Navigate(s.url + "dashboard/#Machine/web1"))
	p.see(".cell h2", "servers.web1.cpu")
}
