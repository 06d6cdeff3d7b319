package web_test

import "testing"

// TestFirstRun opens the page of a server that has never received anything.
func TestFirstRun(t *testing.T) {
	s := serve(t, "")
	s.sine(10, "web.a", "web.b")
	p := s.open("?target=web.*", 1280, 800)
	p.see("nav a", "Explore")
	p.see(".legend .series", "web.b")
	p.click("nav a", "Status")
	p.see("h2", "Refused or lost")
}
