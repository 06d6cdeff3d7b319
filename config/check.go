package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"graphited/config/parse"
	"graphited/config/problem"
	"graphited/config/rules"
)

// Check finds what is wrong with the configuration as a whole, with what the flags say laid over
// it, and what has no effect. What the start would end with is an error, unless it depends on the
// moment: a port that is taken, a folder that is locked. The start and graphited check have it from
// here.
func (c *Config) Check(level string) (report problem.Report) {
	add := func(severity problem.Severity, section, key, msg string) {
		p := problem.Problem{Severity: severity, Section: section, Key: key, Msg: msg}
		report = append(report, c.place(p))
	}
	for key, err := range c.Carbon.Check {
		add(problem.Error, "cache", key, err.Error())
	}
	for key, err := range c.Web.Check {
		add(problem.Error, "web", key, err.Error())
	}
	c.checkPorts(add)
	c.checkFolders(add)
	c.checkEffects(add)
	c.checkLog(level, add)
	return report
}

// checkPorts finds interfaces that this machine does not have, and two receivers on one port.
func (c *Config) checkPorts(add func(severity problem.Severity, section, key, msg string)) {
	var before []endpoint
	tried := map[string]bool{}
	for _, e := range c.endpoints() {
		addr := c.inUse(e)
		if !addr.On() {
			continue
		}
		if host := addr.Host(); !addr.Wild() && !tried[host] {
			tried[host] = true
			if err := tryInterface(host); err != nil {
				add(problem.Error, e.section, e.interfaceKey(), fmt.Sprintf("%q: no address of this machine: %v", host, err))
			}
		}
		for _, b := range before {
			if e.network == b.network && addr.Collides(*b.addr) {
				add(problem.Error, e.section, e.portKey(), fmt.Sprintf("port %d is that of %s already", addr.Port, b.portKey()))
			}
		}
		before = append(before, e)
	}
	if c.Carbon.UDP && !c.Carbon.UDPAddr.On() {
		add(problem.Error, "cache", "UDP_RECEIVER_PORT", "0 turns it off, and ENABLE_UDP_LISTENER is True")
	}
}

// tryInterface listens on a free port of an address for a moment.
func tryInterface(host string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // for the name server
	defer cancel()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		return l.Close()
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return err
}

// maxSocketPath is how long the path of a Unix socket may be.
const maxSocketPath = 107

// checkFolders finds folders that cannot be there.
func (c *Config) checkFolders(add func(severity problem.Severity, section, key, msg string)) {
	folder := func(key, dir, cure string) {
		if dir = absolute(dir); dir == "" {
			return // who declares the option refuses that
		}
		if err := mayBeFolder(dir); err != nil {
			add(problem.Error, "cache", key, fmt.Sprintf("%q cannot be a folder: %v%s", dir, err, cure))
		}
	}
	folder("LOCAL_DATA_DIR", c.Carbon.LocalDataDir, "; --storage-dir DIR chooses another one")
	if c.Carbon.WAL && c.Carbon.WALDir != "" {
		folder("WAL_DIR", c.Carbon.WALDir, "")
	}
	path := c.Carbon.LineSocket
	if path == "" {
		return
	}
	info, err := os.Lstat(path)
	_, dirErr := os.ReadDir(filepath.Dir(path))
	switch {
	case len(path) > maxSocketPath:
		add(problem.Error, "cache", "LINE_RECEIVER_SOCKET", fmt.Sprintf("%q: the path of a socket has at most %d bytes", path, maxSocketPath))
	case err == nil && info.Mode()&fs.ModeSocket == 0:
		add(problem.Error, "cache", "LINE_RECEIVER_SOCKET", fmt.Sprintf("%q is there and is no socket", path))
	case errors.Is(dirErr, fs.ErrNotExist):
		add(problem.Error, "cache", "LINE_RECEIVER_SOCKET", fmt.Sprintf("%q: there is no such folder", path))
	}
}

// mayBeFolder returns why a path neither is a folder nor can become one: it is a file, or below
// one.
func mayBeFolder(path string) error {
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%q is a file", dir)
		case err == nil || filepath.Dir(dir) == dir:
			return nil
		}
	}
}

