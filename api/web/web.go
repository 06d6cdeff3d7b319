// Package web embeds the page: HTML, style and ES modules. A file is found only by its exact name.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

//go:embed ui
var embedded embed.FS

// Policy is the Content-Security-Policy of the page: it allows only the scripts and other files of
// the page. Nothing in the page is inline.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"font-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"

// File is a file of the page.
type File struct {
	Body []byte // must not be modified
	Type string // for Content-Type
}

// Page is the page. It is never modified after New and is safe for concurrent use.
type Page struct {
	version string
	index   []byte
	files   map[string]File   // "<version>/js/main.js"
	links   map[string]string // preload links by view
}

// New returns a Page with the embedded files.
func New() (*Page, error) {
	p := &Page{files: map[string]File{}}
	all, modules := map[string]File{}, map[string][]byte{}
	sum := sha256.New()
	err := fs.WalkDir(embedded, "ui", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		contentType := contentType(name)
		if contentType == "" {
			return fmt.Errorf("cannot serve file %q: its type is unknown", name)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		body = lean(path.Ext(name), body)
		if name = strings.TrimPrefix(name, "ui/"); path.Dir(name) == "js" && name != first {
			modules[path.Base(name)] = body
		} else {
			all[name] = File{body, contentType}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, body := range join(modules) {
		all["js/"+name] = File{body, contentType(name)}
	}
	p.version = hex.EncodeToString(sum.Sum(nil)[:6])
	p.index = bytes.ReplaceAll(all["index.html"].Body, []byte("{{version}}"), []byte(p.version))
	delete(all, "index.html")
	for name, f := range all {
		p.files[p.version+"/"+name] = f
	}
	p.links = map[string]string{}
	for _, view := range [...]string{"explore", "dashboards", "events", "status"} {
		p.links[view] = p.preload(view)
	}
	return p, nil
}

// contentType returns the type of a file by its name, or "" if it is unknown.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}

// lean removes from a script or style what only people read: lines that are comments, and
// indentation. No string literal of a script may span lines.
func lean(ext string, body []byte) []byte {
	if ext != ".js" && ext != ".css" {
		return body
	}
	out := make([]byte, 0, len(body))
	comment := false
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if comment = comment || bytes.HasPrefix(line, []byte("/*")); comment {
			comment = !bytes.HasSuffix(line, []byte("*/"))
			continue
		}
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			out = append(append(out, line...), '\n')
		}
	}
	return out
}

// first is the script that runs before everything else. It is not a module.
const first = "js/first.js"

// imported matches the static imports of a module and the styles that it loads.
const imported = `from "\./([^"]+)"|style\("(css/[^"]+)"\)`

// preload returns links that let a browser request everything for a view at once, instead of
// finding it module by module.
func (p *Page) preload(view string) string {
	pattern := regexp.MustCompile(imported)
	var links strings.Builder
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		f, ok := p.File(p.version + "/" + name)
		if seen[name] || !ok {
			return
		}
		seen[name] = true
		rel := "modulepreload"
		if path.Ext(name) == ".css" {
			rel = "stylesheet"
		}
		fmt.Fprintf(&links, "<link rel=%q href=\"ui/%s/%s\">\n", rel, p.version, name)
		for _, m := range pattern.FindAllSubmatch(f.Body, -1) {
			if len(m[1]) > 0 {
				add("js/" + string(m[1]))
			} else {
				add(string(m[2]))
			}
		}
	}
	add("js/" + view + ".js")
	return links.String()
}

// Index returns the HTML of the page. base is the page's root relative to the address of the page:
// "./", "../" or a folder's name. view is the view that the address leads to, such as "explore", or
// "" if there is none. The HTML has links to the view's files.
func (p *Page) Index(base, view string) []byte {
	page := bytes.Replace(p.index, []byte("{{base}}"), []byte(html.EscapeString(base)), 1)
	return bytes.Replace(page, []byte("{{preload}}"), []byte(p.links[view]), 1)
}

// File returns a file by its path below ui/. The path begins with the version of the whole page, so
// that browsers can cache a file forever and versions never mix.
func (p *Page) File(name string) (File, bool) {
	f, ok := p.files[name]
	return f, ok
}

// Version returns a hash of the whole page.
func (p *Page) Version() string { return p.version }
