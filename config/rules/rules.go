// Package rules reads the rule files beside carbon.conf: storage-schemas.conf,
// storage-aggregation.conf, whitelist.conf, blacklist.conf, the rewrite rules, quotas.conf and
// graphTemplates.conf. It does not know carbon.conf, nor when a file is read again; package config
// does.
package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"graphited/config/problem"
	"graphited/whisper"
)

const (
	SchemasFile     = "storage-schemas.conf"
	AggregationFile = "storage-aggregation.conf"
)

// Storage say how each metric is stored. They are immutable and safe for concurrent use; a reload
// makes new ones.
type Storage struct {
	Schemas     Schemas
	Aggregation Aggregation

	Builtin bool           // there is no storage-schemas.conf
	specs   []whisper.Spec // of each pair of schema and aggregation rule
}

// Spec gives what the file of a metric is created to. It allocates nothing: the archives are shared
// and must not be changed. The price is that of matching the patterns one after the other until the
// first that fits.
func (r *Storage) Spec(metric string) whisper.Spec {
	return r.specs[r.Schemas.find(metric)*len(r.Aggregation)+r.Aggregation.find(metric)]
}

func NewStorage(schemas Schemas, aggregation Aggregation) *Storage {
	r := &Storage{Schemas: schemas, Aggregation: aggregation}
	for _, s := range schemas {
		for _, a := range aggregation {
			r.specs = append(r.specs, whisper.Spec{Archives: s.Archives, Method: a.Method, XFilesFactor: a.XFilesFactor})
		}
	}
	return r
}

// LoadStorage reads storage-schemas.conf and storage-aggregation.conf of a folder, at the start and
// again at each reload. Rules whose report has an error must not be used: the caller keeps those
// that it has.
//
// With need, which is for those who have read one before, a missing storage-schemas.conf is an
// error. Without need, built-in schemas take its place; carbon would not start. A missing
// storage-aggregation.conf leaves average and 0.5 for everything, as in carbon, or built-in rules
// when the schemas are built in too.
func LoadStorage(confDir string, need bool) (*Storage, problem.Report) {
	var report problem.Report
	schemas, aggregation := builtinSchemas(), builtinAggregation()
	builtin := false
	path := filepath.Join(confDir, SchemasFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		schemas, report = ParseSchemas(path, text)
	case errors.Is(err, fs.ErrNotExist) && !need:
		builtin = true
	case errors.Is(err, fs.ErrNotExist):
		report = problem.Report{{Severity: problem.Error, File: path, Msg: "the file is missing; it says how long metrics are kept"}}
	default:
		report = problem.Report{{Severity: problem.Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)}}
	}

	path = filepath.Join(confDir, AggregationFile)
	text, err = os.ReadFile(path)
	switch {
	case err == nil:
		var more problem.Report
		aggregation, more = ParseAggregation(path, text)
		report = append(report, more...)
	case errors.Is(err, fs.ErrNotExist) && builtin:
	case errors.Is(err, fs.ErrNotExist):
		aggregation = Aggregation{fallbackAggregation()}
		report = append(report, problem.Problem{Severity: problem.Debug, File: path, Msg: "the file is missing: everything is rolled up by average, with xFilesFactor 0.5"})
	default:
		aggregation = Aggregation{fallbackAggregation()}
		report = append(report, problem.Problem{Severity: problem.Warning, File: path,
			Msg: fmt.Sprintf("cannot read the file: %v: everything is rolled up by average, with xFilesFactor 0.5", err)})
	}
	rules := NewStorage(schemas, aggregation)
	rules.Builtin = builtin
	return rules, report
}

// ReadStorage reads a file of schemas and one of aggregation rules. Without a name of a file of
// schemas the built-in rules hold; without one of aggregation rules, Graphite's defaults.
func ReadStorage(schemas, aggregation string) (*Storage, error) {
	s, a, report := builtinSchemas(), builtinAggregation(), problem.Report(nil)
	if schemas != "" {
		text, err := os.ReadFile(schemas)
		if err != nil {
			return nil, fmt.Errorf("cannot read the schemas: %w", err)
		}
		s, report = ParseSchemas(schemas, text)
		a = Aggregation{fallbackAggregation()}
	}
	if aggregation != "" {
		text, err := os.ReadFile(aggregation)
		if err != nil {
			return nil, fmt.Errorf("cannot read the aggregation rules: %w", err)
		}
		var more problem.Report
		a, more = ParseAggregation(aggregation, text)
		report = append(report, more...)
	}
	if err := report.Err(); err != nil {
		return nil, err
	}
	return NewStorage(s, a), nil
}
