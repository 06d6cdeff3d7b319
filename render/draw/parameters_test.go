package draw

import (
	"context"
	"testing"
)

// TestParameters draws lines and a pie, records which parameters they read, and compares them with
// Parameters.
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
		d.Append(context.Background(), nil, g) // some cases return errors; only the parameters read matter
	}
	for _, p := range Parameters() {
		if !asked[p.Name] {
			t.Errorf("%s is listed but not read, or listed twice", p.Name)
		}
		delete(asked, p.Name)
		if p.Doc == "" {
			t.Errorf("%s has no Doc", p.Name)
		}
	}
	for name := range asked {
		t.Errorf("%s is read but not listed", name)
	}
}
