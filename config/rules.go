package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

const (
	schemasFile     = "storage-schemas.conf"
	aggregationFile = "storage-aggregation.conf"
)

// Rules say how each metric is stored. They are immutable and safe for concurrent use; a reload
// makes new ones.
type Rules struct {
	Schemas     Schemas
	Aggregation Aggregation

	builtin bool           // there is no storage-schemas.conf
	specs   []whisper.Spec // of each pair of schema and aggregation rule
}

// Spec gives what the file of a metric is created to. It allocates nothing: the archives are shared
// and must not be changed. The price is that of matching the patterns one after the other until the
// first that fits.
func (r *Rules) Spec(metric string) whisper.Spec {
	return r.specs[r.Schemas.find(metric)*len(r.Aggregation)+r.Aggregation.find(metric)]
}

func newRules(schemas Schemas, aggregation Aggregation) *Rules {
	r := &Rules{Schemas: schemas, Aggregation: aggregation}
	for _, s := range schemas {
		for _, a := range aggregation {
			r.specs = append(r.specs, whisper.Spec{Archives: s.Archives, Method: a.Method, XFilesFactor: a.XFilesFactor})
		}
	}
	return r
}

// LoadRules reads storage-schemas.conf and storage-aggregation.conf of a folder, at the start and
// again at each reload. Rules whose report has an error must not be used: who reloads keeps those
// it has.
//
// With need, which is for those who have read one before, a missing storage-schemas.conf is an
// error. Without need, built-in schemas take its place; carbon would not start. A missing
// storage-aggregation.conf leaves average and 0.5 for everything, as in carbon, or built-in rules
// when the schemas are built in too.
func LoadRules(confDir string, need bool) (*Rules, Report) {
	var report Report
	schemas, aggregation := builtinSchemas(), builtinAggregation()
	builtin := false
	path := filepath.Join(confDir, schemasFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		schemas, report = loadSchemas(path, text)
	case errors.Is(err, fs.ErrNotExist) && !need:
		builtin = true
	case errors.Is(err, fs.ErrNotExist):
		report = Report{{Severity: Error, File: path, Msg: "the file is missing; it says how long metrics are kept"}}
	default:
		report = Report{{Severity: Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)}}
	}

	path = filepath.Join(confDir, aggregationFile)
	text, err = os.ReadFile(path)
	switch {
	case err == nil:
		var more Report
		aggregation, more = loadAggregation(path, text)
		report = append(report, more...)
	case errors.Is(err, fs.ErrNotExist) && builtin:
	case errors.Is(err, fs.ErrNotExist):
		aggregation = Aggregation{fallbackAggregation()}
		report = append(report, Problem{Severity: Debug, File: path, Msg: "the file is missing: everything is rolled up by average, with xFilesFactor 0.5"})
	default:
		aggregation = Aggregation{fallbackAggregation()}
		report = append(report, Problem{Severity: Warning, File: path,
			Msg: fmt.Sprintf("cannot read the file: %v: everything is rolled up by average, with xFilesFactor 0.5", err)})
	}
	rules := newRules(schemas, aggregation)
	rules.builtin = builtin
	return rules, report
}

// ruleSection is one section of a rule file while it is read.
type ruleSection struct {
	name    string
	file    *iniFile
	line    int
	entries []entry
	known   []string
	report  Report

	compiled *pyvalue.Regexp // what pattern returned
}

// readRules calls read for each section that carbon's loader sees, in file order, and warns about
// what is in the file to no effect. read tells whether it has kept the section.
func readRules(path string, text []byte, known []string, read func(*ruleSection) bool) Report {
	f, report := parseINI(path, text)
	var catchAll string
	for _, section := range f.sections {
		s := &ruleSection{name: section.name, file: f, line: section.line, known: known}
		if !section.bare {
			s.warn("", "there is text after the bracket, so carbon does not see this section: it is skipped")
			report = append(report, s.report...)
			continue
		}
		s.entries, s.report = f.items(section)
		if _, ok := s.get("pattern"); section.name == defaultSection && !ok {
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
	return report.sortLines()
}

// get gives the value of a key, written in any case.
func (s *ruleSection) get(key string) (string, bool) {
	e, ok := s.find(key)
	return e.value, ok
}

func (s *ruleSection) find(key string) (entry, bool) {
	key = strings.ToLower(key)
	i := slices.IndexFunc(s.entries, func(e entry) bool { return e.key == key })
	if i < 0 {
		return entry{}, false
	}
	return s.entries[i], true
}

func (s *ruleSection) add(severity Severity, key, msg string) {
	p := Problem{Severity: severity, File: s.file.path, Line: s.line, Section: s.name, Key: key, Msg: msg}
	if e, ok := s.find(key); ok && key != "" {
		p.Line, p.Value = e.line, e.value
	}
	s.report = append(s.report, p)
}

func (s *ruleSection) fail(key, msg string) {
	if value, _ := s.get(key); looksCommented(value) {
		msg += " (" + commented + ")"
	}
	s.add(Error, key, msg)
}

func (s *ruleSection) warn(key, msg string) { s.add(Warning, key, msg) }

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
		s.add(Debug, "pattern", fmt.Sprintf("%s is Python's alone: this pattern is matched by a slower engine", why))
	}
	s.compiled = p
	return p
}

// matchTimeout ends a match that backtracks for ever.
const matchTimeout = time.Second

// oddPattern says why a pattern most probably is not what somebody meant; "" when it looks sound.
func oddPattern(expr string) string {
	quoted := len(expr) >= 2 && expr[0] == expr[len(expr)-1] && strings.ContainsAny(expr[:1], `"'`)
	switch {
	case looksCommented(expr):
		return commented + ", and this pattern matches no name without it"
	case quoted:
		return "the quotes are part of the pattern, and it matches no name without them"
	}
	return ""
}

// checkKeys warns about keys that nobody reads.
func (s *ruleSection) checkKeys() {
	for _, e := range s.entries {
		if e.inherited || slices.ContainsFunc(s.known, func(k string) bool { return strings.EqualFold(k, e.key) }) {
			continue
		}
		switch e.key {
		case "priority", "compressed", "migration", "xffmigration", "aggregationmethodmigration":
			s.warn(e.key, "this is go-carbon's and has no effect: sections are tried in the order of the file")
			continue
		}
		msg := "unknown key"
		if n := nearest(e.key, s.known); n != "" {
			msg += ": did you mean " + n + "?"
		}
		s.warn(e.key, msg)
	}
}
