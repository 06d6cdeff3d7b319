package web

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func newPage(t *testing.T) *Page {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestIndex checks that every file that the page names exists, and that its base is the given one.
func TestIndex(t *testing.T) {
	p := newPage(t)
	index := string(p.Index(`"><script>`, "explore"))
	if !strings.Contains(index, `<base href="&#34;&gt;&lt;script&gt;">`) {
		t.Errorf("the base is not escaped: %s", index)
	}
	named := regexp.MustCompile(`(?:src|href)="ui/([^"]+)"`).FindAllStringSubmatch(index, -1)
	if len(named) < 4 {
		t.Errorf("the page names %d files", len(named))
	}
	for _, m := range named {
		if _, ok := p.File(m[1]); !ok {
			t.Errorf("the page names %q, which does not exist", m[1])
		}
	}
	if strings.Contains(index, "{{") {
		t.Error("a placeholder was not replaced")
	}
}

// TestFile checks that files are found by their exact names and only for this version.
func TestFile(t *testing.T) {
	p := newPage(t)
	f := func(name, contentType string) {
		t.Helper()
		got, ok := p.File(name)
		if ok != (contentType != "") || got.Type != contentType {
			t.Errorf("%q is %v, of type %q, want %q", name, ok, got.Type, contentType)
		}
	}
	f(p.Version()+"/js/main.js", "text/javascript; charset=utf-8")
	f(p.Version()+"/css/base.css", "text/css; charset=utf-8")
	f(p.Version()+"/icon.svg", "image/svg+xml")
	f(p.Version()+"/js/../js/main.js", "")
	f(p.Version()+"/index.html", "")
	f(p.Version()+"/js", "")
	f("000000000000/js/main.js", "")
	f("js/main.js", "")
	f("", "")
}

// TestModules follows every import, and checks that it leads to every file.
func TestModules(t *testing.T) {
	p := newPage(t)
	read := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if read[name] {
			return
		}
		read[name] = true
		f, ok := p.File(p.Version() + "/" + name)
		if !ok {
			t.Errorf("%q is imported but does not exist", name)
		}
		for _, m := range regexp.MustCompile(`(?:from|import\()\s*"\./([^"]+)"`).FindAllStringSubmatch(string(f.Body), -1) {
			follow("js/" + m[1])
		}
		for _, m := range regexp.MustCompile(`style\("(css/\w+\.css)"\)`).FindAllStringSubmatch(string(f.Body), -1) {
			read[m[1]] = true
		}
	}
	follow("js/main.js")
	index := string(p.Index("./", ""))
	for name, f := range p.files {
		name = strings.TrimPrefix(name, p.Version()+"/")
		if !read[name] && !strings.Contains(index, p.Version()+"/"+name) {
			t.Errorf("%q is not used", name)
		}
		for _, forbidden := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "https://", "http://"} {
			text := strings.ReplaceAll(string(f.Body), "http://www.w3.org/2000/svg", "")
			if strings.Contains(text, forbidden) {
				t.Errorf("%q contains %q", name, forbidden)
			}
		}
	}
}

// TestLean checks that comments and indentation are removed and everything else stays.
func TestLean(t *testing.T) {
	f := func(ext, in, want string) {
		t.Helper()
		if got := string(lean(ext, []byte(in))); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	f(".js", "// a\nlet x = 1; // b\n\n  /** c\n   * d\n   */\n  x++;", "let x = 1; // b\nx++;\n")
	f(".js", "/** a */\nb(\"http://c\");\n", "b(\"http://c\");\n")
	f(".css", "/* a */\na { b: c; }\n", "a { b: c; }\n")
	f(".svg", "  <svg/>\n", "  <svg/>\n")
	err := fs.WalkDir(embedded, "ui/js", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		for line := range bytes.Lines(body) {
			if bytes.Count(line, []byte("`"))%2 != 0 {
				t.Errorf("%s has a string literal that spans lines: %s", name, line)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSize checks that the page is small: the size of the files that must be loaded for a view,
// with those that every view needs.
func TestSize(t *testing.T) {
	p := newPage(t)
	static := regexp.MustCompile(`from\s*"\./([^"]+)"`)
	var load func(name string, read map[string]int)
	load = func(name string, read map[string]int) {
		if _, ok := read[name]; ok {
			return
		}
		f, ok := p.File(p.Version() + "/" + name)
		if !ok {
			t.Fatalf("%q does not exist", name)
		}
		read[name] = len(f.Body)
		for _, m := range static.FindAllStringSubmatch(string(f.Body), -1) {
			load("js/"+m[1], read)
		}
		for _, m := range regexp.MustCompile(`style\("(css/\w+\.css)"\)`).FindAllStringSubmatch(string(f.Body), -1) {
			load(m[1], read)
		}
	}
	index := string(p.Index("./", ""))
	main, _ := p.File(p.Version() + "/js/main.js")
	views := regexp.MustCompile(`import\("\./([^"]+)"\)`).FindAllStringSubmatch(string(main.Body), -1)
	if len(views) < 4 {
		t.Errorf("there are %d views", len(views))
	}
	for _, view := range views {
		read := map[string]int{"index.html": len(index)}
		for _, m := range regexp.MustCompile(`(?:src|href)="ui/[^/]+/([^"]+)"`).FindAllStringSubmatch(index, -1) {
			load(m[1], read)
		}
		load("js/"+view[1], read)
		size := 0
		for _, n := range read {
			size += n
		}
		t.Logf("%s: %d bytes in %d files", view[1], size, len(read))
		if size >= 150_000 {
			t.Errorf("%s has %d bytes, at most 150,000 are allowed", view[1], size)
		}
	}
}
