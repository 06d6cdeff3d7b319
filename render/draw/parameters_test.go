package draw

import (
	"context"
	"testing"
)

// TestParameters draws lines and a pie, notes which parameters are asked for, and compares them with what Parameters promises.
func TestParameters(t *testing.T) {
	asked := map[string]bool{}
	d := newDrawer(t, Options{})
	for _, c := range readCases(t) {
		g := c.graph(t, "png")
		param := g.Param
		g.Param = func(name string) (string, bool) {
			asked[name] = true
			return param(name)
		}
		d.Append(context.Background(), nil, g) // some cases are mistakes: only what was asked for counts
	}
	for _, p := range Parameters() {
		if !asked[p.Name] {
			t.Errorf("%s is listed, or listed twice, and nothing asks for it", p.Name)
		}
		delete(asked, p.Name)
		if p.Doc == "" {
			t.Errorf("%s has no text", p.Name)
		}
	}
	for name := range asked {
		t.Errorf("%s is asked for and not listed", name)
	}
}
