package web

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Imports must have one of these forms: a static import at the beginning of a line, under the names
// that the other module exports, or a call to load a module when it is needed.
const (
	atOnce   = `(?m)^import \{ ([^}]+) \} from "\./([a-z]+\.js)";\n`
	onDemand = `import\("\./([a-z]+\.js)"\)`
)

// joiner joins many modules into few files, because each file costs the browser a request and some
// work. main.js and modules loaded on demand stay files. Each other module goes into the only file
// that needs it, or into main.js if several need it. Names do not change, so two modules of a file
// must not use the same top-level name for different things.
type joiner struct {
	modules map[string][]byte
	imports map[string][][]string // by module: the names and the module of each import
	owner   map[string]string     // the file that contains a module
}

// join returns the files, each under the name of the module that it is for.
func join(modules map[string][]byte) map[string][]byte {
	j := joiner{modules: modules, imports: map[string][][]string{}, owner: map[string]string{}}
	once, demand := regexp.MustCompile(atOnce), regexp.MustCompile(onDemand)
	files := map[string]bool{"main.js": true}
	for name, body := range modules {
		for _, m := range once.FindAllSubmatch(body, -1) {
			j.imports[name] = append(j.imports[name], []string{string(m[1]), string(m[2])})
		}
		for _, m := range demand.FindAllSubmatch(body, -1) {
			files[string(m[1])] = true
		}
	}
	for file := range files {
		j.own(file, file, files)
	}
	out := map[string][]byte{}
	for file := range files {
		out[file] = once.ReplaceAll(j.file(file), nil)
		out[file] = append(j.header(file), out[file]...)
	}
	return out
}

// own assigns to a file the modules that only it needs.
func (j *joiner) own(file, module string, files map[string]bool) {
	switch j.owner[module] {
	case file, "main.js":
		return
	case "":
		j.owner[module] = file
	default:
		j.owner[module] = "main.js"
		file = "main.js" // with everything it needs
	}
	for _, m := range j.imports[module] {
		if !files[m[1]] {
			j.own(file, m[1], files)
		}
	}
}

// file returns the modules of a file, each after those that it needs.
func (j *joiner) file(file string) []byte {
	var out []byte
	done := map[string]bool{file: true}
	var add func(module string)
	add = func(module string) {
		if done[module] || j.owner[module] != file {
			return
		}
		done[module] = true
		for _, m := range j.imports[module] {
			add(m[1])
		}
		out = append(out, j.modules[module]...)
	}
	for _, module := range slices.Sorted(maps.Keys(j.owner)) {
		add(module)
	}
	return append(out, j.modules[file]...)
}

// header returns the imports of a file from other files.
func (j *joiner) header(file string) []byte {
	names := map[string][]string{}
	for module, owner := range j.owner {
		if owner != file {
			continue
		}
		for _, m := range j.imports[module] {
			if from := j.owner[m[1]]; from != file {
				names[from] = append(names[from], strings.Split(m[0], ", ")...)
			}
		}
	}
	var out bytes.Buffer
	for _, from := range slices.Sorted(maps.Keys(names)) {
		slices.Sort(names[from])
		fmt.Fprintf(&out, "import { %s } from \"./%s\";\n", strings.Join(slices.Compact(names[from]), ", "), from)
	}
	return out.Bytes()
}
