package carbon

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"graphited/carbon/wire"
)

// TestAllow: whose address may not send, sends nothing, and it is counted.
func TestAllow(t *testing.T) {
	f := startDaemon(t, Deps{Allow: func(port string, a netip.Addr) bool { return a.IsLoopback() && port == "pickle" }}, nil)
	f.send("udp", fmt.Sprintf("by.udp 1 %d\n", time.Now().Unix()))
	for _, port := range []string{"line", "cache_query"} {
		c, err := net.Dial("tcp", f.Addrs()[port].String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, _ = fmt.Fprintf(c, "a.b 1 %d\n", time.Now().Unix())
		if n, err := c.Read(make([]byte, 1)); err == nil {
			t.Errorf("%s: read %d bytes", port, n)
		}
		c.Close()
	}
	f.until("all are refused", func() bool { return f.Stats().Dropped(wire.NotAllowed) == 3 })
	if n := f.Stats().Received.Load(); n != 0 {
		t.Errorf("%d points received", n)
	}
}

func testCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

// TestTLS: a port with TLS takes lines over TLS, and nothing else.
func TestTLS(t *testing.T) {
	server := &tls.Config{Certificates: []tls.Certificate{testCertificate(t)}}
	f := startDaemon(t, Deps{TLS: func(port string) *tls.Config {
		if port == "line" {
			return server
		}
		return nil
	}}, nil)
	c, err := tls.Dial("tcp", f.Addrs()["line"].String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "%s 1 %d\nlast 2 %d\n", strings.Repeat("x", 200), time.Now().Unix(), time.Now().Unix())
	c.Close()
	f.received(2)
	f.send("line", fmt.Sprintf("plain 1 %d\n", time.Now().Unix()))
	f.until("plain text is refused", func() bool { return f.Stats().Dropped(wire.BadHandshake) == 1 })
	if n := f.Stats().Received.Load(); n != 2 {
		t.Errorf("%d points received, want 2", n)
	}
	f.send("udp", fmt.Sprintf("by.udp 1 %d\n", time.Now().Unix()))
	f.received(3)
}
