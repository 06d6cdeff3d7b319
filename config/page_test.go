package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/problem"
	"graphited/config/rules"
)

const docs = "../docs"

// optionsPage is docs/options.md, made of the declarations.
func optionsPage() string {
	var b strings.Builder
	b.WriteString(`# Options

This page is made of the declarations in the code: ` + "`go test ./config -run TestOptionsPage -update`" + ` writes it.

Options stand in carbon.conf, in the sections [cache] and [web], one a line: ` + "`NAME = value`" + `. A comment has to stand on a line of its own. ` + "`graphited check FILE`" + ` says what is wrong with a file, and what in it has no effect;
with ` + "`--all`" + ` it prints the value of each option and where that was set, as the page /status does. Flags and environment variables win over the file: docs/commands.md has them.

- **0** is no limit of a limit, as inf is; of a port, an interval or a cache it is off. Where it would stop everything, or has no meaning, it is refused, and so is inf where it makes no sense.
- **Times** are in seconds, or have units: ` + "`500ms`, `3 s`, `10m`, `1.5h`, `1h 30m`, `90d`, `2w`, `1y`" + `.
- **Sizes** are in bytes, or have units: kB, MB, GB and TB are powers of 1000; K, KiB, M, MiB, G, GiB, T and TiB are powers of 1024.
- **Booleans** are True or False, also yes, no, on, off, 1 and 0. **Lists** have commas between their items.
- **Paths** are relative to the folder of carbon.conf; ` + "`~`" + ` is the home folder.

"Of" says who else knows the option: carbon, or graphite-web in local_settings.py. What they know and graphited does not is named by ` + "`graphited check`" + ` with the reason.
`)
	for _, section := range []struct{ name, title string }{{"cache", "receiving, writing, files"}, {"web", "HTTP, queries, clusters"}} {
		fmt.Fprintf(&b, "\n## [%s]: %s\n\n| option | default | value | of | meaning |\n| --- | --- | --- | --- | --- |\n", section.name, section.title)
		for _, o := range Options() {
			if o.Section == section.name {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", o.Name, o.Default, o.takes(), o.of(), strings.ReplaceAll(o.Doc, "|", `\|`))
			}
		}
	}
	return b.String()
}

// of says whose option it is.
func (o Option) of() string {
	switch {
	case o.Own:
		return ""
	case o.Section == "web":
		return "graphite-web"
	}
	return "carbon"
}

// takes says which values an option takes.
func (o Option) takes() string {
	var text string
	switch {
	case o.OneOf != "":
		return strings.ReplaceAll(strings.Trim(o.OneOf, ","), ",", ", ")
	case o.Kind == "share":
		return "0 to 1"
	case o.Kind == "port":
		return "port; 0: off"
	case o.Kind == "interface":
		return "address"
	case o.Kind == "path":
		return "path"
	}
	text = o.Type
	if o.Unit != "" && o.Type == "number" {
		text = o.Unit
	}
	switch {
	case o.Min != "" && o.Max != "":
		text += ", " + o.Min + " to " + o.Max
	case o.Min != "":
		text += ", at least " + o.Min
	case o.Max != "":
		text += ", at most " + o.Max
	}
	switch o.Kind {
	case "limit":
		return text + "; 0 or inf: no limit"
	case "limit>0":
		return text + "; inf: no limit"
	case "off":
		return text + "; 0: off"
	}
	return text
}

// TestOptionsPage holds docs/options.md to the declarations.
func TestOptionsPage(t *testing.T) {
	compareGolden(t, filepath.Join(docs, "options.md"), optionsPage())
}

// pages returns README.md and all pages below docs, by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(list) < 5 {
		t.Fatalf("%d pages: %v", len(list), err)
	}
	all := map[string]string{}
	for _, path := range append(list, "../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(filepath.ToSlash(path), "../docs/")] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return all
}

// TestDefaultsInPages holds each default that stands in a table of options to what is declared.
func TestDefaultsInPages(t *testing.T) {
	names := regexp.MustCompile("`([A-Z][A-Z0-9_]+)`")
	checked := 0
	for page, text := range pages(t) {
		for line := range strings.Lines(text) {
			cells := strings.Split(strings.TrimSpace(line), "|") // the first and the last are empty
			if page == "options.md" || page == "differences.md" || len(cells) < 5 {
				continue
			}
			keys := names.FindAllStringSubmatch(cells[1], -1)
			if len(keys) == 0 || strings.TrimSpace(names.ReplaceAllString(cells[1], "")) != strings.TrimSpace(strings.Repeat(", ", len(keys)-1)) {
				continue // not a table of options
			}
			defaults := strings.Split(strings.TrimSpace(cells[2]), ", ")
			for i, key := range keys {
				checked++
				if len(defaults) != len(keys) || !isDefaultOf(key[1], strings.Trim(defaults[i], "`")) {
					t.Errorf("%s: %q is not the default of %s", page, cells[2], key[1])
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d defaults were found", checked)
	}
}

// isDefaultOf reports whether a text is read as the default of an option.
func isDefaultOf(key, text string) bool {
	list := Options()
	i := slices.IndexFunc(list, func(o Option) bool { return o.Name == key })
	if i < 0 {
		return false
	}
	if list[i].Default == text {
		return true
	}
	c := newConfig(Source{})
	for _, target := range newLoader(Source{}, c).targets {
		if f, ok := target.fields[key]; ok {
			_, msg := f.set(text)
			return msg == "" && f.text() == list[i].Default
		}
	}
	return false
}

// fileOf says of which file a piece is, by what is in it.
func fileOf(text string) string {
	for _, f := range [...]struct{ word, file string }{{"maxSeries", rules.QuotasFile}, {"retentions", rules.SchemasFile}, {"xFilesFactor", rules.AggregationFile}, {"[pre]", "rewrite-rules.conf"}, {"[post]", "rewrite-rules.conf"}, {"fontName", rules.TemplatesFile}} {
		if strings.Contains(text, f.word) {
			return f.file
		}
	}
	return "carbon.conf"
}

// TestSnippetsOfConfiguration: each piece of a configuration file on a page can be used as it
// stands, alone, and means something.
func TestSnippetsOfConfiguration(t *testing.T) {
	found := 0
	for page, text := range pages(t) {
		for _, snippet := range regexp.MustCompile("(?s)\n```ini\n(.*?)\n```\n").FindAllStringSubmatch(text, -1) {
			found++
			file := fileOf(snippet[1])
			files := map[string]string{"carbon.conf": "[cache]\n", "users": "ann:sha256:" + strings.Repeat("0", 64) + "\n"}
			files[file] = snippet[1]
			dir := configtest.WriteFiles(t, files)
			c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv, StorageDir: filepath.Join(dir, "data")})
			for _, p := range append(report, c.Check("info")...) {
				if p.Severity > problem.Debug && !strings.Contains(p.Msg, "graphited's own rules are in force") {
					t.Errorf("%s: %s: %s", page, p.Severity, p)
				}
			}
			if file == "carbon.conf" && len(c.origins) < 3 { // two are those of LOCAL_DATA_DIR and of the limit on updates
				t.Errorf("%s: nothing is set by\n%s", page, snippet[1])
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d pieces were found", found)
	}
}
