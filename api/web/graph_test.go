package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// box is the position of the graph's lines on the screen, and the range of times that they show.
type box struct{ Left, Right, Top, Bottom, Start, End float64 }

// at returns the position of a fraction of the range of times.
func (b box) at(share float64) float64 { return b.Left + share*(b.Right-b.Left) }

// graphBox waits for a graph and returns its position. The page does not expose it, so graphBox
// reads the grid.
func (p *tab) graphBox() box {
	p.t.Helper()
	p.place(".plot", "")
	p.wait(`$(".plot svg .grid path")`)
	return eval[box](p, `(() => { const r = [...document.querySelectorAll(".plot .grid path")].map((e) => e.getBoundingClientRect());
		const by = (k, f) => f(...r.map((x) => x[k])); return {Left: by("left", Math.min), Right: by("right", Math.max), Top: by("top", Math.min), Bottom: by("bottom", Math.max)}; })()`)
}

// tip returns the values in the tooltip by name.
func (p *tab) tip() map[string]float64 {
	p.t.Helper()
	return eval[map[string]float64](p, `Object.fromEntries([...document.querySelectorAll(".tip tr")].map((r) => [r.querySelector(".clip").textContent, +r.dataset.value]))`)
}

// query returns a parameter of the address bar.
func (p *tab) query(name string) string {
	p.t.Helper()
	u, err := url.Parse(p.address())
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Query().Get(name)
}

// TestPointer zooms by dragging and reads the values under the pointer, which must equal those of
// /render?format=json.
func TestPointer(t *testing.T) {
	s := serve(t, "")
	s.sine(60, "web.a", "web.b", "web.c")
	p := s.open("?target=web.*&from=-1h", 1280, 900)
	b := p.graphBox()
	y := (b.Top + b.Bottom) / 2
	p.drag(b.at(0.25), y, b.at(0.75), y)
	p.wait(`/from=\d{10}/.test(location.search) && /until=\d{10}/.test(location.search)`)
	from, _ := strconv.ParseInt(p.query("from"), 10, 64)
	until, _ := strconv.ParseInt(p.query("until"), 10, 64)
	if span := until - from; span < 1500 || span > 2100 {
		t.Errorf("dragged over half an hour, but %d s are shown", span)
	}
	p.see("button.time", "→")
	p.wait(fmt.Sprintf(`$(".plot").querySelector("svg text") && performance.getEntriesByType("resource").some((e) => e.name.includes("from=%d"))`, from))

	var series []struct {
		Target     string
		Datapoints [][2]*float64
	}
	if err := json.Unmarshal([]byte(s.get(fmt.Sprintf("render?target=web.*&format=json&from=%d&until=%d", from, until))), &series); err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0.1, 0.5, 0.8} {
		b = p.graphBox()
		p.hover(b.at(share), y)
		p.wait(`document.querySelectorAll(".tip tr").length === 3`)
		shown := p.tip()
		for _, want := range series {
			points := want.Datapoints
			k := share * float64(len(points)-1)
			low, high := int(math.Floor(k-1)), int(math.Ceil(k+1)) // which point is the nearest depends on the width of a pixel
			ok := false
			for i := max(0, low); i <= min(high, len(points)-1); i++ {
				ok = ok || points[i][0] != nil && *points[i][0] == shown[want.Target]
			}
			if !ok {
				t.Errorf("at %v of the time %s is shown as %v, /render says %v", share, want.Target, shown[want.Target], points[max(0, low):high+1])
			}
		}
	}
	p.mouse(input.DispatchMouseEventTypeMousePressed, b.at(0.5), y, true)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, b.at(0.5), y, false)
	p.run(chromedp.MouseClickXY(b.at(0.5), y, chromedp.ButtonLeft, func(e *input.DispatchMouseEventParams) { e.ClickCount = 2 }))
	p.wait(`location.search.includes("from=-1h") && !location.search.includes("until")`)
}

