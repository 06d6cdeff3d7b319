package cluster

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Settings are what the section [web] of carbon.conf says of a cluster, by the
// names of graphite-web's settings. Zero values are not defaults, see
// DefaultSettings.
type Settings struct {
	// Servers are the members: host[:port][/prefix][?format=msgpack&local=1&noTags=1],
	// with https:// before those that speak TLS and user:password@ before the host of
	// those that want to know who asks. None means that there is no cluster.
	Servers []string `conf:"CLUSTER_SERVERS"`
	// HTTPS is for servers that say neither http:// nor https://.
	HTTPS bool `conf:"INTRACLUSTER_HTTPS"`
	// FindTimeout is how long a server may take to find names or tags.
	FindTimeout time.Duration `conf:"FIND_TIMEOUT"`
	// FetchTimeout is how long a server may take to give points or all its names,
	// with all further attempts.
	FetchTimeout time.Duration `conf:"FETCH_TIMEOUT"`
	// RetryDelay is how long a server that has failed is not asked again.
	RetryDelay time.Duration `conf:"REMOTE_RETRY_DELAY"`
	// MaxFetchRetries is how often points are asked for in all.
	MaxFetchRetries int `conf:"MAX_FETCH_RETRIES"`
	// FailOnError refuses to answer without a server; else its absence is a warning.
	FailOnError bool `conf:"STORE_FAIL_ON_ERROR"`
	// MergeResults fills the gaps of a series with what other servers have of it;
	// else the most complete one is taken.
	MergeResults bool `conf:"REMOTE_STORE_MERGE_RESULTS"`
	// UsePost sends forms instead of long URLs.
	UsePost bool `conf:"REMOTE_STORE_USE_POST"`
	// ForwardHeaders are headers of a request that its servers get, too.
	ForwardHeaders []string `conf:"REMOTE_STORE_FORWARD_HEADERS"`
	// MaxRequests is how many requests a server is sent at the same time; others
	// wait for their turn.
	MaxRequests int `conf:"CLUSTER_MAX_REQUESTS"`
	// MaxAnswer is how many bytes the answer of a server may have.
	MaxAnswer int `conf:"CLUSTER_MAX_ANSWER"`
}

// DefaultSettings returns graphite-web's defaults, and no server.
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

// Check returns what is wrong with the first entry of Servers that cannot be read.
func (s Settings) Check() error {
	for _, entry := range s.Servers {
		if _, err := parseServer(entry, s.HTTPS); err != nil {
			return err
		}
	}
	return nil
}

// address is what an entry of CLUSTER_SERVERS says.
type address struct {
	name     string // without what is secret
	host     string // with its port
	tls      bool
	prefix   string // "" or "/x"
	user     *url.Userinfo
	msgpack  bool
	local    string // what is sent as local=
	withTags bool
}

// parseServer reads an entry of CLUSTER_SERVERS. It may be quoted as in a list of
// Python's, which is where people copy it from.
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

// unlist takes the brackets of a list away, at the first and the last entry of it.
// Those of an IPv6 address have no quote beside them.
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
