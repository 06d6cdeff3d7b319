package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"graphited/carbon"
	"graphited/carbon/listen"
)

// listens returns the endpoints that are on, HTTP first.
func (c *Config) listens() []endpoint {
	list := c.endpoints()
	last := len(list) - 1
	list = append(list[last:], list[:last]...)
	return slices.DeleteFunc(list, func(e endpoint) bool { return !c.inUse(e).On() })
}

// open reports whether other machines reach an endpoint without a password.
func (c *Config) open(e endpoint) bool {
	restricted := len(c.Access.allow[e.access]) > 0 || e.access == "http" && c.Access.credentials != nil
	return !restricted && !e.addr.Loopback()
}

// closing is what closes an endpoint to other machines: a flag, or else an option.
func (e endpoint) closing(flags bool) string {
	if flags && e.flag != "" {
		return "--" + e.flag + " " + listen.Address{Interface: "127.0.0.1", Port: e.addr.Port}.HostPort()
	}
	return e.interfaceKey() + "=127.0.0.1"
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
	for _, e := range c.listens() {
		if c.open(e) {
			open = append(open, e.closing(c.File == ""))
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
		if e, ok := c.listeningOn(op); ok {
			return fmt.Errorf("%w: %s", err, e.advice(op.Err))
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

// listeningOn finds the endpoint that could not be opened: the one with that address, or else with
// that port, since a name of a host was resolved.
func (c *Config) listeningOn(op *net.OpError) (found endpoint, ok bool) {
	if op.Addr == nil {
		return found, false
	}
	_, port, _ := net.SplitHostPort(op.Addr.String())
	for _, e := range c.listens() {
		_, number, _ := net.SplitHostPort(e.addr.HostPort())
		if number != port || !strings.HasPrefix(op.Net, e.network) {
			continue
		}
		if e.addr.HostPort() == op.Addr.String() {
			return e, true
		}
		if !ok {
			found, ok = e, true
		}
	}
	return found, ok
}

// advice says which option has the port, and what can be done.
func (e endpoint) advice(cause error) string {
	flag := ""
	if e.flag != "" {
		flag = ", or --" + e.flag + " HOST:PORT,"
	}
	switch {
	case errors.Is(cause, syscall.EADDRINUSE):
		return fmt.Sprintf("another program, or another option, has port %d; %s%s chooses another one", e.addr.Port, e.portKey(), flag)
	case errors.Is(cause, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("this machine does not have the address %q; %s%s chooses another one", e.addr.Host(), e.interfaceKey(), flag)
	case errors.Is(cause, fs.ErrPermission):
		return fmt.Sprintf("ports below 1024 are for root; %s%s chooses another one", e.portKey(), flag)
	}
	return fmt.Sprintf("%s, %s%s say where", e.interfaceKey(), e.portKey(), flag)
}
