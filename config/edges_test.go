package config

import (
	"crypto/tls"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"graphited/config/rules"
)

// TestAllNetworksOfIPv4: all of IPv4, written as IPv6, is all of IPv4 and nothing else.
func TestAllNetworksOfIPv4(t *testing.T) {
	var a Access
	a.Web.HTTP = []string{"::ffff:0:0/96"}
	if report := a.load(); report.Err() != nil {
		t.Fatal(report)
	}
	for addr, want := range map[string]bool{"192.0.2.1": true, "::ffff:192.0.2.1": true, "2001:db8::1": false, "::1": false} {
		if got := a.AllowedHTTP(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is allowed: %v", addr, got)
		}
	}
}

// TestOldestTLS: no port speaks a version of TLS that is out of use, whatever the library's default.
func TestOldestTLS(t *testing.T) {
	a := Access{certificates: map[string]*certificate{"http": newCertificate("a", "")}}
	if c := a.TLS("http"); c.MinVersion < tls.VersionTLS12 {
		t.Errorf("versions from %#x on are spoken", c.MinVersion)
	}
}

// TestBrokenRulesChangeNothing: rules for storage with an error stay as they were.
func TestBrokenRulesChangeNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, rules.SchemasFile)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[all]\npattern = .*\nretentions = 10s:1h\n")
	c, report := Load(Source{StorageDir: dir, Env: func(name string) string { return map[string]string{"GRAPHITE_CONF_DIR": dir}[name] }})
	if report.Err() != nil {
		t.Fatal(report)
	}
	l := NewLive(c, zerolog.Nop())
	before := l.Spec("a")
	write("[all]\npattern = .*\nretentions = 1m:1h\n[b]\npattern = (\nretentions = nonsense\n")
	l.Reload()
	if got := l.Spec("a"); !slices.Equal(got.Archives, before.Archives) {
		t.Errorf("after rules with an error a metric is stored as %v, want %v", got.Archives, before.Archives)
	}
	write("[all]\npattern = .*\nretentions = 1m:1h\n")
	l.Reload()
	if got := l.Spec("a"); slices.Equal(got.Archives, before.Archives) {
		t.Errorf("sound rules are not taken: %v", got.Archives)
	}
}
