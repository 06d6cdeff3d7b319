package config

import (
	"fmt"
	"os"
	"path/filepath"

	"graphited/whisper"
)

// Storage reads a file of schemas and one of aggregation rules by themselves, for tools that need no other configuration.
// An empty name is the file in the folder of configuration files. An aggregation file that is not there leaves Graphite's defaults.
func Storage(schemas, aggregation string) (func(metric string) (whisper.Spec, bool), error) {
	dir := Home(os.Getenv, "")("GRAPHITE_CONF_DIR")
	if dir == "" {
		dir = filepath.Join(os.Getenv("GRAPHITE_ROOT"), "conf")
	}
	if schemas == "" {
		schemas = filepath.Join(dir, schemasFile)
	}
	text, err := os.ReadFile(schemas)
	if err != nil {
		return nil, fmt.Errorf("cannot read the schemas: %w", err)
	}
	s, report := loadSchemas(schemas, text)
	a := Aggregation{fallbackAggregation()}
	named := aggregation != ""
	if !named {
		aggregation = filepath.Join(dir, aggregationFile)
	}
	if text, err = os.ReadFile(aggregation); err == nil {
		var more Report
		a, more = loadAggregation(aggregation, text)
		report = append(report, more...)
	} else if named {
		return nil, fmt.Errorf("cannot read the aggregation rules: %w", err)
	}
	if err := report.Err(); err != nil {
		return nil, err
	}
	rules := newRules(s, a)
	return func(metric string) (whisper.Spec, bool) { return rules.Spec(metric), true }, nil
}
