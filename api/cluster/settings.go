package cluster

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Settings are the cluster options of the section [web] of carbon.conf, with the names of
// graphite-web's settings. Zero values are not the defaults, see DefaultSettings.
type Settings struct {
	Servers         []string      `conf:"CLUSTER_SERVERS" doc:"The servers that are asked beside this one: host[:port][/prefix][?format=msgpack&local=1&noTags=1], with https:// before those that speak TLS and user:password@ before the host of those that ask who it is. None: there is no cluster."`
	HTTPS           bool          `conf:"INTRACLUSTER_HTTPS" doc:"Use HTTPS for servers that say neither http:// nor https://."`
	FindTimeout     time.Duration `conf:"FIND_TIMEOUT" is:">0" max:"1h" doc:"The time that a server may take to find names or tags."`
	FetchTimeout    time.Duration `conf:"FETCH_TIMEOUT" is:">0" max:"1h" doc:"The time that a server may take to give points or all its names, with all further attempts."`
	RetryDelay      time.Duration `conf:"REMOTE_RETRY_DELAY" is:"off" doc:"A server that has failed is not asked again for this time."`
	MaxFetchRetries int           `conf:"MAX_FETCH_RETRIES" is:">0" doc:"How often points are asked for in all."`
	FailOnError     bool          `conf:"STORE_FAIL_ON_ERROR" doc:"Answer 503 when a server does not answer; else its absence is a warning."`
	MergeResults    bool          `conf:"REMOTE_STORE_MERGE_RESULTS" doc:"Fill the gaps of a series with what other servers have of it; else the most complete one is taken."`
	UsePost         bool          `conf:"REMOTE_STORE_USE_POST" doc:"Send forms instead of long URLs."`
	ForwardHeaders  []string      `conf:"REMOTE_STORE_FORWARD_HEADERS" doc:"The headers of a request that the servers get, too."`
	MaxRequests     int           `conf:"CLUSTER_MAX_REQUESTS" is:"limit" own:"true" doc:"The requests that a server gets at the same time; others wait for their turn."`
	MaxAnswer       int           `conf:"CLUSTER_MAX_ANSWER" is:">0" unit:"bytes" own:"true" doc:"The size that the answer of a server may have; a longer one is left out with a warning."`
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

// requests is MaxRequests as the size of a channel.
func (s Settings) requests() int {
	if s.MaxRequests <= 0 {
		return 1 << 20
	}
	return s.MaxRequests
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
	fail := func(why string) (address, error) {
		return a, fmt.Errorf("cannot read CLUSTER_SERVERS entry %q: %s", withoutUser(entry), why)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !ValidHost(u.Host) || u.Opaque != "" {
		return fail("expected host or host:port, where port is at most 65535, perhaps with http:// or https:// before it")
	}
	if u.Fragment != "" || strings.ContainsFunc(text, unicode.IsSpace) {
		return fail("expected a path without blanks and #")
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

// withoutUser removes what may be a password from an entry.
func withoutUser(entry string) string {
	at := strings.LastIndexByte(entry, '@')
	if at < 0 {
		return entry
	}
	scheme := ""
	if i := strings.Index(entry, "://"); i >= 0 && i < at {
		scheme = entry[:i+3]
	}
	return scheme + "..." + entry[at:]
}

// ValidHost reports whether a text is the host of a URL, with or without a port.
func ValidHost(host string) bool {
	u := url.URL{Host: host}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return false
		}
	} else if strings.HasSuffix(host, ":") {
		return false
	}
	name := u.Hostname()
	if strings.Contains(name, ":") {
		_, err := netip.ParseAddr(name)
		return err == nil
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return true
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
