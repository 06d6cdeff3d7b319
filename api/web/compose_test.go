package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// targetIs waits until the n-th target has a text.
func (p *tab) targetIs(n int, text string) {
	p.t.Helper()
	p.wait(`document.querySelectorAll(".target textarea")[` + string(rune('0'+n)) + `]?.value === ` + quoteJS(text))
}

func quoteJS(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// TestWrap wraps a target in three functions by menu, changes one, removes one, undoes and redoes,
// and checks that the address shows all of it.
func TestWrap(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	p := s.open("?target=web.*&from=-10min", 1280, 900)
	p.see(".legend .series", "web.a")

	p.click("button", "Wrap target A in a function")
	p.see(".functions .heading", "Transform")
	p.click(`.functions section[aria-label="Combine"] [role=menuitem]`, "sumSeries")
	p.targetIs(0, "sumSeries(web.*)")
	p.see(".legend .series", "sumSeries(web.*)")

	p.click(".chip.add", "function")
	p.write("scale")
	p.click(".functions [role=menuitem]", "scale")
	p.see("dialog h2", "scale()")
	p.click("dialog .btn.primary", "Apply")
	p.see("dialog .problem", "factor is needed")
	p.click("dialog .field input", "")
	p.write("2")
	p.click("dialog .btn.primary", "Apply")
	p.targetIs(0, "scale(sumSeries(web.*), 2)")

	p.click(".chip.add", "function")
	p.write("movingAverage")
	p.key(kb.Enter)
	p.see("dialog h2", "movingAverage()")
	p.write("5min")
	p.key(kb.Enter)
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 2), '5min')")
	p.wait(`decodeURIComponent(location.search.replaceAll("+", " ")).includes("movingAverage(scale(sumSeries(web.*), 2), '5min')")`)

	p.click(".chip.step button", "scale")
	p.see("dialog h2", "scale()")
	p.fill("dialog .field input", "10")
	p.click("dialog .btn.primary", "Apply")
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 10), '5min')")
	p.click(`button[aria-label="Take off sumSeries"]`, "")
	p.targetIs(0, "movingAverage(scale(web.*, 10), '5min')")

	p.click("button", "Undo")
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 10), '5min')")
	p.click("button", "Undo")
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 2), '5min')")
	p.click("button", "Redo")
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 10), '5min')")
	p.run(chromedp.Reload())
	p.targetIs(0, "movingAverage(scale(sumSeries(web.*), 10), '5min')")
}

// TestTargetErrors types invalid targets, and checks that the message is at the target and the mark
// at the position that the server reports.
func TestTargetErrors(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a")
	p := s.open("?target=web.*&target=web.a&from=-10min", 1280, 900)
	p.see(".legend .series", "web.a")
	f := func(text, message, marked string) {
		t.Helper()
		p.eval(`document.querySelectorAll(".target textarea")[1].focus()`)
		p.key("a", chromedp.ModifierCtrl)
		p.write(text)
		p.key(kb.Escape)
		p.key(kb.Enter)
		p.see(".target:nth-child(2) .target-error", message)
		if got := eval[string](p, `$(".wrong")?.textContent ?? ""`); strings.TrimSpace(got) != marked {
			t.Errorf("%s: %q is marked, want %q", text, got, marked)
		}
		if n := eval[int](p, `document.querySelectorAll(".editor.bad").length`); n != 1 {
			t.Errorf("%s: %d targets are marked as wrong", text, n)
		}
	}
	f("scale(scal(web.a, 2), 3)", "unknown function scal", "scal")
	f("sumSeries(web.*,,)", "expected an argument", ",")
	f(`sumSeries(alias(web.a, "ü", 3))`, "takes no more than 2", "alias")
	f(`sumSeries(alias(web.a, "ü"), bogus(web.a))`, "unknown function bogus", "bogus")
	f("sumSeries(web.a", "expected", "")
	p.see(".graph-note.bad", "expected")
	p.wait(`$(".plot svg path[data-name]") && $(".legend .series", "web.a")`) // the other target is drawn
	p.eval(`document.querySelectorAll(".target textarea")[1].focus()`)
	p.key("a", chromedp.ModifierCtrl)
	p.write("scale(web.a, 3)")
	p.key(kb.Escape)
	p.key(kb.Enter)
	p.wait(`!$(".editor.bad") && $(".legend .series", "scale(web.a,3")`)
}

// TestCompletion types a target and accepts suggested functions, metrics and tags.
func TestCompletion(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.alpha", "web.beta", "requests;app=shop")
	p := s.open("?target=web.alpha&from=-10min", 1280, 900)
	p.see(".legend .series", "web.alpha")
	begin := func(text string) {
		t.Helper()
		p.eval(`document.querySelector(".target textarea").focus()`)
		p.key("a", chromedp.ModifierCtrl)
		p.write(text)
	}
	begin("sumS")
	p.click(".completion [role=option]", "sumSeries")
	p.write("we")
	p.click(".completion [role=option]", "web")
	p.see(".completion .signature", "sumSeries")
	p.click(".completion [role=option]", "web.beta")
	p.targetIs(0, "sumSeries(web.beta)")
	p.key(kb.Enter)
	p.see(".legend .series", "sumSeries(web.beta)")

	begin("aggregate(web.*, 'max")
	p.key(kb.Escape)
	begin("aggregate(web.*, '")
	p.see(".completion [role=option]", "median")
	p.key(kb.Escape)
	begin("seriesByTag('ap")
	p.click(".completion [role=option]", "app")
	p.click(".completion [role=option]", "shop")
	p.write(")")
	p.key(kb.Enter)
	p.targetIs(0, "seriesByTag('app=shop')")
	p.see(".legend .series", "requests;app=shop")
}

