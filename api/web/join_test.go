package web

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestJoin checks that modules go into the only file that needs them, or into main.js, after those
// that they need.
func TestJoin(t *testing.T) {
	got := join(map[string][]byte{
		"main.js":  []byte("import { a } from \"./a.js\";\nimport(\"./one.js\");\nimport(\"./two.js\");\nmain;\n"),
		"a.js":     []byte("export const a = 1;\n"),
		"one.js":   []byte("import { a } from \"./a.js\";\nimport { b, c } from \"./b.js\";\nimport { both } from \"./both.js\";\nimport(\"./late.js\");\none;\n"),
		"b.js":     []byte("import { a } from \"./a.js\";\nimport { d } from \"./d.js\";\nexport const b = 2, c = 3;\n"),
		"d.js":     []byte("export const d = 4;\n"),
		"two.js":   []byte("import { both } from \"./both.js\";\nimport { late } from \"./late.js\";\ntwo;\n"),
		"both.js":  []byte("import { under } from \"./under.js\";\nexport const both = 5;\n"),
		"under.js": []byte("export const under = 6;\n"),
		"late.js":  []byte("import { both } from \"./both.js\";\nexport const late = 7;\n"),
	})
	want := map[string]string{
		"main.js": "export const a = 1;\nexport const under = 6;\nexport const both = 5;\nimport(\"./one.js\");\nimport(\"./two.js\");\nmain;\n",
		"one.js":  "import { a, both } from \"./main.js\";\nexport const d = 4;\nexport const b = 2, c = 3;\nimport(\"./late.js\");\none;\n",
		"two.js":  "import { late } from \"./late.js\";\nimport { both } from \"./main.js\";\ntwo;\n",
		"late.js": "import { both } from \"./main.js\";\nexport const late = 7;\n",
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for name, text := range want {
		if string(got[name]) != text {
			t.Errorf("%s is\n%s\nwant\n%s", name, got[name], text)
		}
	}
}

// TestJoined checks that every name is declared once at the top level of a file, because its
// modules share it, and that every import has a form that join handles.
func TestJoined(t *testing.T) {
	modules := map[string][]byte{} // with indentation, which tells top-level declarations from others
	err := fs.WalkDir(embedded, "ui/js", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(name, first) {
			modules[path.Base(name)], err = embedded.ReadFile(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`^(?:export )?(?:async )?(?:function|class|const|let) (\w+)|^import \{ ([^}]+) \}`)
	for file, body := range join(modules) {
		seen := map[string]bool{}
		for line := range strings.Lines(string(body)) {
			m := declared.FindStringSubmatch(line)
			if m == nil {
				if strings.HasPrefix(line, "import ") {
					t.Errorf("%s: this import is not joined: %s", file, line)
				}
				continue
			}
			for name := range strings.SplitSeq(m[1]+m[2], ", ") {
				if seen[name] {
					t.Errorf("%s: %q stands for two things", file, name)
				}
				seen[name] = true
			}
		}
		if len(seen) < 10 {
			t.Errorf("%s: only %d names are found", file, len(seen))
		}
	}
}
