package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports holds who may import whom: what travels between packages goes through main, and
// nothing imports upwards.
func TestImports(t *testing.T) {
	allowed := map[string]string{
		"graphited":                      "config carbon render api api/client api/store whisper/tool whisper/vfs",
		"graphited/config":               "carbon whisper render api whisper/vfs carbon/pyvalue",
		"graphited/api":                  "render render/encode render/draw render/expr render/attime carbon/index api/store api/web api/cluster carbon/pyvalue",
		"graphited/api/client":           "api render/draw",
		"graphited/api/cluster":          "carbon/pickle render whisper",
		"graphited/api/store":            "whisper/vfs",
		"graphited/api/web":              "",
		"graphited/render":               "render/expr render/attime whisper carbon/pyvalue",
		"graphited/render/expr":          "carbon/pyvalue",
		"graphited/render/attime":        "",
		"graphited/render/encode":        "render whisper carbon/pyvalue",
		"graphited/render/draw":          "render whisper carbon/pyvalue",
		"graphited/carbon":               "carbon/index carbon/pickle carbon/wal carbon/wire whisper whisper/vfs carbon/pyvalue",
		"graphited/carbon/wire":          "carbon/pickle carbon/pyvalue",
		"graphited/carbon/wire/wiretest": "",
		"graphited/carbon/index":         "carbon/pyvalue",
		"graphited/carbon/index/measure": "carbon/index",
		"graphited/carbon/pyvalue": "",
		"graphited/carbon/pickle":        "carbon/pyvalue",
		"graphited/carbon/wal":           "whisper/vfs",
		"graphited/whisper":              "whisper/vfs",
		"graphited/whisper/tool":         "whisper whisper/vfs",
		"graphited/whisper/vfs":          "",
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		may, ok := allowed[f[0]]
		if !ok {
			t.Errorf("%s is a new package: say here whom it may import", f[0])
			continue
		}
		for _, imp := range f[1:] {
			if own, ours := strings.CutPrefix(imp, "graphited/"); ours {
				seen++
				if !slices.Contains(strings.Fields(may), own) {
					t.Errorf("%s must not import %s", f[0], imp)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no imports between our packages were seen")
	}
}
