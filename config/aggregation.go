package config

import (
	"fmt"

	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// AggregationRule says how the points of metrics that match a pattern are rolled up: a section of
// storage-aggregation.conf.
type AggregationRule struct {
	Name         string
	Pattern      *pyvalue.Regexp // nil matches every metric
	Method       whisper.Method
	XFilesFactor float32 // the share of points, 0 to 1, that must be known for a roll-up
}

// Aggregation holds rules that are tried in order; the first that matches counts. The last one
// matches every metric.
type Aggregation []AggregationRule

// Match gives the rule for a metric. The name of a tagged series is its canonical one, ";tag=value"
// included.
func (a Aggregation) Match(metric string) (name string, method whisper.Method, xFilesFactor float32) {
	m := &a[a.find(metric)]
	return m.Name, m.Method, m.XFilesFactor
}

func (a Aggregation) find(metric string) int {
	for i := range a {
		if a[i].Pattern == nil || a[i].Pattern.Match(metric) {
			return i
		}
	}
	panic("BUG: the last aggregation rule does not match every metric")
}

// builtinAggregation is used when neither storage-schemas.conf nor storage-aggregation.conf is
// there. Its xFilesFactor is 0 throughout, not Graphite's 0.5: with the built-in steps of 10 and 60
// seconds a metric sent once a minute has one known point of six, and would never be rolled up.
func builtinAggregation() Aggregation {
	return Aggregation{
		{Name: "min", Pattern: mustCompile(`\.lower$|\.min$`), Method: whisper.Min},
		{Name: "max", Pattern: mustCompile(`\.upper(_[0-9]+)?$|\.max$`), Method: whisper.Max},
		{Name: "sum", Pattern: mustCompile(`\.sum$|\.count$|^stats_counts`), Method: whisper.Sum},
		{Name: "default", Method: whisper.Average},
	}
}

// fallbackAggregation is what carbon leaves to whisper when no section matches, or says nothing.
func fallbackAggregation() AggregationRule {
	return AggregationRule{Name: "default", Method: whisper.Average, XFilesFactor: 0.5}
}

// loadAggregation reads storage-aggregation.conf as carbon's loadAggregationSchemas: what ends
// carbon is an error, what it skips a warning.
func loadAggregation(path string, text []byte) (Aggregation, Report) {
	var list Aggregation
	r := readRules(path, text, []string{"pattern", "xFilesFactor", "aggregationMethod"}, func(s *ruleSection) bool {
		rule := fallbackAggregation()
		rule.Name = s.name
		ok := true
		if text, given := s.get("xFilesFactor"); given {
			f, isNumber := pyvalue.ParseFloat(text)
			switch {
			case !isNumber:
				s.warn("xFilesFactor", "expected a number from 0 to 1: the section is skipped")
				ok = false
			case !(f >= 0 && f <= 1):
				s.fail("xFilesFactor", "expected a number from 0 to 1")
				ok = false
			}
			rule.XFilesFactor = float32(f)
		}
		if text, given := s.get("aggregationMethod"); given {
			var err error
			if rule.Method, err = whisper.ParseMethod(text); err != nil {
				s.fail("aggregationMethod", fmt.Sprintf("%v", err))
				ok = false
			}
		}
		if rule.Pattern = s.pattern(); !ok || rule.Pattern == nil {
			return false
		}
		list = append(list, rule)
		return true
	})
	return append(list, fallbackAggregation()), r
}
