package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"

	"graphited/api"
	"graphited/config/problem"
)

// Access says who may connect to which port, and how. Everything is open unless something is set.
type Access struct {
	Cache CacheAccess // section [cache]
	Web   WebAccess   // section [web]

	// Of what the files say:
	allow        map[string][]netip.Prefix // by port, as carbon.Daemon.Addrs and http; a port that is missing is open
	certificates map[string]*certificate   // by port; a port that is missing does not speak TLS
	credentials  *api.Credentials          // nil when HTTP needs none
}

// CacheAccess is what [cache] says of access to carbon's ports. Addresses are single ones or
// networks, 10.0.0.0/8 or fd00::/8; no list means everybody.
type CacheAccess struct {
	Line     []string `conf:"LINE_RECEIVER_ALLOW" own:"true" doc:"The addresses and networks that may connect to LINE_RECEIVER_PORT; none: everybody may."`
	UDP      []string `conf:"UDP_RECEIVER_ALLOW" own:"true" doc:"The addresses and networks whose datagrams are taken; none: everybody's are."`
	Pickle   []string `conf:"PICKLE_RECEIVER_ALLOW" own:"true" doc:"The addresses and networks that may connect to PICKLE_RECEIVER_PORT; none: everybody may."`
	Protobuf []string `conf:"PROTOBUF_RECEIVER_ALLOW" own:"true" doc:"The addresses and networks that may connect to PROTOBUF_RECEIVER_PORT; none: everybody may."`
	Query    []string `conf:"CACHE_QUERY_ALLOW" own:"true" doc:"The addresses and networks that may connect to CACHE_QUERY_PORT; none: everybody may."`

	LineCert string `conf:"LINE_RECEIVER_TLS_CERT" is:"path" own:"true" doc:"A PEM file with the certificate of LINE_RECEIVER_PORT, which then takes lines over TLS alone."`
	LineKey  string `conf:"LINE_RECEIVER_TLS_KEY" is:"path" own:"true" doc:"The PEM file with its private key; empty: the key is in the file of the certificate."`
}

// WebAccess is what [web] says of access to HTTP.
type WebAccess struct {
	HTTP  []string `conf:"HTTP_ALLOW" own:"true" doc:"The addresses and networks that may connect to HTTP_PORT; none: everybody may."`
	Cert  string   `conf:"HTTP_TLS_CERT" is:"path" own:"true" doc:"A PEM file with the certificate of HTTP_PORT, which then speaks HTTPS alone."`
	Key   string   `conf:"HTTP_TLS_KEY" is:"path" own:"true" doc:"The PEM file with its private key; empty: the key is in the file of the certificate."`
	Users string   `conf:"HTTP_AUTH_FILE" is:"path" own:"true" doc:"A file of passwords and tokens, as graphited credential writes it; every request then needs one of them."`
}

// load reads what the options name.
func (a *Access) load() (report problem.Report) {
	a.allow, a.certificates = map[string][]netip.Prefix{}, map[string]*certificate{}
	fail := func(key, value string, err error) {
		section := "cache"
		if strings.HasPrefix(key, "HTTP_") {
			section = "web"
		}
		report = append(report, problem.Problem{Severity: problem.Error, Section: section, Key: key, Value: value, Msg: err.Error()})
	}
	for _, l := range []struct {
		port, key string
		list      []string
	}{
		{"line", "LINE_RECEIVER_ALLOW", a.Cache.Line}, {"udp", "UDP_RECEIVER_ALLOW", a.Cache.UDP}, {"pickle", "PICKLE_RECEIVER_ALLOW", a.Cache.Pickle},
		{"protobuf", "PROTOBUF_RECEIVER_ALLOW", a.Cache.Protobuf}, {"cache_query", "CACHE_QUERY_ALLOW", a.Cache.Query}, {"http", "HTTP_ALLOW", a.Web.HTTP},
	} {
		for _, text := range l.list {
			p, err := parseNetwork(text)
			if err != nil {
				fail(l.key, text, err)
				continue
			}
			a.allow[l.port] = append(a.allow[l.port], p)
		}
	}
	for _, c := range []struct{ port, key, cert, keyFile string }{
		{"line", "LINE_RECEIVER_TLS_CERT", a.Cache.LineCert, a.Cache.LineKey}, {"http", "HTTP_TLS_CERT", a.Web.Cert, a.Web.Key},
	} {
		if c.cert == "" && c.keyFile != "" {
			key := strings.Replace(c.key, "CERT", "KEY", 1)
			fail(key, c.keyFile, fmt.Errorf("there is a key and no certificate: set %s, else the port would not be encrypted", c.key))
		}
		if c.cert == "" {
			continue
		}
		cert := newCertificate(c.cert, c.keyFile)
		if err := cert.load(); err != nil {
			if c.keyFile == "" {
				err = fmt.Errorf("%w; without %s the key has to be in the same file", err, strings.Replace(c.key, "CERT", "KEY", 1))
			}
			fail(c.key, c.cert, err)
			continue
		}
		a.certificates[c.port] = cert
	}
	if a.Web.Users != "" {
		var err error
		if a.credentials, err = a.readCredentials(); err != nil {
			fail("HTTP_AUTH_FILE", a.Web.Users, err)
		}
	}
	return report
}

// readCredentials reads the file of passwords and tokens.
func (a *Access) readCredentials() (*api.Credentials, error) {
	text, err := os.ReadFile(a.Web.Users)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file")
	}
	if err != nil {
		return nil, err
	}
	return api.ParseCredentials(string(text))
}

// parseNetwork reads a network or a single address. An IPv4 address that is written as IPv6 counts as
// IPv4.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, errors.New("expected an address or a network, such as 192.0.2.1, 10.0.0.0/8 or fd00::/8")
	case p.Addr().Is4In6() && p.Bits() >= 96:
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// Allowed says whether an address may connect to a port: line, udp, pickle, protobuf, cache_query
// or http.
func (a *Access) Allowed(port string, addr netip.Addr) bool {
	list, restricted := a.allow[port]
	if !restricted {
		return true
	}
	addr = addr.Unmap().WithZone("")
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// AllowedHTTP is Allowed for HTTP.
func (a *Access) AllowedHTTP(addr netip.Addr) bool { return a.Allowed("http", addr) }

// TLS returns what a port speaks, nil for plain text. Its certificate is always the one that was
// read last.
func (a *Access) TLS(port string) *tls.Config {
	c := a.certificates[port]
	if c == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil },
	}
}

// certificate is a pair of files and what was in them when they were read last.
type certificate struct {
	cert, key string
	now       atomic.Pointer[tls.Certificate]
}

func newCertificate(cert, key string) *certificate {
	if key == "" {
		key = cert
	}
	return &certificate{cert: cert, key: key}
}

// load reads the files. After an error what was there before stays.
func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("cannot read the certificate: %w", err)
	}
	c.now.Store(&pair)
	return nil
}
