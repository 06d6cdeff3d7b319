package cluster

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Settings are the cluster options of the section [web] of carbon.conf, with the names of
// graphite-web's settings. Zero values are not the defaults, see DefaultSettings.
type Settings struct {
	// Servers are the members: host[:port][/prefix][?format=msgpack&local=1&noTags=1], with
	// https:// before those that use TLS and user:password@ before the host of those that require
	// authentication. An empty list means that there is no cluster.
	Servers []string `conf:"CLUSTER_SERVERS"`
	// HTTPS makes https:// the default for servers without http:// or https://.
	HTTPS bool `conf:"INTRACLUSTER_HTTPS"`
	// FindTimeout is the time limit of a server for finding names or tags.
	FindTimeout time.Duration `conf:"FIND_TIMEOUT"`
	// FetchTimeout is the time limit of a server for sending points or all its names, including
	// repeated requests.
	FetchTimeout time.Duration `conf:"FETCH_TIMEOUT"`
	// RetryDelay is how long a server that has failed is not asked again.
	RetryDelay time.Duration `conf:"REMOTE_RETRY_DELAY"`
	// MaxFetchRetries is the total number of attempts to fetch points.
	MaxFetchRetries int `conf:"MAX_FETCH_RETRIES"`
	// FailOnError makes a request fail if a server fails. Otherwise that is a warning.
	FailOnError bool `conf:"STORE_FAIL_ON_ERROR"`
	// MergeResults fills the gaps of a series with points of other servers. Otherwise the most
	// complete series is used.
	MergeResults bool `conf:"REMOTE_STORE_MERGE_RESULTS"`
	// UsePost sends forms even if the URL would be short.
	UsePost bool `conf:"REMOTE_STORE_USE_POST"`
	// ForwardHeaders are headers of a request that are also sent to its servers.
	ForwardHeaders []string `conf:"REMOTE_STORE_FORWARD_HEADERS"`
	// MaxRequests is the largest number of simultaneous requests to a server. Further ones wait.
	MaxRequests int `conf:"CLUSTER_MAX_REQUESTS"`
	// MaxAnswer is how many bytes the answer of a server may have.
	MaxAnswer int `conf:"CLUSTER_MAX_ANSWER"`
}

// DefaultSettings returns graphite-web's defaults, without servers.
func DefaultSettings() Settings {
	return Settings{
		FindTimeout:     3 * time.Second,
		FetchTimeout:    6 * time.Second,
		RetryDelay:      time.Minute,
		MaxFetchRetries: 2,
		MergeResults:    true,
		MaxRequests:     16,
		MaxAnswer:       256 << 20,
	}
}

// Check returns an error if an entry of Servers is invalid.
func (s Settings) Check() error {
	for _, entry := range s.Servers {
		if _, err := parseServer(entry, s.HTTPS); err != nil {
			return err
		}
	}
	return nil
}

// address is a parsed entry of CLUSTER_SERVERS.
type address struct {
	name     string // without password
	host     string // with port
	tls      bool
	prefix   string // "" or "/x"
	user     *url.Userinfo
	msgpack  bool
	local    string // value of the parameter local
	withTags bool
}

// parseServer parses an entry of CLUSTER_SERVERS. It may be quoted like in a Python list, because
// people copy it from one.
func parseServer(entry string, https bool) (a address, err error) {
	text := strings.Trim(unlist(entry), ` "'`)
	if !strings.Contains(text, "://") {
		scheme := "http://"
		if https {
			scheme = "https://"
		}
		text = scheme + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return a, fmt.Errorf("cannot read CLUSTER_SERVERS entry %q: %w", entry, err)
	}
	fail := func(why string) (address, error) {
		return a, fmt.Errorf("cannot read CLUSTER_SERVERS entry %q: %s", entry, why)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fail("expected host:port, or http:// or https:// before it")
	}
	a = address{host: u.Host, tls: u.Scheme == "https", prefix: strings.TrimRight(u.EscapedPath(), "/"), user: u.User, local: "1", withTags: true}
	a.name = a.host + a.prefix
	if u.Port() == "" {
		port := "80"
		if a.tls {
			port = "443"
		}
		a.host = net.JoinHostPort(u.Hostname(), port)
	}
	for key, values := range u.Query() {
		value := values[len(values)-1]
		switch key {
		case "format":
			if value != "pickle" && value != "msgpack" {
				return fail("format must be pickle or msgpack")
			}
			a.msgpack = value == "msgpack"
		case "local":
			a.local = value
		case "noTags":
			a.withTags = value == ""
		default:
			return fail("expected the parameters format, local and noTags, not " + key)
		}
	}
	return a, nil
}

// unlist removes the brackets of a Python list from its first and last entry. The brackets of an
// IPv6 address have no quote next to them.
func unlist(entry string) string {
	entry = strings.TrimSpace(entry)
	for _, quote := range [...]string{`"`, "'"} {
		if t := strings.TrimLeft(entry, "[( "); strings.HasPrefix(t, quote) {
			entry = t
		}
		if t := strings.TrimRight(entry, "]) "); strings.HasSuffix(t, quote) {
			entry = t
		}
	}
	return entry
}
