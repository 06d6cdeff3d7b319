package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"graphited/carbon"
)

// listening is a port that the configuration asks for.
type listening struct {
	what   string // the flag that sets its address, without dashes; "": there is none
	option string // and the option that sets its number
	iface  string // and the one that sets its interface
	host   string
	port   int
	udp    bool
	closed bool // to those who are not on a list, or have no password
}

// listens returns the ports that are on, HTTP first.
func (c *Config) listens() (list []listening) {
	// By the option of its number: the flag that sets a port's address, if one does, and the name
	// by which the access rules know it.
	reached := map[string]struct{ flag, access string }{
		"HTTP_PORT":              {"http", "http"},
		"LINE_RECEIVER_PORT":     {"line", "line"},
		"UDP_RECEIVER_PORT":      {"", "udp"},
		"PICKLE_RECEIVER_PORT":   {"pickle", "pickle"},
		"PROTOBUF_RECEIVER_PORT": {"", "protobuf"},
		"CACHE_QUERY_PORT":       {"cache-query", "cache_query"},
	}
	for _, e := range c.endpoints() {
		if !e.on {
			continue
		}
		by := reached[e.key]
		l := listening{
			what: by.flag, option: e.key, iface: strings.Replace(e.key, "_PORT", "_INTERFACE", 1),
			host: e.host, port: e.port, udp: e.network == "udp", closed: len(c.Access.allow[by.access]) > 0,
		}
		if by.access == "http" {
			l.closed = l.closed || c.Access.credentials != nil
			list = append([]listening{l}, list...)
		} else {
			list = append(list, l)
		}
	}
	return list
}

// open says whether a port is open to other machines.
func (l listening) open() bool {
	ip := net.ParseIP(strings.Trim(l.host, "[]"))
	return !l.closed && l.host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// closing is what closes a port to other machines: a flag, or else an option.
func (l listening) closing(flags bool) string {
	if flags && l.what != "" {
		return fmt.Sprintf("--%s 127.0.0.1:%d", l.what, l.port)
	}
	return l.iface + "=127.0.0.1"
}

// Welcome says, after the start, what to open in a browser, and what to do about ports that
// everybody can reach. http is the address of the API; nil: there is none.
func (c *Config) Welcome(http net.Addr) (lines []string) {
	if http != nil {
		url := c.URLAt(http)
		if a, ok := http.(*net.TCPAddr); ok && a.IP.IsUnspecified() {
			if host, err := os.Hostname(); err == nil {
				url = strings.Replace(url, "127.0.0.1", host, 1)
			}
		}
		lines = append(lines, "the page is at "+strings.TrimSuffix(url, "/")+"/")
	}
	var open []string
	for _, l := range c.listens() {
		if l.open() {
			open = append(open, l.closing(c.File == ""))
		}
	}
	if len(open) > 0 {
		lines = append(lines, "open to every machine that reaches this one; this closes it: "+strings.Join(open, " ")+" (docs/network.md has passwords and lists of addresses)")
	}
	return lines
}

// Advise adds to an error of the start what can be done about it.
func (c *Config) Advise(err error) error {
	var op *net.OpError
	var path *fs.PathError
	switch {
	case errors.As(err, &op) && op.Op == "listen":
		if l, ok := c.listeningOn(op); ok {
			return fmt.Errorf("%w: %s", err, l.advice(op.Err))
		}
	case errors.Is(err, carbon.ErrLocked):
		return fmt.Errorf("%w: stop that one, or choose another folder with --storage-dir DIR or LOCAL_DATA_DIR", err)
	case errors.As(err, &path) && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR)) && c.inData(path.Path):
		user := ""
		if c.Process.User != "" {
			user = fmt.Sprintf("; with USER = %s all of it must be that user's", c.Process.User)
		}
		return fmt.Errorf("%w: the data folder is %q%s; --storage-dir DIR or LOCAL_DATA_DIR chooses another one", err, c.Folder(), user)
	}
	if c.Process.User != "" && errors.Is(err, fs.ErrPermission) { // to make the ready file or LINE_RECEIVER_SOCKET in a folder of root's, such as /run
		return fmt.Errorf("%w: USER = %s has to be allowed to write in that folder", err, c.Process.User)
	}
	return err
}

// inData reports whether a path is the data folder, above it or in it.
func (c *Config) inData(path string) bool {
	path, data := absolute(path)+string(os.PathSeparator), c.Folder()+string(os.PathSeparator)
	return strings.HasPrefix(path, data) || strings.HasPrefix(data, path)
}

// listeningOn finds the port that could not be opened.
func (c *Config) listeningOn(op *net.OpError) (l listening, ok bool) {
	if op.Addr == nil {
		return l, false
	}
	_, port, _ := net.SplitHostPort(op.Addr.String())
	udp := strings.HasPrefix(op.Net, "udp")
	for _, l := range c.listens() {
		if fmt.Sprint(l.port) == port && l.udp == udp {
			return l, true
		}
	}
	return l, false
}

// advice says which option has the port, and what can be done.
func (l listening) advice(cause error) string {
	flag := ""
	if l.what != "" {
		flag = ", or --" + l.what + " HOST:PORT,"
	}
	switch {
	case errors.Is(cause, syscall.EADDRINUSE):
		return fmt.Sprintf("another program, or another option, has port %d; %s%s chooses another one", l.port, l.option, flag)
	case errors.Is(cause, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("this machine does not have the address %q; %s%s chooses another one", l.host, l.iface, flag)
	case errors.Is(cause, fs.ErrPermission):
		return fmt.Sprintf("ports below 1024 are for root; %s%s chooses another one", l.option, flag)
	}
	return fmt.Sprintf("%s, %s%s say where", l.iface, l.option, flag)
}
