package web_test

import (
	"os"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestReadOnly checks that the page offers nothing that a server with READ_ONLY refuses.
func TestReadOnly(t *testing.T) {
	s := demo(t)
	s.stop()
	conf := s.flags[slices.Index(s.flags, "--config")+1]
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, append(text, "[web]\nREAD_ONLY = True\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	p := s.open("dashboard/Servers", 1280, 900)
	p.see(".legend .series", "web3")
	p.see(".chip", "Read only")
	p.click(".cell button[aria-haspopup]", "More about Memory")
	p.see("[role=menuitem]", "Open in Explore")
	for path, there := range map[string]string{"dashboard/Servers": ".cell h2", "dashboard": ".card", "events": ".event"} {
		p.run(chromedp.Navigate(s.url + path))
		p.see(there, "")
		p.see(".chip", "Read only")
		if offered := eval[string](p, `[...document.querySelectorAll("main button")].map((b) => b.ariaLabel ?? b.textContent).filter((t) => /Edit|Add|New|Import|Delete/.test(t)).join()`); offered != "" {
			t.Errorf("%s offers %s", path, offered)
		}
	}
	p.run(chromedp.Navigate(s.url + "dashboard/None"))
	p.see("h2", "There is no dashboard")
	if eval[bool](p, `!!$("button", "Create it")`) {
		t.Error("the page offers to create a dashboard")
	}
	p.run(chromedp.Navigate(s.url + "?target=servers.web1.cpu.user"))
	p.see(".legend .series", "web1")
	p.click("button", "Save")
	p.click("[role=menuitem]", "Save the graph")
	p.fill("dialog input", "x")
	p.click("dialog .primary", "Save")
	p.see("dialog .problem", "READ_ONLY")
}
