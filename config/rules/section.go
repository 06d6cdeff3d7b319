package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/config/ini"
	"graphited/config/problem"
)

// ruleSection is one section of a rule file while it is read.
type ruleSection struct {
	name    string
	file    *ini.File
	line    int
	entries []ini.Entry
	known   []string
	report  problem.Report

	compiled *pyvalue.Regexp // what pattern returned
}

// readRules calls read for each section that carbon's loader sees, in file order, and warns about
// what is in the file to no effect. read tells whether it has kept the section.
func readRules(path string, text []byte, known []string, read func(*ruleSection) bool) problem.Report {
	f, report := ini.Parse(path, text)
	var catchAll string
	for _, section := range f.Sections {
		s := &ruleSection{name: section.Name, file: f, line: section.Line, known: known}
		if !section.Bare {
			s.warn("", "there is text after the bracket, so carbon does not see this section: it is skipped")
			report = append(report, s.report...)
			continue
		}
		s.entries, s.report = f.Items(section)
		if _, ok := s.get("pattern"); section.Name == ini.DefaultSection && !ok {
			continue // it only lends its options to the others
		}
		if s.report.Err() == nil {
			s.checkKeys()
			kept := read(s)
			switch {
			case kept && catchAll != "":
				s.warn("", fmt.Sprintf("never used: section %s above matches every metric", catchAll))
			case kept && s.compiled != nil && s.compiled.MatchesAll():
				catchAll = "[" + s.name + "]"
			}
		}
		report = append(report, s.report...)
	}
	return report.SortLines()
}

// get gives the value of a key, written in any case.
func (s *ruleSection) get(key string) (string, bool) {
	e, ok := s.find(key)
	return e.Value, ok
}

func (s *ruleSection) find(key string) (ini.Entry, bool) {
	key = strings.ToLower(key)
	i := slices.IndexFunc(s.entries, func(e ini.Entry) bool { return e.Key == key })
	if i < 0 {
		return ini.Entry{}, false
	}
	return s.entries[i], true
}

func (s *ruleSection) add(severity problem.Severity, key, msg string) {
	p := problem.Problem{Severity: severity, File: s.file.Path, Line: s.line, Section: s.name, Key: key, Msg: msg}
	if e, ok := s.find(key); ok && key != "" {
		p.Line, p.Value = e.Line, e.Value
	}
	s.report = append(s.report, p)
}

func (s *ruleSection) fail(key, msg string) {
	if value, _ := s.get(key); ini.LooksCommented(value) {
		msg += " (" + ini.Commented + ")"
	}
	s.add(problem.Error, key, msg)
}

func (s *ruleSection) warn(key, msg string) { s.add(problem.Warning, key, msg) }

// pattern compiles the section's pattern. nil when there is none, or a bad one, which is then
// reported.
func (s *ruleSection) pattern() *pyvalue.Regexp {
	expr, _ := s.get("pattern")
	if expr == "" {
		s.warn("", "the section has no pattern: it is skipped")
		return nil
	}
	p, err := pyvalue.CompileRegexp(expr, matchTimeout)
	if err != nil {
		s.fail("pattern", err.Error())
		return nil
	}
	if strings.Contains(expr, "\n") {
		s.warn("pattern", "the pattern goes over several lines, so it contains a line break, and no metric has one")
	}
	if why := oddPattern(expr); why != "" {
		s.warn("pattern", why)
	}
	if why := p.Slow(); why != "" {
		s.add(problem.Debug, "pattern", fmt.Sprintf("%s is Python's alone: this pattern is matched by a slower engine", why))
	}
	s.compiled = p
	return p
}

// oddPattern says why a pattern most probably is not what somebody meant; "" when it looks sound.
func oddPattern(expr string) string {
	quoted := len(expr) >= 2 && expr[0] == expr[len(expr)-1] && strings.ContainsAny(expr[:1], `"'`)
	switch {
	case ini.LooksCommented(expr):
		return ini.Commented + ", and this pattern matches no name without it"
	case quoted:
		return "the quotes are part of the pattern, and it matches no name without them"
	}
	return ""
}

// checkKeys warns about keys that nobody reads.
func (s *ruleSection) checkKeys() {
	for _, e := range s.entries {
		if e.Inherited || slices.ContainsFunc(s.known, func(k string) bool { return strings.EqualFold(k, e.Key) }) {
			continue
		}
		switch e.Key {
		case "priority", "compressed", "migration", "xffmigration", "aggregationmethodmigration":
			s.warn(e.Key, "this is go-carbon's and has no effect: sections are tried in the order of the file")
			continue
		}
		msg := "unknown key"
		if n := problem.Nearest(e.Key, s.known); n != "" {
			msg += ": did you mean " + n + "?"
		}
		s.warn(e.Key, msg)
	}
}

// matchTimeout ends a match that backtracks for ever.
const matchTimeout = time.Second