// TestFirstGraph checks that the first picture is requested before the modules are loaded, and only
// once. For that, first.js must compute the size that the plot will have.
func TestFirstGraph(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	for _, width := range []int64{1280, 821, 820, 390} {
		p := s.open("?target=web.*&target=web.a&from=-10min&areaMode=stacked&refresh=3600&events=none&title=First", width, 800)
		p.see(".legend .series", "web.b")
		pictures := `performance.getEntriesByType("resource").filter((e) => e.name.includes("/render?"))`
		if asked := eval[string](p, pictures+`.map((e) => e.initiatorType + " " + e.name).join("\n")`); strings.Count(asked, "\n") != 0 {
			t.Errorf("%d pixels wide: the page requests %s", width, asked)
		}
		if box := eval[string](p, `(({clientWidth, clientHeight}) => "height=" + clientHeight + " width=" + clientWidth)(document.querySelector(".plot"))`); box != eval[string](p, pictures+`[0].name.match(/(width|height)=\d+/g).join(" ")`) {
			t.Errorf("%d pixels wide: the plot has %s, but another size was requested", width, box)
		}
		if !eval[bool](p, `globalThis.asked === null && `+pictures+`[0].startTime < performance.getEntriesByType("navigation")[0].domInteractive`) {
			t.Errorf("%d pixels wide: the first picture is not requested by first.js", width)
		}
	}
	p := s.open("?target=nosuchfunction(web.a)", 1280, 800)
	p.see(".target-error", "unknown function nosuchfunction")
	p = s.open("?target=web.a&off=0:web.b&from=-10min", 1280, 800) // requested by the graph itself
	p.see(".legend .series", "web.a")
}

// TestNearest checks that the series nearest to the pointer is highlighted in the plot and the
// legend. In a stack it is the series under the pointer.
func TestNearest(t *testing.T) {
	s := serve(t, "")
	p := s.open("?target=constantLine(10)&target=constantLine(20)&target=alias(constantLine(90),'high')&from=-10min&yMin=0&yMax=100", 1280, 900)
	b := p.graphBox()
	p.hover(b.at(0.5), b.Bottom-0.88*(b.Bottom-b.Top))
	p.see(".tip tr.near", "high")
	p.see(".legend tr.near", "high")
	p.wait(`document.querySelectorAll(".plot .near-line").length === 1`)
	p.hover(b.at(0.5), b.Bottom-0.21*(b.Bottom-b.Top))
	p.see(".tip tr.near", "20")
	p.hover(5, 5)
	p.wait(`!$(".tip") && !$(".plot .near-line")`)

	p = s.open("?target=constantLine(10)&target=constantLine(20)&target=alias(constantLine(50),'high')&from=-10min&yMin=0&yMax=100&areaMode=stacked", 1280, 900)
	b = p.graphBox()
	p.hover(b.at(0.5), b.Bottom-0.5*(b.Bottom-b.Top))
	p.see(".tip tr.near", "high")
	if shown := p.tip(); shown["high"] != 50 || shown["10.0"] != 10 {
		t.Errorf("a stack is shown as %v", shown)
	}
}

