package fn

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"graphited/render"
)

// TestInfoRecorded compares all declarations with what graphite-web's
// GET /functions answers, descriptions aside.
func TestInfoRecorded(t *testing.T) {
	b, err := os.ReadFile("../../testdata/render/functions.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		Function string          `json:"function"`
		Group    string          `json:"group"`
		Params   json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	r := All()
	for _, name := range r.Names(false) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in graphite-web", name)
		}
	}
	for name, w := range want {
		got, ok := r.Info(name)
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		if got.Function != w.Function || got.Group != w.Group || got.Name != name {
			t.Errorf("%s: got %q in %q, want %q in %q", name, got.Function, got.Group, w.Function, w.Group)
		}
		params, err := json.Marshal(got.Params)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := compactJSON(t, params), compactJSON(t, w.Params); a != b {
			t.Errorf("%s: params\ngot  %s\nwant %s", name, a, b)
		}
	}
}

func compactJSON(t *testing.T, b []byte) string {
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(out.String())
}

func TestDeclarations(t *testing.T) {
	r := All()
	if n := len(r.Names(false)); n != 154 {
		t.Errorf("%d names, want 154", n)
	}
	for _, name := range r.Names(true) {
		f, _ := r.Lookup(name)
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: the documentation is no sentence: %q", name, f.Doc)
		}
		for _, p := range f.Params {
			if p.Expected() == "" || p.Type == "" {
				t.Errorf("%s: parameter %q has no type", name, p.Name)
			}
		}
		if f.Windows != nil && f.Params[0].Type != render.SeriesList {
			t.Errorf("%s has windows but no series first", name)
		}
	}
	if _, ok := r.Info("nope"); ok {
		t.Error("Info knows a function that is not there")
	}
}

func TestRegistryRefuses(t *testing.T) {
	run := func(*render.Call) ([]*render.Series, error) { return nil, nil }
	f := func(want string, funcs ...render.Func) {
		t.Helper()
		if _, err := render.NewRegistry(funcs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("taken", render.Func{Name: "a", Run: run}, render.Func{Name: "a", Run: run})
	f("taken", render.Func{Name: "a", Run: run}, render.Func{Name: "b", Aliases: []string{"a"}, Run: run})
	f("either Run or RunLists", render.Func{Name: "a"})
	f("not the last", render.Func{Name: "a", Run: run, Params: []render.Param{many("x", render.String), seriesList}})
}

func TestPieInfo(t *testing.T) {
	info := render.PieInfo()
	if len(info) != 3 || info[0].Function != "average(series)" || info[2].Name != "minimum" || info[1].Group != "Pie" {
		t.Errorf("got %+v", info)
	}
}
