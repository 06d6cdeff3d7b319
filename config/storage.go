package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"graphited/config/rules"
	"graphited/whisper"
)

// Storage reads a file of schemas and one of aggregation rules by themselves, for tools that need
// no other configuration. An empty name is the file in the folder of rule files that the
// carbon.conf in GRAPHITED_CONFIG has; without that variable in the folder of configuration files,
// or where that has no schemas, in the folder conf beside the given tree of whisper files, where a
// server with --storage-dir has it. Where neither has schemas the built-in rules hold, as in the
// server, and note says so. An aggregation file that is not there leaves Graphite's defaults.
func Storage(schemas, aggregation, tree string) (match func(metric string) (whisper.Spec, bool), note string, err error) {
	dir := ""
	if schemas == "" || aggregation == "" {
		if dir, err = storageFolder(tree); err != nil {
			return nil, "", err
		}
	}
	if schemas == "" {
		schemas = filepath.Join(dir, rules.SchemasFile)
		if !isThere(schemas) {
			schemas, note = "", fmt.Sprintf("there is no %q: the built-in rules hold", schemas)
		}
	}
	if aggregation == "" {
		if aggregation = filepath.Join(dir, rules.AggregationFile); !isThere(aggregation) {
			aggregation = ""
		}
	}
	storage, err := rules.ReadStorage(schemas, aggregation)
	if err != nil {
		return nil, "", err
	}
	return func(metric string) (whisper.Spec, bool) { return storage.Spec(metric), true }, note, nil
}

// storageFolder returns the folder that Storage looks into.
func storageFolder(tree string) (string, error) {
	if file := os.Getenv("GRAPHITED_CONFIG"); file != "" {
		c, report := Load(Source{File: file})
		return c.Dirs.Conf, report.Err()
	}
	dir := Home(os.Getenv, "")("GRAPHITE_CONF_DIR")
	if dir == "" {
		dir = filepath.Join(os.Getenv("GRAPHITE_ROOT"), "conf")
	}
	if tree, err := filepath.Abs(tree); err == nil && !isThere(filepath.Join(dir, rules.SchemasFile)) {
		if beside := filepath.Join(filepath.Dir(tree), "conf"); isThere(filepath.Join(beside, rules.SchemasFile)) {
			return beside, nil
		}
	}
	return dir, nil
}

// isThere says whether a file is not known to be missing.
func isThere(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
