package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/config/rules"
)

// liveOf loads a folder with these files, by name.
func liveOf(t *testing.T, files map[string]string) *Live {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: func(string) string { return "" }})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	return NewLive(c, zerolog.Nop())
}

func TestStatus(t *testing.T) {
	l := liveOf(t, map[string]string{
		"carbon.conf":              "[cache]\nMAX_CACHE_SIZE = 5000\nLOCAL_DATA_DIR = /data/w\nUSE_WHITELIST = True\n[web]\nQUERY_TIMEOUT = 1.5\nHTTP_ALLOW = 10.0.0.0/8\n",
		"storage-schemas.conf":     "[fast]\npattern = ^fast\\.\nretentions = 1s:1h\n[all]\npattern = .*\nretentions = 10s:6h,1m:7d\n[never]\npattern = x\nretentions = 1m:1d\n",
		"storage-aggregation.conf": "[sums]\npattern = \\.count$\nxFilesFactor = 0\naggregationMethod = sum\n",
		"blacklist.conf":           "^bad\\.\n",
	})
	s := l.Status()
	of := func(section, name string) Setting {
		t.Helper()
		i := slices.IndexFunc(s.Options, func(o Setting) bool { return o.Section == section && o.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s in %s", name, section)
		}
		return s.Options[i]
	}
	for _, want := range []Setting{
		{"cache", "MAX_CACHE_SIZE", "5000", s.File + ":2"},
		{"cache", "LOCAL_DATA_DIR", "/data/w", s.File + ":3"},
		{"cache", "USE_WHITELIST", "True", s.File + ":4"},
		{"cache", "USE_FLOW_CONTROL", "True", "default"},
		{"cache", "MAX_CREATES_PER_MINUTE", "inf", "default"},
		{"web", "QUERY_TIMEOUT", "1500ms", s.File + ":6"},
		{"web", "HTTP_PORT", "8080", "default"},
		{"web", "HTTP_ALLOW", "10.0.0.0/8", s.File + ":7"},
	} {
		if got := of(want.Section, want.Name); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if s.Options[0].From == "default" || s.Options[len(s.Options)-1].From != "default" {
		t.Errorf("what is set does not come first: %+v", s.Options)
	}
	if len(s.Schemas) != 2 || s.Schemas[1] != (rules.Rule{Name: "all", Pattern: ".*", Does: "10s:6h, 1m:7d", Size: s.Schemas[1].Size}) || s.Schemas[1].Size < 100_000 {
		t.Errorf("schemas: %+v", s.Schemas)
	}
	if len(s.Methods) == 0 || s.Methods[0] != (rules.Rule{Name: "sums", Pattern: `\.count$`, Does: "sum, xFilesFactor 0"}) {
		t.Errorf("aggregation: %+v", s.Methods)
	}
	if len(s.Names) != 1 || !strings.Contains(s.Names[0], `^bad\.`) {
		t.Errorf("names: %q", s.Names)
	}
	if b, err := json.Marshal(s); err != nil || !strings.Contains(string(b), `"options":[`) {
		t.Error(err)
	}
}

func TestNoSecretsAreShown(t *testing.T) {
	f := func(key string, value any, want string) {
		t.Helper()
		if got := (optionField{key: key, value: reflect.ValueOf(value)}).shown(); got != want {
			t.Errorf("%s = %v is shown as %q, want %q", key, value, got, want)
		}
	}
	for _, key := range []string{"HTTP_PASSWORD", "HTTP_TOKEN", "BASIC_AUTH", "HTTP_USERS", "SECRET_KEY", "API_CREDENTIALS"} {
		f(key, "hush", "(set, not shown)")
		f(key, "", "")
		f(key, []string{"hush"}, "(set, not shown)")
	}
	f("HTTP_AUTH_FILE", "users", "users")
	f("HTTP_TLS_KEY", "/etc/key.pem", "/etc/key.pem")
	f("CLUSTER_SERVERS", []string{"http://a:hush@b:80", "c:80"}, "http://a:xxxxx@b:80, c:80")
	f("PROXY", "http://a:hush@b:80/x", "http://a:xxxxx@b:80/x")
	f("LOCAL_DATA_DIR", "/a b/%zz", "/a b/%zz")
	f("CLUSTER_SERVERS", []string{"a:hush@b:80/x", "a@b"}, "a:xxxxx@b:80/x, a@b")
	f("X", 90*time.Second, "90s")
	f("X", 2*time.Minute, "2m")
	f("X", false, "False")
	f("X", int64(7), "7")
}

// TestEachOptionIsShown: check --all and /status have every option that docs/options.md has.
func TestEachOptionIsShown(t *testing.T) {
	shown := map[[2]string]bool{}
	for _, s := range newConfig(Source{}).settings() {
		shown[[2]string{s.Section, s.Name}] = true
	}
	for _, o := range Options() {
		if !shown[[2]string{o.Section, o.Name}] {
			t.Errorf("[%s] %s is not shown", o.Section, o.Name)
		}
	}
}
