package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"

	"graphited/api"
)

// notJoined are the fields of api.Deps that the program does not set, with the reason.
var notJoined = map[string]string{
	"Draw":    "made of the options",
	"Version": "the default is the version whose features there are",
	"Now":     "the clock of tests",
}

// TestDeps wants main.go to set every field of api.Deps: a part that is declared and never joined is
// worse than none.
func TestDeps(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Deps" || sel.X.(*ast.Ident).Name != "api" {
			return true
		}
		for _, e := range lit.Elts {
			set[e.(*ast.KeyValueExpr).Key.(*ast.Ident).Name] = true
		}
		return false
	})
	for i := range reflect.TypeFor[api.Deps]().NumField() {
		name := reflect.TypeFor[api.Deps]().Field(i).Name
		if _, listed := notJoined[name]; set[name] == listed {
			t.Errorf("api.Deps.%s is set: %v, is in the list: %v", name, set[name], listed)
		}
	}
}
