package rules

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"graphited/carbon/conf"
	"graphited/config/configtest"
)

func TestLoadNames(t *testing.T) {
	f := func(files map[string]string, use bool, want string, problems ...string) {
		t.Helper()
		o := conf.DefaultOptions()
		o.UseWhitelist = use
		dir := configtest.WriteFiles(t, files)
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
	dir := configtest.WriteFiles(t, map[string]string{"mine": "[pre]\na = b\n"})
	o := conf.DefaultOptions()
	for name, want := range map[string]int{"mine": 1, filepath.Join(dir, "mine"): 1, "": 0, "other": 0} {
		o.RewriteRules = name
		if rules, _ := LoadNames(dir, &o); len(rules.Pre) != want {
			t.Errorf("REWRITE_RULES %q: %d rules, want %d", name, len(rules.Pre), want)
		}
	}
}