// TestCompletionKeys completes a target with the keyboard only.
func TestCompletionKeys(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.alpha", "web.beta")
	p := s.open("?target=web.alpha&from=-10min", 1280, 900)
	p.see(".legend .series", "web.alpha")
	p.eval(`document.querySelector(".target textarea").focus()`)
	p.key("a", chromedp.ModifierCtrl)
	p.write("averageS")
	p.see(".completion [role=option]", "averageSeries")
	p.key(kb.ArrowDown)
	p.wait(`(() => { const e = document.querySelector(".target textarea"), o = document.getElementById(e.getAttribute("aria-activedescendant")); return e.getAttribute("aria-expanded") === "true" && o?.textContent.startsWith("averageSeries") && o.getAttribute("aria-selected") === "true"; })()`)
	p.key(kb.Enter)
	p.targetIs(0, "averageSeries()")
	p.write("web.b")
	p.see(".completion [role=option]", "web.beta")
	p.key(kb.Tab)
	p.targetIs(0, "averageSeries(web.beta)")
	p.key(kb.Escape)
	p.wait(`!$(".completion")`)
	p.key(" ", chromedp.ModifierCtrl)
	p.see(".completion .signature", "averageSeries")
	p.key(kb.Enter)
	p.see(".legend .series", "averageSeries(web.beta)")
}

// TestTargetDrag moves targets with the mouse, a finger and the keyboard.
func TestTargetDrag(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b", "web.c")
	p := s.open("?target=web.a&target=web.b&target=web.c&from=-10min", 1280, 900)
	p.see(".legend .series", "web.c")
	order := func(a, b, c string) {
		t.Helper()
		p.wait(`[...document.querySelectorAll(".target textarea")].map((e) => e.value).join() === "` + a + "," + b + "," + c + `"`)
		p.wait(`location.search.includes("target=` + a + "&target=" + b + "&target=" + c + `")`)
	}
	x, y := p.place("button", "Move target A")
	_, below := p.place("button", "Move target C")
	p.hover(x, y)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y, true)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, x, below, true)
	p.wait(`$(".target.after textarea", "web.c") && $(".target.dragged textarea", "web.a")`)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x, below, false)
	order("web.b", "web.c", "web.a")
	p.wait(`document.activeElement.ariaLabel.startsWith("Move target C")`)
	p.key(kb.ArrowUp)
	order("web.b", "web.a", "web.c")
	p.key(kb.Home)
	order("web.a", "web.b", "web.c")
	p.finger(input.DispatchTouchEventTypeTouchStart, [2]float64{x, below})
	p.finger(input.DispatchTouchEventTypeTouchMove, [2]float64{x, (y + below) / 2})
	p.finger(input.DispatchTouchEventTypeTouchMove, [2]float64{x, y})
	p.wait(`$(".target.before textarea", "web.a")`)
	p.finger(input.DispatchTouchEventTypeTouchEnd)
	order("web.c", "web.a", "web.b")
}

// TestTargetList copies, moves, hides and removes targets.
func TestTargetList(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	p := s.open("?target=web.a&target=web.b&from=-10min", 1280, 900)
	p.see(".legend .series", "web.b")
	more := func(letter, item string) {
		t.Helper()
		p.click("button", "More for target "+letter)
		p.click("[role^=menuitem]", item)
	}
	more("A", "Move down")
	p.targetIs(0, "web.b")
	p.targetIs(1, "web.a")
	more("B", "Copy")
	p.targetIs(2, "web.a")
	p.wait(`document.querySelectorAll(".legend .series").length === 3`)
	p.click("button", "Hide target A")
	p.wait(`!$(".legend .series", "web.b") && location.search.includes("off=0:web.b")`)
	p.run(chromedp.Reload())
	p.see("button", "Show target A")
	p.wait(`$(".legend .series", "web.a") && !$(".legend .series", "web.b")`)
	p.click("button", "Show target A")
	p.see(".legend .series", "web.b")
	more("C", "Remove")
	p.wait(`document.querySelectorAll(".target").length === 2`)
	p.click("button", "Target")
	p.write("constantLine(15)")
	p.key(kb.Escape)
	p.key(kb.Enter)
	p.see(".legend .series", "15")
	p.wait(`location.search.includes("target=constantLine(15)")`)
}

// TestOptions sets, changes and removes options of the graph.
func TestOptions(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	p := s.open("?target=web.*&from=-10min", 1280, 900)
	p.see(".legend .series", "web.b")
	p.see(".options .hint", "None is set")
	p.click(`.options input[aria-label="Set an option"]`, "")
	p.write("stack")
	p.click("[role=option]", "Stacked areas")
	p.wait(`document.querySelectorAll(".plot .lines path:not([stroke])").length === 2 && location.search.includes("areaMode=stacked")`)
	p.click(`.options input[aria-label="Set an option"]`, "")
	p.write("title")
	p.click("[role=option]", "Title")
	p.wait(`document.activeElement.closest("[data-name=title]")`)
	p.write("Hello, <b>world</b>")
	p.key(kb.Enter)
	p.see(".plot .title text", "Hello, <b>world</b>")
	p.click("button", "Unset Areas")
	p.wait(`document.querySelectorAll(".plot .lines path:not([stroke])").length === 0 && !location.search.includes("areaMode")`)
	p.click("button", "Clear")
	p.wait(`!$(".plot .title") && !location.search.includes("title")`)
}
