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
		"graphited":                      "api api/client api/cluster api/store carbon carbon/facts carbon/receive config config/command render render/fn whisper/tool whisper/vfs",
		"graphited/config":               "api carbon carbon/conf carbon/listen carbon/pyvalue carbon/receive config/ini config/parse config/problem config/rules render render/fn whisper whisper/vfs",
		"graphited/config/command":       "api carbon config config/parse config/problem whisper/vfs",
		"graphited/config/configtest":    "",
		"graphited/config/ini":           "config/problem",
		"graphited/config/parse":         "carbon/pyvalue",
		"graphited/config/problem":       "",
		"graphited/config/rules":         "api carbon carbon/conf carbon/pyvalue config/ini config/parse config/problem whisper",
		"graphited/api":                  "api/admin api/call api/cluster api/member api/names api/query api/saved api/store api/web carbon/facts carbon/listen carbon/prom render render/draw whisper",
		"graphited/api/admin":            "api/call api/names api/query api/store carbon/facts carbon/prom carbon/pyvalue render/encode",
		"graphited/api/call":             "carbon/pyvalue render render/attime render/draw render/encode render/expr",
		"graphited/api/client":           "api render/draw",
		"graphited/api/cluster":          "carbon/pickle carbon/prom render whisper",
		"graphited/api/member":           "api/call api/names carbon/facts render render/encode whisper",
		"graphited/api/names":            "api/call api/cluster carbon/index carbon/pyvalue render/encode",
		"graphited/api/query":            "api/call api/cluster api/member api/names carbon/index carbon/pyvalue render render/attime render/draw render/encode",
		"graphited/api/saved":            "api/call api/store carbon/pyvalue render/attime render/encode",
		"graphited/api/store":            "whisper/vfs",
		"graphited/api/web":              "",
		"graphited/render":               "carbon/pyvalue render/agg render/attime render/expr whisper",
		"graphited/render/agg":           "",
		"graphited/render/attime":        "",
		"graphited/render/draw":          "carbon/pyvalue render",
		"graphited/render/encode":        "carbon/pyvalue render",
		"graphited/render/expr":          "carbon/pyvalue",
		"graphited/render/fn":            "carbon/pyvalue render render/agg render/expr",
		"graphited/render/rendertest":    "carbon/pyvalue whisper",
		"graphited/carbon":               "carbon/cache carbon/cachequery carbon/conf carbon/facts carbon/index carbon/naming carbon/pace carbon/pickle carbon/prom carbon/receive carbon/tally carbon/wal carbon/wire whisper whisper/vfs",
		"graphited/carbon/cache":         "carbon/wal whisper",
		"graphited/carbon/cachequery":    "carbon/pickle carbon/receive carbon/tally carbon/wire whisper",
		"graphited/carbon/conf":          "carbon/listen carbon/naming carbon/wal carbon/wire",
		"graphited/carbon/facts":         "",
		"graphited/carbon/index":         "carbon/pyvalue",
		"graphited/carbon/index/measure": "carbon/index",
		"graphited/carbon/listen":        "",
		"graphited/carbon/naming":        "carbon/index whisper/vfs",
		"graphited/carbon/pace":          "",
		"graphited/carbon/pickle":        "carbon/pyvalue",
		"graphited/carbon/prom":          "",
		"graphited/carbon/pyvalue":       "",
		"graphited/carbon/receive":       "carbon/conf carbon/listen carbon/tally carbon/wire",
		"graphited/carbon/tally":         "carbon/prom carbon/wire whisper",
		"graphited/carbon/wal":           "whisper/vfs",
		"graphited/carbon/wire":          "carbon/pickle carbon/pyvalue",
		"graphited/carbon/wire/wiretest": "",
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
