package config

import (
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"graphited/api"
	"graphited/carbon"
	"graphited/carbon/listen"
	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper/vfs"
)

// URL returns where the server of this configuration is reached from its own machine.
func (c *Config) URL() (string, error) {
	if c.Web.Addr.Port <= 0 { // off, or a free port
		return "", errors.New("the configuration does not say where the server is: give its URL with --server")
	}
	return c.urlAt(c.Web.Addr), nil
}

// URLAt returns where a server of this configuration is reached from its own machine that listens
// on an address.
func (c *Config) URLAt(addr net.Addr) string {
	host, text, _ := net.SplitHostPort(addr.String())
	port, _ := strconv.Atoi(text)
	return c.urlAt(listen.Address{Interface: host, Port: port})
}

func (c *Config) urlAt(addr listen.Address) string {
	if addr.Wild() {
		addr.Interface = "127.0.0.1"
	}
	u := url.URL{Scheme: "http", Host: addr.HostPort()}
	if c.Access.TLS("http") != nil {
		u.Scheme = "https"
	}
	if p := strings.Trim(c.Web.URLPrefix, "/"); p != "" {
		u.Path = "/" + p
	}
	return u.String()
}

// Folder returns the folder of the whisper files.
func (c *Config) Folder() string { return absolute(c.Carbon.LocalDataDir) }

// Running returns what the server of the folder has left in it: its URL and its id.
func (c *Config) Running() (url, id string, err error) {
	m, err := carbon.ReadMark(vfs.OS{}, c.Carbon.LocalDataDir)
	return m.URL, m.ID, err
}

// OtherRules reports whether the server of the folder was started with another configuration file
// than this, if there is one.
func (c *Config) OtherRules() bool {
	m, err := carbon.ReadMark(vfs.OS{}, c.Carbon.LocalDataDir)
	return err == nil && c.File != "" && m.Config != absolute(c.File)
}

// Mark leaves in the folder where this server listens.
func (c *Config) Mark(d *carbon.Daemon, http net.Addr) error {
	return d.LeaveMark(c.URLAt(http), absolute(c.File))
}

// absolute makes a path absolute; "" stays.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		return abs
	}
	return path
}

// Files returns a server's options and parts that answer from whisper files alone, those in dir, or
// with "" in the folder of this configuration. Nothing is locked or changed.
func (c *Config) Files(dir string) (api.Options, api.Deps, error) {
	o := c.Web
	o.URLPrefix = ""
	data := c.Carbon
	if dir != "" {
		data.LocalDataDir = dir
	}
	store, err := carbon.OpenStore(data, vfs.OS{}, time.Now)
	if err != nil {
		return o, api.Deps{}, err
	}
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: store, Limits: o.Limits})
	return o, api.Deps{
		Engine:    engine,
		Finder:    store,
		Templates: func() *api.Templates { return c.Pictures },
		Log:       zerolog.Nop(),
	}, err
}
