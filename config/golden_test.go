package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/problem"
	"graphited/config/rules"
)

var update = flag.Bool("update", false, "rewrite the recorded answers in testdata/config")

const testdata = "../testdata/config"

// TestFiles loads every file of testdata/config and compares the report with the recorded one. The
// file's name says what kind of file it is and whether it may be used: carbon-*.good.conf,
// schemas-*.bad.conf, ...
func TestFiles(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testdata, "*.conf"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("found only %d files: %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".conf")
		t.Run(name, func(t *testing.T) {
			report := reportOf(t, path)
			if bad := strings.HasSuffix(name, ".bad"); bad != (report.Err() != nil) {
				t.Errorf("errors: %v", report.Err())
			}
			var b strings.Builder
			for _, p := range report {
				p.File = filepath.Base(p.File)
				b.WriteString(p.Severity.String() + " " + p.String() + "\n")
			}
			compareGolden(t, filepath.Join(testdata, name+".report"), b.String())
		})
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// reportOf loads a file by the loader that its name asks for.
func reportOf(t *testing.T, path string) problem.Report {
	t.Helper()
	text := configtest.ReadFile(t, path)
	switch kind, _, _ := strings.Cut(filepath.Base(path), "-"); kind {
	case "schemas":
		_, report := rules.ParseSchemas(path, text)
		return report
	case "aggregation":
		_, report := rules.ParseAggregation(path, text)
		return report
	default:
		_, report := parseConfig(string(text), "a")
		return report
	}
}

// parseConfig reads a carbon.conf without looking at any other file or at the environment.
func parseConfig(text, instance string) (*Config, problem.Report) {
	c := newConfig(Source{Instance: instance})
	c.File = "carbon.conf"
	l := newLoader(Source{File: c.File, Env: noEnv}, c)
	l.environment()
	l.parse([]byte(text))
	l.finishDirs()
	return c, l.report
}

func noEnv(string) string { return "" }
