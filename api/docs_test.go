package api

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPathsInDocs: each path that is routed stands in docs/http.md.
func TestPathsInDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range regexp.MustCompile("`(/[^`]*)`").FindAllStringSubmatch(cells[1], -1) {
			documented[m[1]] = true
		}
	}
	paths := routedPaths(t)
	if len(paths) < 50 {
		t.Errorf("only %d paths are routed: %q", len(paths), paths)
	}
	for _, p := range paths {
		if !documented[p] {
			t.Errorf("%s does not stand in docs/http.md", p)
		}
	}
}

// routedPaths finds the words of the switches in route.go and of those below a group.
func routedPaths(t *testing.T) (paths []string) {
	below := map[string]string{"route": "/", "plainRoute": "/", "tagsRoute": "/tags/", "dashboardRoute": "/dashboard/", "eventsRoute": "/events/", "functionsRoute": "/functions/"}
	for _, file := range []string{"route.go", "tags.go", "dashboards.go", "events.go", "functions.go"} {
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || below[fn.Name.Name] == "" {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				c, ok := n.(*ast.CaseClause)
				if !ok {
					return true
				}
				for _, e := range c.List {
					if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
						word, _ := strconv.Unquote(lit.Value)
						if p := strings.TrimRight(below[fn.Name.Name]+strings.TrimLeft(word, "/"), "/"); p != "" {
							paths = append(paths, p)
						}
					}
				}
				return true
			})
		}
	}
	return paths
}
