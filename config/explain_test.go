package config

import (
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/rules"
)

func TestExplain(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{
		"carbon.conf":         "[cache]\nUSE_WHITELIST = True\nSTORAGE_DIR = store\n",
		rules.SchemasFile:     configtest.OneSchema,
		rules.AggregationFile: "[sums]\npattern = \\.count$\naggregationMethod = sum\n",
		rules.BlacklistFile:   "^bad",
		"rewrite-rules.conf":  "[post]\n^old\\.(\\w+) = \\1.new\n",
	})
	c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if known, err := c.Explain(&b, "old.a.count", "bad.x"); err != nil || known {
		t.Fatalf("known: %v, %v", known, err)
	}
	const want = `name        old.a.count
  by rule   ^old\.(\w+) = \1.new
         -> a.new.count
series      a.new.count
file        store/whisper/a/new/count.wsp
schema      [minutes] .*
aggregation [sums] \.count$
            there is no file yet; it would be created with 1m for 1d; sum; xFilesFactor 0.5

name        bad.x
  by rule   ^bad
refused     blacklisted: no point of this name is taken in
`
	got := strings.ReplaceAll(b.String(), filepath.Join(dir, "store"), "store") // what the file says is relative to its folder
	if filepath.ToSlash(got) != filepath.ToSlash(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := c.Describe(&b); err != nil {
		t.Fatal(err)
	}
	if want := "\nwhich names are taken in, and what becomes of them\n  refused          ^bad\n  rewritten, post  ^old\\.(\\w+) = \\1.new\n"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant in it\n%s", b.String(), want)
	}
}
