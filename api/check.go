package api

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"graphited/api/call"
	"graphited/api/cluster"
)

// Check yields the key of each option that New cannot use, and what is wrong with it. It does not
// check the bounds of numbers, which are in the tags of Options.
func (o Options) Check(yield func(key string, err error) bool) {
	for _, c := range [...]struct {
		key   string
		check func() error
	}{
		{"TIME_ZONE", func() error { _, err := call.NewZones(o.TimeZone); return err }},
		{"URL_PREFIX", func() error { return checkPrefix(o.URLPrefix) }},
		{"CORS_ORIGINS", func() error { return each(o.CORSOrigins, checkOrigin) }},
		{"REMOTE_STORE_FORWARD_HEADERS", func() error { return each(o.ForwardHeaders, checkHeader) }},
		{"CLUSTER_SERVERS", o.Settings.Check},
	} {
		if err := c.check(); err != nil && !yield(c.key, err) {
			return
		}
	}
}

// err joins what Check yields.
func (o Options) err() error {
	var errs []error
	for key, err := range o.Check {
		errs = append(errs, fmt.Errorf("cannot use %s: %w", key, err))
	}
	return errors.Join(errs...)
}

func each(list []string, check func(string) error) error {
	for _, s := range list {
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

// checkPrefix allows what a path may contain unescaped.
func checkPrefix(prefix string) error {
	if prefix = strings.Trim(prefix, "/"); prefix == "" {
		return nil
	}
	for node := range strings.SplitSeq(prefix, "/") {
		if node == "" || node == "." || node == ".." || strings.ContainsFunc(node, func(r rune) bool { return !isPlain(r) }) {
			return fmt.Errorf("%q: expected a path such as /graphite, of letters, digits and - . _ ~", prefix)
		}
	}
	return nil
}

func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
}

// checkOrigin allows what a browser sends as Origin, and *.
func checkOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme == "" || !cluster.ValidHost(u.Host) || u.User != nil {
		return fmt.Errorf("%q: expected * or scheme://host[:port], such as https://grafana.example", origin)
	}
	sent := u.Scheme + "://" + strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		sent = strings.TrimSuffix(sent, ":"+port)
	}
	if origin != strings.TrimSuffix(sent, ":") {
		return fmt.Errorf("%q: no browser sends this; expected %q", origin, strings.TrimSuffix(sent, ":"))
	}
	return nil
}

// checkHeader allows the name of a header.
func checkHeader(name string) error {
	if strings.ContainsFunc(name, func(r rune) bool { return !isPlain(r) && !strings.ContainsRune("!#$%&'*+^`|", r) }) {
		return fmt.Errorf("%q is no name of a header", name)
	}
	return nil
}
