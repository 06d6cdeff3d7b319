package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"graphited/carbon"
	"graphited/carbon/conf"
	"graphited/carbon/pyvalue"
	"graphited/config/ini"
	"graphited/config/parse"
	"graphited/config/problem"
)

const (
	WhitelistFile = "whitelist.conf"
	BlacklistFile = "blacklist.conf"
)

// LoadNames reads the rules for received names: whitelist.conf and blacklist.conf of a folder when
// o asks for them, and the rewrite rules, as carbon does. A file that is not there has no rules. A
// line that carbon skips is skipped with a warning; when a file cannot be read that is an error,
// and the rules must not be used: the caller keeps those that it has.
func LoadNames(confDir string, o *conf.Options) (*carbon.NameRules, problem.Report) {
	r := new(carbon.NameRules)
	var report problem.Report
	for _, path := range NameFiles(confDir, o) {
		text, err := os.ReadFile(path)
		if err == nil && !utf8.Valid(text) {
			err = errors.New("it is not valid UTF-8")
		}
		var more problem.Report
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			p := problem.Problem{Severity: problem.Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)}
			if path == RewriteFile(confDir, o) { // which may have any name
				p.Section, p.Key = "cache", "REWRITE_RULES"
			}
			more = problem.Report{p}
		case filepath.Base(path) == WhitelistFile && o.UseWhitelist:
			r.Whitelist, more = parseList(path, string(text))
		case filepath.Base(path) == BlacklistFile && o.UseWhitelist:
			r.Blacklist, more = parseList(path, string(text))
		default:
			r.Pre, r.Post, more = parseRewrites(path, string(text))
		}
		report = append(report, more...)
	}
	return r, report
}

// NameFiles lists the files that LoadNames reads.
func NameFiles(confDir string, o *conf.Options) []string {
	var files []string
	if o.UseWhitelist {
		files = append(files, filepath.Join(confDir, BlacklistFile), filepath.Join(confDir, WhitelistFile))
	}
	if f := RewriteFile(confDir, o); f != "" {
		files = append(files, f)
	}
	return files
}

// RewriteFile is the file of rewrite rules, "" for none: relative to CONF_DIR, as in carbon.
func RewriteFile(confDir string, o *conf.Options) string {
	if o.RewriteRules == "" {
		return ""
	}
	return parse.Path(confDir, o.RewriteRules)
}

// parseList reads a file of patterns, one a line, as carbon's regexlist.
func parseList(path, text string) ([]carbon.Filter, problem.Report) {
	var list []carbon.Filter
	var report problem.Report
	for n, line := range textLines(text) {
		expr := strings.TrimSpace(line)
		if expr == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := pyvalue.CompileRegexp(expr, matchTimeout)
		if err != nil {
			report = append(report, problem.Problem{Severity: problem.Warning, File: path, Line: n + 1, Value: expr, Msg: fmt.Sprintf("%s: %v: the line is skipped", problem.Quote(expr), err)})
			continue
		}
		if why := oddPattern(expr); why != "" {
			report = append(report, problem.Problem{Severity: problem.Warning, File: path, Line: n + 1, Msg: problem.Quote(expr) + ": " + why})
		}
		report = append(report, slowPattern(path, n+1, p)...)
		list = append(list, p)
	}
	return list, report
}

// parseRewrites reads rewrite-rules.conf as carbon's rewrite: sections [pre] and [post], in each
// "pattern = replacement", cut at the first "=".
func parseRewrites(path, text string) (pre, post []carbon.Rewrite, report problem.Report) {
	rules := map[string][]carbon.Rewrite{}
	section, known := "", false
	for n, line := range textLines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		warn := func(format string, args ...any) {
			report = append(report, problem.Problem{Severity: problem.Warning, File: path, Line: n + 1, Section: section, Msg: fmt.Sprintf(format, args...)})
		}
		if line[0] == '[' && line[len(line)-1] == ']' {
			section = strings.ToLower(line[1 : len(line)-1])
			if known = section == "pre" || section == "post"; !known {
				warn("unknown section: its rules are not used; expected [pre] or [post]")
			}
			if len(rules[section]) > 0 {
				warn("this section has been before: the rules that it had there are dropped, as carbon does")
			}
			delete(rules, section)
			continue
		}
		expr, template, ok := strings.Cut(line, "=")
		expr, template = strings.TrimSpace(expr), strings.TrimSpace(template)
		switch {
		case !ok:
			warn("%s is no rule: expected PATTERN = REPLACEMENT", problem.Quote(line))
			continue
		case section == "":
			warn("%s stands before the first section and is not used; expected [pre] or [post] above it", problem.Quote(line))
			continue
		case !known:
			continue
		}
		s, err := pyvalue.CompileSubstitution(expr, template, matchTimeout)
		if err != nil {
			hint := ""
			if strings.Contains(template, "=") {
				hint = ` (a rule is cut at its first "=": write . for one in the pattern)`
			}
			warn("%s: %v: the rule is skipped%s", problem.Quote(line), err, hint)
			continue
		}
		if ini.LooksCommented(line) {
			warn("%s: %s", problem.Quote(line), ini.Commented)
		}
		report = append(report, slowPattern(path, n+1, s.Regexp())...)
		rules[section] = append(rules[section], s)
	}
	return rules["pre"], rules["post"], report
}

// slowPattern notes a pattern that only the backtracking engine can match.
func slowPattern(path string, line int, p *pyvalue.Regexp) problem.Report {
	if p.Slow() == "" {
		return nil
	}
	return problem.Report{{Severity: problem.Debug, File: path, Line: line, Value: p.String(),
		Msg: fmt.Sprintf("%s: %s is Python's alone: this pattern is matched by a slower engine, once for each new name", problem.Quote(p.String()), p.Slow())}}
}

// textLines cuts a text at its line ends, of whichever system.
func textLines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}
