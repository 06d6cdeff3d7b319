package config

import (
	"fmt"
	"slices"
	"strings"

	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// Schema says how long, and how finely, the metrics that match a pattern are kept: a section of
// storage-schemas.conf.
type Schema struct {
	Name     string
	Pattern  *pyvalue.Regexp   // nil matches every metric
	Archives []whisper.Archive // finest first; not to be changed
}

// Schemas are tried in order; the first that matches counts. The last one matches every metric.
type Schemas []Schema

// Match gives the schema for a metric. The name of a tagged series is its canonical one,
// ";tag=value" included. The archives are shared: they must not be changed.
func (s Schemas) Match(metric string) (name string, archives []whisper.Archive) {
	m := &s[s.find(metric)]
	return m.Name, m.Archives
}

func (s Schemas) find(metric string) int {
	for i := range s {
		if s[i].Pattern == nil || s[i].Pattern.Match(metric) {
			return i
		}
	}
	panic("BUG: the last schema does not match every metric")
}

// builtinSchemas are used when there is no storage-schemas.conf: carbon's own metrics at their
// interval, all else for a year.
func builtinSchemas() Schemas {
	return Schemas{
		{Name: "carbon", Pattern: mustCompile(`^carbon\.`), Archives: []whisper.Archive{{Step: 60, Points: 90 * 1440}}},
		{Name: "default", Pattern: mustCompile(`.*`), Archives: []whisper.Archive{
			{Step: 10, Points: 6 * 360}, {Step: 60, Points: 7 * 1440}, {Step: 600, Points: 365 * 144}}},
		fallbackSchema(),
	}
}

// fallbackSchema is what carbon has behind the last section: a week of minutes.
func fallbackSchema() Schema {
	return Schema{Name: "default", Archives: []whisper.Archive{{Step: 60, Points: 7 * 1440}}}
}

func mustCompile(expr string) *pyvalue.Regexp {
	p, err := pyvalue.CompileRegexp(expr, matchTimeout)
	if err != nil {
		panic(fmt.Sprintf("BUG: built-in pattern %q: %v", expr, err))
	}
	return p
}

// loadSchemas reads storage-schemas.conf as carbon's loadStorageSchemas: what ends carbon is an
// error, what it skips a warning.
func loadSchemas(path string, text []byte) (Schemas, Report) {
	var list Schemas
	r := readRules(path, text, []string{"pattern", "retentions"}, func(s *ruleSection) bool {
		retentions, ok := s.get("retentions")
		if !ok {
			s.warn("", "the section has no retentions: it is skipped")
			return false
		}
		archives, err := parseRetentions(retentions)
		if err != nil {
			s.fail("retentions", fmt.Sprintf("%v; expected a list like 10s:6h,1m:7d,10m:1y", err))
			return false
		}
		if unit := longUnit(retentions); unit != "" {
			s.warn("retentions", fmt.Sprintf("carbon does not know the unit %q, only s, m, h, d, w and y", unit))
		}
		p := s.pattern()
		if p == nil {
			return false
		}
		if err := whisper.ValidateArchives(archives); err != nil {
			s.warn("retentions", fmt.Sprintf("%v: the section is skipped", err))
			return false
		}
		list = append(list, Schema{Name: s.name, Pattern: p, Archives: archives})
		return true
	})
	return append(list, fallbackSchema()), r
}

// parseRetentions strips each item first: a list may go on over several lines.
func parseRetentions(list string) ([]whisper.Archive, error) {
	items := strings.Split(list, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return whisper.ParseRetentions(strings.Join(items, ","))
}

// longUnit finds a unit of more than one letter, which whisper's tools know and carbon does not.
func longUnit(retentions string) string {
	words := strings.FieldsFunc(retentions, func(r rune) bool { return r < 'a' || r > 'z' })
	if i := slices.IndexFunc(words, func(w string) bool { return len(w) > 1 }); i >= 0 {
		return words[i]
	}
	return ""
}