// TestLegend hides series, shows them again, and sorts them.
func TestLegend(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b", "web.c")
	p := s.open("?target=web.*&from=-10min", 1280, 900)
	lines := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll(".plot .lines path").length === %d`, n)
	}
	p.wait(lines(3))
	p.click(".legend .series", "web.b")
	p.wait(lines(2) + ` && $(".legend tr.off", "web.b") && location.search.includes("hide=web.b")`)
	p.run(chromedp.Reload())
	p.wait(lines(2) + ` && $(".legend tr.off", "web.b")`)
	p.click(".legend .series", "web.b")
	p.wait(lines(3) + ` && !location.search.includes("hide")`)
	p.click(".legend th button", "Max")
	p.wait(`[...document.querySelectorAll(".legend tbody tr")].map((r) => r.dataset.series).join() === "web.c,web.b,web.a"`)
	var rendered []struct{ Datapoints [][2]*float64 }
	if err := json.Unmarshal([]byte(s.get("render?target=web.c&format=json&from=-10min")), &rendered); err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for _, v := range rendered[0].Datapoints {
		if v[0] != nil {
			most = max(most, *v[0])
		}
	}
	p.see(`.legend tr[data-series="web.c"] .max`, strconv.FormatFloat(most, 'f', -1, 64))
	p.click("button", "Table only")
	p.wait(`location.search.includes("view=table") && document.querySelector(".plot").clientHeight === 0 && $(".legend tr", "web.a")`)
}

// TestMove pans by dragging and by keys, zooms by keys and buttons, and picks times.
func TestMove(t *testing.T) {
	s := serve(t, "")
	s.sine(60, "web.a")
	p := s.open("?target=web.a&from=-30min", 1280, 900)
	b := p.graphBox()
	y := (b.Top + b.Bottom) / 2
	p.drag(b.at(0.2), y, b.at(0.7), y, chromedp.ModifierShift)
	p.wait(`/until=\d{10}/.test(location.search)`)
	from := func() int64 {
		n, _ := strconv.ParseInt(p.query("from"), 10, 64)
		return n
	}
	dragged := from()
	p.see("button.time", "→")
	p.graphBox()
	p.eval(`$(".plot").focus()`)
	p.key(kb.ArrowLeft, chromedp.ModifierShift)
	p.wait(fmt.Sprintf(`+new URLSearchParams(location.search).get("from") < %d`, dragged))
	left := from()
	p.wait(`$(".plot svg .lines path, .graph-note")`)
	p.key("0")
	p.wait(`location.search.includes("from=-30min")`)
	p.graphBox()
	p.key(kb.ArrowRight)
	p.see(".tip tr", "web.a")
	p.wait(`$(".plot + *") && document.querySelector(".graph [aria-live]").textContent.includes("web.a")`)
	p.click("button", "Zoom out")
	p.wait(`/from=\d{10}/.test(location.search)`)
	if left >= dragged {
		t.Errorf("earlier went from %d to %d", dragged, left)
	}
	p.click("button.time", "")
	p.click(".quick button", "Last 5 minutes")
	p.wait(`location.search.includes("from=-5min") && $("button.time", "Last 5 minutes")`)
	p.click("button.time", "")
	p.fill(`.range input[name="from"]`, "midnight+1h")
	p.fill(`.range input[name="until"]`, "midnight+2h")
	p.key(kb.Enter)
	p.wait(`$("button.time", "midnight+1h → midnight+2h")`)
	p.click("button.time", "")
	p.fill(`.range input[name="from"]`, "sometime")
	p.key(kb.Enter)
	p.see(".graph-note.bad", "sometime")
}

// TestRefresh checks that the page redraws by itself without ever being empty, also when the server
// stops and starts again.
func TestRefresh(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a")
	p := s.open("?target=web.a&from=-10min&refresh=1", 1280, 900)
	p.graphBox()
	p.eval(`globalThis.blank = 0; globalThis.swaps = 0; new MutationObserver((l) => { for (const m of l) if ([...m.addedNodes].some((n) => n.localName === "svg")) { swaps++; if (!document.querySelector(".plot > svg:not(.over)")) blank++; } }).observe(document.querySelector(".plot"), {childList: true});0`)
	p.wait(`swaps >= 3`)
	if n := eval[int](p, "blank"); n != 0 {
		t.Errorf("the plot was empty %d times", n)
	}
	s.send("web.a 4711 NOW")
	p.see(".legend .last", "4711")
	s.stop()
	p.see(".graph-note.bad", "cannot be reached")
	p.wait(`$(".plot svg .lines path")`)
	s.start()
	s.send("web.a 815 NOW-0")
	p.wait(`!$(".graph-note.bad") && $(".legend .last", "815")`)
}

// TestEventMarks checks that events are drawn at their times and described.
func TestEventMarks(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a")
	p := s.open("events", 1280, 900)
	p.eval(`fetch("events/", {method: "POST", body: JSON.stringify({what: "deploy <b>4.2</b>", tags: "deploy web", when: Date.now() / 1000 - 300})})`)
	p = s.open("?target=web.a&from=-10min", 1280, 900)
	b := p.graphBox()
	p.wait(`document.querySelectorAll(".over .event").length === 1`)
	x := eval[float64](p, `document.querySelector(".over .event .when").getBoundingClientRect().left`)
	if share := (x - b.Left) / (b.Right - b.Left); math.Abs(share-0.5) > 0.06 {
		t.Errorf("an event in the middle of the range is at %.2f", share)
	}
	p.hover(x, (b.Top+b.Bottom)/2)
	p.see(".tip .happened", "deploy <b>4.2</b>")
	p.click("button", "Events on the graph")
	p.click("[role^=menuitem]", "None")
	p.wait(`document.querySelectorAll(".over .event").length === 0 && location.search.includes("events=none")`)
}

// TestEventTags chooses the marked events by existing tags, and filters the list of events in the
// same way.
func TestEventTags(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a")
	s.event("one", "deploy web", "", 100)
	s.event("two", "deploy db", "", 200)
	s.event("three", "reboot", "", 300)
	p := s.open("?target=web.a&from=-10min", 1280, 900)
	p.graphBox()
	marks := func(n int) string { return fmt.Sprintf(`document.querySelectorAll(".over .event").length === %d`, n) }
	p.wait(marks(3))
	choose := func(tag string) {
		t.Helper()
		p.click("button", "Events on the graph")
		p.click("[role^=menuitem]", tag)
	}
	choose("deploy")
	p.wait(marks(2) + ` && location.search.includes("events=deploy")`)
	choose("web")
	p.wait(marks(1))
	p.run(chromedp.Reload())
	p.wait(marks(1))
	choose("deploy")
	p.wait(marks(1) + ` && location.search.includes("events=web")`)
	choose("All events")
	p.wait(marks(3))
	p = s.open("events", 1280, 900)
	p.see(".event .title", "three")
	p.click("input[type=search]", "")
	p.click("[role=option]", "reboot")
	p.see("[role=status]", "1 event")
}

// finger sends one event of a touch screen, with the positions of the fingers that are still down.
func (p *tab) finger(kind input.DispatchTouchEventType, at ...[2]float64) {
	p.t.Helper()
	points := []*input.TouchPoint{}
	for i, xy := range at {
		id := float64(i + 1)
		points = append(points, &input.TouchPoint{X: xy[0], Y: xy[1], ID: &id})
	}
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
		return err
	}))
}

// TestTouch reads values by a tap, zooms with one and two fingers, and checks that vertical
// scrolling still belongs to the page.
func TestTouch(t *testing.T) {
	s := serve(t, "")
	s.sine(60, "web.a", "web.b")
	p := s.open("version", 390, 800)
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
		return err
	}))
	p.run(chromedp.Navigate(s.url + "?target=web.*&from=-1h"))
	b := p.graphBox()
	y := (b.Top + b.Bottom) / 2
	p.finger(input.DispatchTouchEventTypeTouchStart, [2]float64{b.at(0.5), y})
	p.finger(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`document.querySelectorAll(".tip tr").length === 2`)
	if got := p.query("from"); got != "-1h" {
		t.Errorf("a tap zooms to %s", got)
	}
	slide := func(from, to [][2]float64) {
		t.Helper()
		p.finger(input.DispatchTouchEventTypeTouchStart, from...)
		for i := range 8 {
			now := make([][2]float64, len(from))
			for k := range from {
				share := float64(i+1) / 8
				now[k] = [2]float64{from[k][0] + (to[k][0]-from[k][0])*share, from[k][1] + (to[k][1]-from[k][1])*share}
			}
			p.finger(input.DispatchTouchEventTypeTouchMove, now...)
		}
		p.finger(input.DispatchTouchEventTypeTouchEnd)
	}
	span := func() int64 {
		from, _ := strconv.ParseInt(p.query("from"), 10, 64)
		until, _ := strconv.ParseInt(p.query("until"), 10, 64)
		return until - from
	}
	slide([][2]float64{{b.at(0.2), y}}, [][2]float64{{b.at(0.7), y}})
	p.wait(`/from=\d{10}/.test(location.search)`)
	if n := span(); n < 1300 || n > 2300 {
		t.Errorf("dragged over half an hour, but %d s are shown", n)
	}
	p.eval(`history.back()`)
	p.wait(`location.search.includes("from=-1h") && $(".plot svg .grid path")`)
	b = p.graphBox()
	slide([][2]float64{{b.at(0.4), y}, {b.at(0.6), y}}, [][2]float64{{b.at(0.1), y}, {b.at(0.9), y}})
	p.wait(`/from=\d{10}/.test(location.search)`)
	if n := span(); n < 700 || n > 1300 {
		t.Errorf("two fingers spread from a fifth to four fifths of an hour show %d s", n)
	}
	if got := eval[string](p, `getComputedStyle(document.querySelector(".plot")).touchAction`); got != "pan-y" {
		t.Errorf("touch-action is %s: the page could not be scrolled from the graph", got)
	}
}

// TestShare checks the links to the graph in each format.
func TestShare(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	p := s.open("?target=web.*&from=-10min&title=Shared", 1280, 900)
	p.graphBox()
	p.click("button", "Share")
	p.see("[role^=menuitem]", "PDF")
	links := eval[map[string]string](p, `Object.fromEntries([...document.querySelectorAll("a[download]")].map((a) => [a.download, a.href]))`)
	for name, begins := range map[string]string{"graph.png": "\x89PNG", "graph.svg": "<?xml", "graph.pdf": "%PDF", "graph.csv": "web.a,", "graph.json": `[{"target": "web.a"`} {
		if got := s.get(strings.TrimPrefix(links[name], s.url)); !strings.HasPrefix(got, begins) {
			t.Errorf("%s: %s gives %.60q", name, links[name], got)
		}
	}
	p.click("[role^=menuitem]", "Copy link to this page")
	p.see(".toast", "clipboard")
}
