package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon"
)

func TestLoadNames(t *testing.T) {
	f := func(files map[string]string, use bool, want string, problems ...string) {
		t.Helper()
		o := carbon.DefaultOptions()
		o.UseWhitelist = use
		dir := writeFiles(t, files)
		rules, report := LoadNames(dir, &o)
		if got := fmt.Sprint(rules.Blacklist, rules.Whitelist, rules.Pre, rules.Post); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		var got []string
		for _, p := range report {
			got = append(got, p.Severity.String()+" "+strings.TrimPrefix(p.String(), dir+string(filepath.Separator)))
		}
		if strings.Join(got, "\n") != strings.Join(problems, "\n") {
			t.Errorf("reported\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(problems, "\n"))
		}
	}
	f(nil, true, "[] [] [] []")
	f(map[string]string{"blacklist.conf": "a\n#b\n #c\n\nd\n", "whitelist.conf": "x"}, true, "[a #c d] [x] [] []")
	f(map[string]string{"blacklist.conf": "a", "whitelist.conf": "x"}, false, "[] [] [] []")
	f(map[string]string{"blacklist.conf": "a\r\n(\r\n(?!b)c\r\n"}, true, "[a (?!b)c] [] [] []",
		`warning blacklist.conf:2: "(": missing ), unterminated group: the line is skipped`,
		`debug blacklist.conf:3: "(?!b)c": look-ahead is Python's alone: this pattern is matched by a slower engine, once for each new name`)
	f(map[string]string{"rewrite-rules.conf": "[pre]\na = b\n c=d=e\n[POST]\n(x) = \\1\\1\n"}, false, `[] [] [a = b c = d=e] [(x) = \1\1]`)
	f(map[string]string{"rewrite-rules.conf": "a = b\n[pre]\nno rule\n(a) = \\2\nb=c = \\w\nk = v\n[mid]\nx = y\n[pre]\nz = \n"}, false, `[] [] [z = ] []`,
		`warning rewrite-rules.conf:1: "a = b" stands before the first section and is not used; expected [pre] or [post] above it`,
		`warning rewrite-rules.conf:3: [pre]: "no rule" is no rule: expected PATTERN = REPLACEMENT`,
		`warning rewrite-rules.conf:4: [pre]: "(a) = \2": in the replacement: invalid group reference 2: the rule is skipped`,
		`warning rewrite-rules.conf:5: [pre]: "b=c = \w": in the replacement: bad escape \w: the rule is skipped (a rule is cut at its first "=": write . for one in the pattern)`,
		`warning rewrite-rules.conf:7: [mid]: unknown section: its rules are not used; expected [pre] or [post]`,
		`warning rewrite-rules.conf:9: [pre]: this section has been before: the rules that it had there are dropped, as carbon does`)
	f(map[string]string{"whitelist.conf": "a\xff"}, true, "[] [] [] []", "error whitelist.conf: cannot read the file: it is not valid UTF-8")
}

func TestRewriteRulesElsewhere(t *testing.T) {
	dir := writeFiles(t, map[string]string{"mine": "[pre]\na = b\n"})
	o := carbon.DefaultOptions()
	for name, want := range map[string]int{"mine": 1, filepath.Join(dir, "mine"): 1, "": 0, "other": 0} {
		o.RewriteRules = name
		if rules, _ := LoadNames(dir, &o); len(rules.Pre) != want {
			t.Errorf("REWRITE_RULES %q: %d rules, want %d", name, len(rules.Pre), want)
		}
	}
}

func TestLiveReload(t *testing.T) {
	dir := writeFiles(t, map[string]string{"carbon.conf": "[cache]\nUSE_WHITELIST = True\n", schemasFile: oneSchema, "blacklist.conf": "^a"})
	c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	l := NewLive(c, zerolog.New(&log))
	old, oldSpec := l.Names(), l.Spec("x").Archives[0].Points
	if len(old.Blacklist) != 1 {
		t.Fatalf("%d patterns", len(old.Blacklist))
	}
	write := func(name, text string, at int64) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(at, 0), time.Unix(at, 0)); err != nil {
			t.Fatal(err)
		}
	}
	l.reload(false)
	if l.Names() != old || log.Len() > 0 {
		t.Error("read anew although nothing has changed")
	}
	write("blacklist.conf", "^b\n^c", 1000)
	l.reload(false)
	if got := l.Names(); got == old || len(got.Blacklist) != 2 || l.rules.Load() != c.Rules {
		t.Error("a changed blacklist.conf was not read, or more than that")
	}
	old = l.Names()
	write("blacklist.conf", "\xff\xff", 1001)
	l.reload(false)
	if l.Names() != old || !strings.Contains(log.String(), "stay as they were") {
		t.Error("a damaged blacklist.conf took the old one's place")
	}
	write(schemasFile, "[x]\npattern = .*\nretentions = 1s:5\n", 1000)
	l.Reload()
	if got := l.Spec("x").Archives[0].Points; got != 5 || got == oldSpec {
		t.Errorf("%d points by the new schema", got)
	}
	if err := os.Remove(filepath.Join(dir, "blacklist.conf")); err != nil {
		t.Fatal(err)
	}
	l.reload(false)
	if !l.Names().Empty() {
		t.Error("a blacklist.conf that is gone still counts")
	}
}
