package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"graphited/carbon"
	"graphited/carbon/listen"
	"graphited/config/configtest"
	"graphited/whisper/vfs"
)

func TestWelcome(t *testing.T) {
	loopback := func(c *Config) {
		c.Web.Addr.Interface, c.Carbon.LineAddr.Interface, c.Carbon.PickleAddr.Interface, c.Carbon.QueryAddr.Interface = "127.0.0.1", "::1", "localhost", "127.0.0.2"
	}
	for name, c := range map[string]struct {
		change func(*Config)
		http   string
		want   string // of the lines, joined
	}{
		"only here":       {loopback, "127.0.0.1:8080", "the page is at http://127.0.0.1:8080/"},
		"below a path":    {func(c *Config) { loopback(c); c.Web.URLPrefix = "/graphite/" }, "[::1]:80", "the page is at http://[::1]:80/graphite/"},
		"no page":         {func(c *Config) { loopback(c); c.Web.Addr = listen.Address{Interface: "0.0.0.0"} }, "", ""},
		"one is open":     {func(c *Config) { loopback(c); c.Carbon.LineAddr.Interface = "0.0.0.0" }, "127.0.0.1:80", "this closes it: --line 127.0.0.1:2003 ("},
		"by the file":     {func(c *Config) { loopback(c); c.Carbon.LineAddr.Interface = ""; c.File = "x" }, "127.0.0.1:80", "this closes it: LINE_RECEIVER_INTERFACE=127.0.0.1 ("},
		"by a flag":       {func(c *Config) { loopback(c); must(t, c.SetAddr("pickle", "10.0.0.1:1")) }, "127.0.0.1:80", "this closes it: --pickle 127.0.0.1:1 ("},
		"closed by flags": {func(c *Config) { loopback(c); c.Carbon.LineAddr.Interface = ""; must(t, c.SetAddr("line", "[::1]:1")) }, "127.0.0.1:80", "the page is at http://127.0.0.1:80/"},
		"off":             {func(c *Config) { loopback(c); c.Carbon.LineAddr.Interface = ""; must(t, c.SetAddr("line", "")) }, "127.0.0.1:80", "the page is at http://127.0.0.1:80/"},
		"UDP":             {func(c *Config) { loopback(c); c.Carbon.UDP = true }, "127.0.0.1:80", "this closes it: UDP_RECEIVER_INTERFACE=127.0.0.1 ("},
		"a list": {func(c *Config) {
			loopback(c)
			c.Carbon.LineAddr.Interface = ""
			c.Access.Cache.Line = []string{"10.0.0.0/8"}
		}, "127.0.0.1:80", "the page is at http://127.0.0.1:80/"},
	} {
		cfg := newConfig(Source{})
		c.change(cfg)
		if r := cfg.Access.load(); r.Err() != nil {
			t.Fatal(r.Err())
		}
		var http net.Addr
		if c.http != "" {
			http, _ = net.ResolveTCPAddr("tcp", c.http)
		}
		got := strings.Join(cfg.Welcome(http), "\n")
		if open := strings.HasPrefix(c.want, "this closes"); open && !strings.Contains(got, c.want) || !open && got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAdvise takes real errors of ports that are taken.
func TestAdvise(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	cfg := newConfig(Source{})
	cfg.Carbon.LocalDataDir = t.TempDir()
	must(t, cfg.SetAddr("pickle", "127.0.0.1:"+port))
	_, err = net.Listen("tcp", l.Addr().String())
	err = fmt.Errorf("cannot listen: %w", err)
	if got := cfg.Advise(err); !errors.Is(got, err) || !strings.HasSuffix(got.Error(), "port "+port+"; PICKLE_RECEIVER_PORT, or --pickle HOST:PORT, chooses another one") {
		t.Errorf("%v", got)
	}

	// A file where the folder is to be.
	cfg.Carbon.LocalDataDir = filepath.Join(configtest.WriteFiles(t, map[string]string{"file": ""}), "file", "below")
	cfg.Process.User = "somebody"
	_, err = carbon.New(cfg.Carbon, carbon.Deps{FS: vfs.OS{}})
	if got := fmt.Sprint(cfg.Advise(err)); !strings.Contains(got, fmt.Sprintf("the data folder is %q; with USER = somebody", cfg.Folder())) || !strings.Contains(got, "--storage-dir DIR") {
		t.Errorf("%s", got)
	}
	for _, err := range []error{
		fmt.Errorf("cannot write the ready file: %w", &fs.PathError{Op: "open", Path: "/run/x", Err: syscall.EACCES}),
		&net.OpError{Op: "listen", Net: "unix", Addr: &net.UnixAddr{Name: "/run/x", Net: "unix"}, Err: os.NewSyscallError("bind", syscall.EACCES)},
	} {
		if got := cfg.Advise(err); !errors.Is(got, err) || !strings.HasSuffix(got.Error(), "USER = somebody has to be allowed to write in that folder") {
			t.Errorf("%v", got)
		}
	}
	for _, err := range []error{nil, errors.New("else")} {
		if got := cfg.Advise(err); got != err {
			t.Errorf("%v: %v", err, got)
		}
	}
	if got := cfg.Advise(carbon.ErrLocked); !errors.Is(got, carbon.ErrLocked) || !strings.Contains(got.Error(), "stop that one, or choose another folder with --storage-dir DIR") {
		t.Errorf("%v", got)
	}
}
