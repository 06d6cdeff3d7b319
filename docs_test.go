package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"graphited/config"
)

var update = flag.Bool("update", false, "rewrite docs/commands.md")

// environment describes the environment variables that belong to no flag.
const environment = `## The environment

Each flag of the server has a variable. A flag wins over its variable, and both win over the configuration file. graphited also reads these variables:

| variable | meaning |
| --- | --- |
| ` + "`GRAPHITE_ROOT`" + ` | Graphite's folder, as for carbon. Its folders conf and storage are the defaults of the next two variables |
| ` + "`GRAPHITE_CONF_DIR`" + ` | the folder of carbon.conf and the rule files, without ` + "`--config`" + `. CONF_DIR in carbon.conf wins over it |
| ` + "`GRAPHITE_STORAGE_DIR`" + ` | the folder of the data, if neither ` + "`--storage-dir`" + ` nor carbon.conf sets it. The default is graphited-data in the current folder |
| ` + "`HOME`" + ` | the folder that ` + "`~`" + ` means in paths of carbon.conf |
| ` + "`GOGC`" + ` | a variable of Go: how much memory may grow between two garbage collections, in percent. The default is 50 |
`

// commandsPage returns docs/commands.md, generated from the declarations.
func commandsPage() string {
	var b strings.Builder
	b.WriteString("# Commands and flags\n\nThis page is generated from the declarations in the code by `go test . -run TestCommandsPage -update`. `graphited COMMAND --help` prints the same texts.\n\n")
	app := newApp(io.Discard, io.Discard)
	fmt.Fprintf(&b, "## graphited\n\n%s\n\n", app.Description)
	common := map[string]bool{}
	flagTable(&b, app.Flags)
	for _, f := range app.Flags {
		common[f.Names()[0]] = true
	}
	for _, c := range app.Commands {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", strings.TrimSpace("graphited "+c.Name+" "+c.ArgsUsage), strings.ToUpper(c.Usage[:1])+c.Usage[1:])
		if c.Description != "" {
			fmt.Fprintf(&b, "%s\n", c.Description)
		}
		flags := c.VisibleFlags()
		if shared := slices.ContainsFunc(flags, func(f cli.Flag) bool { return common[f.Names()[0]] }); shared {
			b.WriteString("It also takes the flags of the server that locate the configuration.\n")
		}
		if own := slices.DeleteFunc(slices.Clone(flags), func(f cli.Flag) bool { return common[f.Names()[0]] || f.Names()[0] == "help" }); len(own) > 0 {
			b.WriteString("\n")
			flagTable(&b, own)
		}
		if len(c.Subcommands) > 0 {
			b.WriteString("\n| command | what it does |\n| --- | --- |\n")
			for _, s := range c.Subcommands {
				fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(strings.Join(strings.Fields(c.Name+" "+s.Name+" "+s.ArgsUsage), " "), "|", `\|`), strings.ReplaceAll(s.Usage, "|", `\|`))
			}
		}
	}
	return b.String() + "\n" + environment
}

var placeholder = regexp.MustCompile("`([^`]*)`")

// flagTable writes a row for each flag.
func flagTable(b *strings.Builder, flags []cli.Flag) {
	b.WriteString("| flag | environment | meaning |\n| --- | --- | --- |\n")
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok || f.Names()[0] == "help" || f.Names()[0] == "version" {
			continue
		}
		value, usage := "", d.GetUsage()
		if d.TakesValue() {
			if value = " VALUE"; placeholder.MatchString(usage) {
				value = " " + placeholder.FindStringSubmatch(usage)[1]
			}
		}
		usage = placeholder.ReplaceAllString(usage, "$1")
		var names, env []string
		for _, n := range f.Names() {
			names = append(names, "`-"+strings.Repeat("-", min(1, len(n)-1))+n+value+"`")
		}
		for _, e := range d.GetEnvVars() {
			env = append(env, "`"+e+"`")
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", strings.Join(names, ", "), strings.Join(env, ", "), strings.ReplaceAll(usage, "|", `\|`))
	}
}