// checkEffects tells about what somebody has set and has no effect.
func (c *Config) checkEffects(add func(severity problem.Severity, section, key, msg string)) {
	o := &c.Carbon
	useless := func(useless bool, section, why string, keys ...string) {
		for _, key := range keys {
			if useless && c.origins[origin{section, key}] != "" {
				add(problem.Warning, section, key, "no effect: "+why)
			}
		}
	}
	useless(!o.WAL, "cache", "WAL is False", "WAL_DIR", "WAL_SYNC", "WAL_SYNC_INTERVAL", "WAL_MAX_SIZE", "WAL_STRICT")
	useless(o.WAL && o.WALSync != "interval", "cache", "WAL_SYNC is "+o.WALSync, "WAL_SYNC_INTERVAL")
	useless(o.TimeLag > 0 && o.WriteStrategy != "timesorted", "cache", "it needs CACHE_WRITE_STRATEGY = timesorted", "MIN_TIMESTAMP_LAG")
	useless(c.Web.ReadOnly && c.Web.WritableAPI, "web", "READ_ONLY refuses deletions", "WRITABLE_API")
	if len(c.Web.Servers) == 0 {
		for _, key := range slices.Sorted(maps.Keys(optionFields(&c.Web.Settings))) {
			useless(key != "CLUSTER_SERVERS", "web", "there are no CLUSTER_SERVERS", key)
		}
	}
	c.checkLists(add)
	c.checkNameFiles(add)
}

// checkLists tells about lists of addresses that let everybody in because nothing is in them.
func (c *Config) checkLists(add func(severity problem.Severity, section, key, msg string)) {
	for _, in := range [...]target{{"cache", optionFields(&c.Access.Cache)}, {"web", optionFields(&c.Access.Web)}} {
		for _, key := range slices.Sorted(maps.Keys(in.fields)) {
			if v := in.fields[key].value; v.Kind() == reflect.Slice && v.Len() == 0 && c.origins[origin{in.section, key}] != "" {
				add(problem.Warning, in.section, key, "an empty list lets everybody in")
			}
		}
	}
}

// checkNameFiles tells about files of rules for names that are not there.
func (c *Config) checkNameFiles(add func(severity problem.Severity, section, key, msg string)) {
	isThere := func(path string) bool {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	}
	if f := c.Carbon.RewriteRules; f != "" && c.origins[origin{"cache", "REWRITE_RULES"}] != "" && !isThere(parse.Path(c.Dirs.Conf, f)) {
		severity := problem.Warning
		if f == "rewrite-rules.conf" { // as it stands in carbon's examples
			severity = problem.Debug
		}
		add(severity, "cache", "REWRITE_RULES", fmt.Sprintf("there is no file %q: no name is rewritten", parse.Path(c.Dirs.Conf, f)))
	}
	lists := []string{parse.Path(c.Dirs.Conf, rules.WhitelistFile), parse.Path(c.Dirs.Conf, rules.BlacklistFile)}
	if c.Carbon.UseWhitelist && !slices.ContainsFunc(lists, isThere) {
		add(problem.Warning, "cache", "USE_WHITELIST", "no effect: there is neither "+rules.WhitelistFile+" nor "+rules.BlacklistFile+" in "+c.Dirs.Conf)
	}
}

// checkLog tells about options for a log that nobody sees, or that is elsewhere.
func (c *Config) checkLog(level string, add func(severity problem.Severity, section, key, msg string)) {
	least, err := zerolog.ParseLevel(level)
	if err != nil || level == "" {
		return // who starts the log says so
	}
	fields := optionFields(&c.Carbon)
	for _, key := range []string{"LOG_CREATES", "LOG_LISTENER_CONN_LOST", "LOG_LISTENER_CONN_SUCCESS", "LOG_UPDATES"} {
		at := zerolog.DebugLevel
		if key == "LOG_UPDATES" {
			at = zerolog.TraceLevel
		}
		if c.origins[origin{"cache", key}] != "" && fields[key].value.Bool() && at < least {
			add(problem.Info, "cache", key, fmt.Sprintf("no effect: this is logged at level %s, and --log-level is %s", at, least))
		}
	}
	for _, d := range [...]struct{ key, msg string }{
		{"LOG_DIR", "not used: the log goes to standard error, and whoever keeps it decides where"},
		{"PID_DIR", "not used: there is no file with the process's number; --ready-file has it"},
		{"WHITELISTS_DIR", "not used: whitelist.conf and blacklist.conf are in CONF_DIR"},
	} {
		if c.origins[origin{"cache", d.key}] != "" {
			add(problem.Info, "cache", d.key, d.msg)
		}
	}
}
