package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestEventsView(t *testing.T) {
	s := serve(t, "")
	p := s.open("events?from=0", 1280, 900)
	p.see("h2", "No events yet")
	p.click("button", "Add an event")
	p.see("dialog h2", "Add an event")
	p.write("Deploy 4.2") // the focus is in the first field
	p.key(kb.Tab)
	p.write("deploy web")
	p.key(kb.Tab + kb.Tab)
	p.fill("dialog textarea", "by ada")
	p.click("dialog .primary", "Add")
	p.see(".event .title", "Deploy 4.2")
	p.see(".event .chip", "deploy")
	s.event("db1 rebooted", "reboot db", "", 5000)
	s.event(hostile, "<b>tag</b> deploy", `"><script>alert(2)</script>`, 100)
	p.click("button", "Load again")
	p.see("[role=status]", "3 events")
	p.see(".event .title", hostile)
	p.click(".event .chip", "reboot")
	p.see("[role=status]", "1 event")
	p.wait(`!$(".event .title", "Deploy 4.2")`)
	if !strings.Contains(p.address(), "tags=reboot") {
		t.Errorf("the address is %s", p.address())
	}
	p.click("button", "Without the tag reboot")
	p.see("[role=status]", "3 events")
	p.fill("input[type=search]", "<b>tag</b>")
	p.key(kb.Enter)
	p.see("[role=status]", "1 event")
	p.click(".event .title", hostile)
	p.see("dialog pre", "<script>alert(2)</script>")
	p.key(kb.Escape)
	p.wait(`!$("dialog")`)
	p.noImages()
	eval[any](p, "history.back()")
	p.see("[role=status]", "3 events")
	if !strings.Contains(s.get("events/get_data"), `"data": "by ada"`) {
		t.Error("the typed text was lost")
	}
}

// TestEventMark checks that an event is drawn in the graphs of a dashboard.
func TestEventMark(t *testing.T) {
	s := serve(t, "")
	s.servers()
	s.board()
	s.event("Deploy 4.2", "deploy", "", 3600)
	p := s.open("dashboard/Servers", 1280, 900)
	p.see(".legend .series", "web1")
	p.wait(`document.querySelectorAll(".over .event, .over [class*=event]").length >= 2`)
	p.click("button", "More")
	p.click("[role^=menuitem]", "Show events")
	p.wait(`$(".legend .series", "web1") && document.querySelectorAll(".over .event, .over [class*=event]").length === 0`)
}