// TestCommandsPage compares docs/commands.md with the declarations.
func TestCommandsPage(t *testing.T) {
	const path = "docs/commands.md"
	got := commandsPage()
	if *update {
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s is not up to date: go test . -run TestCommandsPage -update", path)
	}
}

// pages returns README.md and all pages in docs, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	list, err := filepath.Glob("docs/*.md")
	if err != nil || len(list) < 5 {
		t.Fatalf("%d pages: %v", len(list), err)
	}
	all := map[string]string{}
	for _, path := range append(list, "README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return all
}

// TestEnvironmentInDocs checks that a page mentions each environment variable that the program
// reads.
func TestEnvironmentInDocs(t *testing.T) {
	var text strings.Builder
	for _, page := range pages(t) {
		text.WriteString(page)
	}
	name := regexp.MustCompile(`(?:env|Env|Getenv)\("([A-Z][A-Z_]+)"|"(GRAPHITED?_[A-Z_]*[A-Z])"`)
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(code), -1) {
			found[m[1]+m[2]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(found, "GRAPHITE_URL") // an option of carbon
	delete(found, "GRAPHITED_")   // the prefix of the variables of flags
	if len(found) < 5 {
		t.Errorf("only %d variables were found", len(found))
	}
	for e := range found {
		if !strings.Contains(text.String(), "`"+e+"`") {
			t.Errorf("no page mentions %s", e)
		}
	}
}

// TestCommandLinesInDocs checks that the command lines on the pages use commands and flags that
// exist.
func TestCommandLinesInDocs(t *testing.T) {
	app := newApp(io.Discard, io.Discard)
	lines := 0
	for page, text := range pages(t) {
		for _, line := range commandLines(text) {
			lines++
			words := strings.Fields(line)[1:]
			flags := app.Flags
			if len(words) > 0 && !strings.HasPrefix(words[0], "-") {
				if words[0] == "help" {
					continue // package cli adds it
				}
				c := app.Command(words[0])
				if c == nil {
					t.Errorf("%s: there is no command %q: %s", page, words[0], line)
					continue
				}
				if flags = c.Flags; words[0] == "whisper" {
					continue // the flags belong to the whisper tools
				}
			}
			for _, w := range words {
				name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
				isFlag := strings.HasPrefix(w, "-") && len(name) > 0 && (name[0] < '0' || name[0] > '9')
				if isFlag && !hasFlag(flags, name) && name != "help" && name != "version" {
					t.Errorf("%s: %s is not a flag: %s", page, w, line)
				}
			}
		}
	}
	if lines < 15 {
		t.Errorf("only %d command lines were found", lines)
	}
}

func hasFlag(flags []cli.Flag, name string) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// commandLines returns the command lines of graphited in the code on a page.
func commandLines(text string) (lines []string) {
	var code []string
	for _, m := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```\n").FindAllStringSubmatch(text, -1) {
		code = append(code, strings.Split(m[1], "\n")...)
	}
	for _, m := range regexp.MustCompile("`(graphited [^`\n]+)`").FindAllStringSubmatch(text, -1) {
		code = append(code, m[1])
	}
	for _, line := range code {
		line, _, _ = strings.Cut(line, " #")
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "graphited ") && !strings.ContainsAny(line, "[|") && !strings.Contains(line, "...") && !strings.Contains(line, "COMMAND") {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestOptionsInText checks that each option that a page names exists, or belongs to Graphite.
func TestOptionsInText(t *testing.T) {
	ours := map[string]bool{}
	for _, o := range config.Options() {
		ours[o.Name] = true
	}
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile("`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?: = [^`]*)?`").FindAllStringSubmatch(text, -1) {
			if !ours[m[1]] && !strings.HasPrefix(m[1], "GRAPHITE") {
				t.Errorf("%s: %s is not an option", page, m[1])
			}
		}
	}
}
