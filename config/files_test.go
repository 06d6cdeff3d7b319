package config

import (
	"path/filepath"
	"testing"

	"graphited/carbon/listen"
)

func TestURL(t *testing.T) {
	for _, c := range []struct {
		host, prefix string
		port         int
		want         string
	}{
		{"0.0.0.0", "", 8080, "http://127.0.0.1:8080"},
		{"", "/graphite/", 80, "http://127.0.0.1:80/graphite"},
		{"::", "", 8080, "http://127.0.0.1:8080"},
		{"::1", "", 8080, "http://[::1]:8080"},
		{"graphite.example", "", 8080, "http://graphite.example:8080"},
		{"0.0.0.0", "", 0, ""},
	} {
		cfg := newConfig(Source{})
		cfg.Web.Addr, cfg.Web.URLPrefix = listen.Address{Interface: c.host, Port: c.port}, c.prefix
		got, err := cfg.URL()
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestURLOfHTTPS(t *testing.T) {
	cfg := newConfig(Source{})
	cfg.Access.certificates = map[string]*certificate{"http": {}}
	if got, err := cfg.URL(); got != "https://127.0.0.1:8080" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFilesOf(t *testing.T) {
	cfg := newConfig(Source{})
	cfg.Carbon.LocalDataDir = t.TempDir()
	if _, d, err := cfg.Files(""); err != nil || d.Engine == nil || d.Finder == nil {
		t.Errorf("the configured folder: %v", err)
	}
	if _, _, err := cfg.Files(filepath.Join(cfg.Carbon.LocalDataDir, "none")); err == nil {
		t.Error("a folder that is not there was read")
	}
}
