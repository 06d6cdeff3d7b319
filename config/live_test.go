package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/config/configtest"
	"graphited/config/rules"
)

func TestLiveReload(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{"carbon.conf": "[cache]\nUSE_WHITELIST = True\n", rules.SchemasFile: configtest.OneSchema, "blacklist.conf": "^a"})
	c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	l := NewLive(c, zerolog.New(&log))
	old, oldSpec := l.Names(), l.Spec("x").Archives[0].Points
	if len(old.Blacklist) != 1 {
		t.Fatalf("%d configtest.Patterns", len(old.Blacklist))
	}
	write := func(name, text string, at int64) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(at, 0), time.Unix(at, 0)); err != nil {
			t.Fatal(err)
		}
	}
	l.reload(false)
	if l.Names() != old || log.Len() > 0 {
		t.Error("read again although nothing has changed")
	}
	write("blacklist.conf", "^b\n^c", 1000)
	l.reload(false)
	if got := l.Names(); got == old || len(got.Blacklist) != 2 || l.rules.Load() != c.Rules {
		t.Error("a changed blacklist.conf was not read, or more than that")
	}
	old = l.Names()
	write("blacklist.conf", "\xff\xff", 1001)
	l.reload(false)
	if l.Names() != old || !strings.Contains(log.String(), "stay as they were") {
		t.Error("a damaged blacklist.conf took the old one's place")
	}
	write(rules.SchemasFile, "[x]\npattern = .*\nretentions = 1s:5\n", 1000)
	l.Reload()
	if got := l.Spec("x").Archives[0].Points; got != 5 || got == oldSpec {
		t.Errorf("%d points by the new schema", got)
	}
	if err := os.Remove(filepath.Join(dir, "blacklist.conf")); err != nil {
		t.Fatal(err)
	}
	l.reload(false)
	if !l.Names().Empty() {
		t.Error("a blacklist.conf that is gone still counts")
	}
}
