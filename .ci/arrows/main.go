// Command arrows counts, for each package of this module, the arrows between its files and those
// that run back up.
//
//	go run ./.ci/arrows [-v] [PACKAGE...]
//
// An arrow joins two files of a package when one uses a name that the other declares: a type,
// function, variable, constant, method or field. Files whose arrows form no cycle can be read from
// the bottom to the top. The program prints the fewest arrows that must go for no cycle to remain:
// exactly for knots of up to 18 files, else the best that a search finds, which can only be too
// many (order_test.go compares it with graphs whose answer is known).
//
// It ends with 1 when these arrows are a tenth or more of a package's arrows (one arrow alone is
// never too much), or when a package has more than 30 files. Tests do not count. The files of other
// platforms count as files, because everybody who reads the folder meets them; their arrows do not,
// because only this platform's files can be checked together. With -v it names the arrows.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxFiles = 30
	maxShare = 0.1
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./.ci/arrows [-v] [PACKAGE...]")
		flag.PrintDefaults()
	}
	verbose := flag.Bool("v", false, "name the arrows that run back up, with the names that they use")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	packages, err := list(patterns)
	if err != nil {
		fail(err)
	}
	exports := map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
	}
	tooMuch := false
	fmt.Printf("%-32s %6s %7s %5s %6s\n", "package", "files", "arrows", "back", "share")
	for _, p := range packages {
		if p.DepOnly || p.Standard {
			continue
		}
		g, err := p.graph(exports)
		if err != nil {
			fail(err)
		}
		back := g.back()
		share := float64(len(back)) / float64(max(len(g.uses), 1))
		mark := ""
		if share >= maxShare && len(back) > 1 || p.files() > maxFiles {
			tooMuch, mark = true, "  too much"
		}
		fmt.Printf("%-32s %6d %7d %5d %5.1f%%%s\n", p.ImportPath, p.files(), len(g.uses), len(back), 100*share, mark)
		if *verbose {
			for _, a := range back {
				fmt.Printf("    %s -> %s: %v\n", g.files[a.from], g.files[a.to], g.names(a))
			}
		}
	}
	if tooMuch {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "arrows:", err)
	os.Exit(2)
}

// pkg is what go list says about a package.
type pkg struct {
	ImportPath, Dir, Export string
	GoFiles, IgnoredGoFiles []string
	DepOnly, Standard       bool
}

// files returns how many files the package has, those of other platforms among them.
func (p pkg) files() int {
	n := len(p.GoFiles)
	for _, name := range p.IgnoredGoFiles {
		if !strings.HasSuffix(name, "_test.go") {
			n++
		}
	}
	return n
}

func list(patterns []string) ([]pkg, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,IgnoredGoFiles,DepOnly,Standard", "--"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var all []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the answer of go list: %w", err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("cannot list the packages: %w", err)
	}
	return all, nil
}

// arrow joins two files by their numbers.
type arrow struct{ from, to int }

// graph is the files of a package and what each uses of the others.
type graph struct {
	files []string
	uses  map[arrow]map[string]bool // the names
}

// graph type-checks the package and joins each use of a name with the file that declares it.
func (p pkg) graph(exports map[string]string) (*graph, error) {
	fset := token.NewFileSet()
	g := &graph{uses: map[arrow]map[string]bool{}}
	number := map[string]int{}
	var files []*ast.File
	for i, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		g.files = append(g.files, name)
		number[filepath.Join(p.Dir, name)] = i
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	if _, err := conf.Check(p.ImportPath, fset, files, info); err != nil {
		return nil, err
	}
	for id, obj := range info.Uses {
		to, here := number[fset.Position(obj.Pos()).Filename]
		from := number[fset.Position(id.Pos()).Filename]
		if !here || from == to {
			continue
		}
		a := arrow{from, to}
		if g.uses[a] == nil {
			g.uses[a] = map[string]bool{}
		}
		g.uses[a][id.Name] = true
	}
	return g, nil
}

func (g *graph) names(a arrow) []string {
	var names []string
	for n := range g.uses[a] {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
