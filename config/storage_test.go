package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/rules"
	"graphited/whisper"
)

func TestStorage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GRAPHITE_CONF_DIR", dir)
	t.Setenv("GRAPHITED_CONFIG", "")
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// No schemas at all: the built-in rules, and a note.
	match, note, err := Storage("", "", dir)
	if err != nil || !strings.Contains(note, rules.SchemasFile) {
		t.Errorf("%q, %v", note, err)
	}
	if s, ok := match("a.count"); !ok || s.Archives[0].Step != 10 || s.Method != whisper.Sum || s.XFilesFactor != 0 {
		t.Errorf("%+v, %v", s, ok)
	}
	if s, _ := match("carbon.agents.x"); s.Archives[0].Step != 60 {
		t.Errorf("%+v", s)
	}
	// Those of a server with --storage-dir.
	storage := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(storage, "conf"), 0o755), os.WriteFile(filepath.Join(storage, "conf", rules.SchemasFile), []byte("[all]\npattern = .*\nretentions = 7s:70s\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	match, note, err = Storage("", "", filepath.Join(storage, "whisper"))
	if err != nil || note != "" {
		t.Errorf("%q, %v", note, err)
	} else if s, _ := match("a.count"); s.Archives[0].Step != 7 || s.Method != whisper.Average || s.XFilesFactor != 0.5 {
		t.Errorf("%+v", s)
	}
	if _, _, err := Storage(filepath.Join(dir, "none"), "", dir); err == nil {
		t.Error("schemas that are named and not there: want an error")
	}
	// Those of the carbon.conf that the environment names, also by its CONF_DIR.
	other := t.TempDir()
	t.Setenv("GRAPHITED_CONFIG", filepath.Join(other, "carbon.conf"))
	if _, _, err := Storage("", "", storage); err == nil || !strings.Contains(err.Error(), other) {
		t.Errorf("a carbon.conf that is not there: %v", err)
	}
	if err := os.WriteFile(filepath.Join(other, "carbon.conf"), []byte("[cache]\nCONF_DIR = "+filepath.ToSlash(filepath.Join(storage, "conf"))+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if match, note, err = Storage("", "", dir); err != nil || note != "" {
		t.Errorf("%q, %v", note, err)
	} else if s, _ := match("a.count"); s.Archives[0].Step != 7 {
		t.Errorf("%+v", s)
	}
	t.Setenv("GRAPHITED_CONFIG", "")
	write(rules.SchemasFile, "[a]\npattern = ^a\\.\nretentions = 10s:1h\n")
	others := write("other", "[all]\npattern = .*\nretentions = 1s:1m\n")
	rules := write("rules", "[sum]\npattern = x\naggregationMethod = sum\nxFilesFactor = 0\n")
	f := func(schemas, aggregation, metric string, step int64, method whisper.Method) {
		t.Helper()
		match, note, err := Storage(schemas, aggregation, filepath.Join(storage, "whisper"))
		if err != nil || note != "" {
			t.Fatal(note, err)
		}
		if spec, ok := match(metric); !ok || spec.Archives[0].Step != step || spec.Method != method {
			t.Errorf("%s: %+v, %v; want step %d, method %v", metric, spec, ok, step, method)
		}
	}
	f("", "", "a.x", 10, whisper.Average)
	f("", "", "b", 60, whisper.Average) // carbon's implicit schema
	f(others, "", "a.x", 1, whisper.Average)
	f(others, rules, "a.x", 1, whisper.Sum)
	if _, _, err := Storage(others, filepath.Join(dir, "none"), dir); err == nil {
		t.Error("aggregation rules that are named and not there: want an error")
	}
	if _, _, err := Storage(write("bad", "[a]\npattern = (\nretentions = 1s:1m\n"), "", dir); err == nil {
		t.Error("a bad pattern: want an error")
	}
}
