package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/config/parse"
)

func TestAllowed(t *testing.T) {
	f := func(list, addr string, want bool) {
		t.Helper()
		a := Access{Cache: CacheAccess{Line: parse.List(list)}}
		if report := a.load(); report.Err() != nil {
			t.Fatalf("%s: %v", list, report)
		}
		if got := a.Allowed("line", netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s in %q: %v", addr, list, got)
		}
		if !a.Allowed("pickle", netip.MustParseAddr(addr)) {
			t.Error("a list for lines restricts pickles")
		}
	}
	f("", "203.0.113.9", true)
	f("10.0.0.0/8", "10.255.0.1", true)
	f("10.0.0.0/8", "11.0.0.1", false)
	f("10.1.2.3/8", "10.9.9.9", true)
	f("10.0.0.0/8", "::ffff:10.0.0.1", true)
	f("10.0.0.0/8", "::1", false)
	f("::ffff:10.0.0.0/104", "10.0.0.1", true)
	f("192.0.2.1", "192.0.2.1", true)
	f("192.0.2.1", "192.0.2.2", false)
	f("fd00::/8, 127.0.0.1", "fd12::9", true)
	f("fd00::/8, 127.0.0.1", "127.0.0.1", true)
	f("fd00::/8, 127.0.0.1", "127.0.0.2", false)
	f("fe80::/10", "fe80::1%eth0", true)
	f("2001:db8::1", "2001:db8::1", true)
	f("0.0.0.0/0", "::1", false)
	f("::/0", "203.0.113.9", false)
}

func TestAccessFailures(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bad"), []byte("ann:hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(a Access, want string) {
		t.Helper()
		report := a.load()
		if len(report) != 1 || report.Err() == nil || !strings.Contains(report[0].String(), want) {
			t.Errorf("%v, want %s", report, want)
		}
	}
	f(Access{Web: WebAccess{HTTP: []string{"10.0.0.0/33"}}}, "HTTP_ALLOW")
	f(Access{Cache: CacheAccess{Query: []string{"localhost"}}}, "expected an address or a network")
	f(Access{Web: WebAccess{Cert: "missing.pem"}}, "cannot read the certificate")
	f(Access{Web: WebAccess{Users: filepath.Join(dir, "missing")}}, "there is no such file")
	f(Access{Web: WebAccess{Users: filepath.Join(dir, "bad")}}, "line 1")
	f(Access{Web: WebAccess{Key: "key.pem"}}, "[web] HTTP_TLS_KEY = \"key.pem\": there is a key and no certificate: set HTTP_TLS_CERT")
	f(Access{Cache: CacheAccess{LineKey: "key.pem"}}, "[cache] LINE_RECEIVER_TLS_KEY = \"key.pem\": there is a key and no certificate: set LINE_RECEIVER_TLS_CERT")
}

// writeCertificate writes a new certificate for localhost, and its key, to one file.
func writeCertificate(t *testing.T, path string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAccessReload: certificate and credentials are read again, and stay as they were when they
// cannot be.
func TestAccessReload(t *testing.T) {
	dir := t.TempDir()
	cert, users := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "users")
	const hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	writeCertificate(t, cert, 1)
	if err := os.WriteFile(users, []byte("a:"+hash), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "carbon.conf")
	conf := "[cache]\nLINE_RECEIVER_TLS_CERT = cert.pem\nLINE_RECEIVER_ALLOW = 10.0.0.0/8\n[web]\nHTTP_TLS_CERT = " + cert + "\nHTTP_AUTH_FILE = users\n"
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "storage-schemas.conf"), []byte("[all]\npattern = .*\nretentions = 10s:1h\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, report := Load(Source{File: file, StorageDir: dir})
	if report.Err() != nil {
		t.Fatal(report)
	}
	l := NewLive(c, zerolog.Nop())
	serial := func() int64 {
		pair, err := c.Access.TLS("http").GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	before := l.Credentials()
	if serial() != 1 || before == nil || c.Access.TLS("pickle") != nil || c.Access.Allowed("line", netip.MustParseAddr("192.0.2.1")) {
		t.Errorf("at first: certificate %d, credentials %v", serial(), before)
	}
	writeCertificate(t, cert, 2)
	l.Reload()
	if serial() != 2 || l.Credentials() == before {
		t.Errorf("read again: certificate %d, the same credentials: %v", serial(), l.Credentials() == before)
	}
	before = l.Credentials()
	for _, f := range []string{cert, users} {
		if err := os.WriteFile(f, []byte("nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.Reload()
	if serial() != 2 || l.Credentials() != before {
		t.Error("nonsense was taken")
	}
}
