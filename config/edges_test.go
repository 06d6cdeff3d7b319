package config

import (
	"crypto/tls"
	"errors"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// TestLargestValues: the largest numbers that are taken, and the smallest that are too large.
func TestLargestValues(t *testing.T) {
	const most = 1<<53 - 1
	for text, want := range map[string]error{"9007199254740991": nil, "-9007199254740991": nil, "9007199254740992": errTooLarge, "-9007199254740992": errTooLarge} {
		n, ok, err := parseWhole(text)
		if !ok || !errors.Is(err, want) || err == nil && max(n, -n) != most {
			t.Errorf("%s: %d, %v, %v", text, n, ok, err)
		}
	}
	for text, want := range map[string]error{"9007199254740991": nil, "9007199254740992": errTooLarge} {
		if n, err := parseSize(text); !errors.Is(err, want) || err == nil && n != most {
			t.Errorf("the size %s: %d, %v", text, n, err)
		}
	}
	// 9223372036.854775808 s are 2^63 ns, one more than a time can hold.
	for text, want := range map[string]error{"9223372036": nil, "9223372036.854775808": errTooLarge} {
		if d, err := parseTime(text); !errors.Is(err, want) || d < 0 || err == nil && d < math.MaxInt64-time.Duration(time.Second) {
			t.Errorf("the time %s: %v, %v", text, d, err)
		}
	}
	if d, err := parseTime("0.001"); d != time.Millisecond || err != nil {
		t.Errorf("the shortest time: %v, %v", d, err)
	}
	if _, err := parseTime("0.0009"); err == nil {
		t.Error("a shorter time was taken")
	}
}

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
	file := filepath.Join(dir, schemasFile)
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
