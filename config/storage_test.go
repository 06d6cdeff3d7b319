package config

import (
	"os"
	"path/filepath"
	"testing"

	"graphited/whisper"
)

func TestStorage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GRAPHITE_CONF_DIR", dir)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if _, err := Storage("", ""); err == nil {
		t.Error("no schemas at all: want an error")
	}
	write(schemasFile, "[a]\npattern = ^a\\.\nretentions = 10s:1h\n")
	other := write("other", "[all]\npattern = .*\nretentions = 1s:1m\n")
	rules := write("rules", "[sum]\npattern = x\naggregationMethod = sum\nxFilesFactor = 0\n")
	f := func(schemas, aggregation, metric string, step int64, method whisper.Method) {
		t.Helper()
		match, err := Storage(schemas, aggregation)
		if err != nil {
			t.Fatal(err)
		}
		if spec, ok := match(metric); !ok || spec.Archives[0].Step != step || spec.Method != method {
			t.Errorf("%s: %+v, %v; want step %d, method %v", metric, spec, ok, step, method)
		}
	}
	f("", "", "a.x", 10, whisper.Average)
	f("", "", "b", 60, whisper.Average) // carbon's implicit schema
	f(other, "", "a.x", 1, whisper.Average)
	f(other, rules, "a.x", 1, whisper.Sum)
	if _, err := Storage(other, filepath.Join(dir, "none")); err == nil {
		t.Error("aggregation rules that are named and not there: want an error")
	}
	if _, err := Storage(write("bad", "[a]\npattern = (\nretentions = 1s:1m\n"), ""); err == nil {
		t.Error("a bad pattern: want an error")
	}
}
