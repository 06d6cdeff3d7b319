package config

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"graphited/api"
	"graphited/carbon"
	"graphited/render"
	"graphited/whisper/vfs"
)

// URL returns where the server of this configuration is reached from its own machine.
func (c *Config) URL() (string, error) {
	if c.NoWeb || c.Web.Port == 0 {
		return "", errors.New("the configuration does not say where the server is: give its URL with --server, or a folder with --dir")
	}
	host := strings.Trim(c.Web.Interface, "[]")
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(c.Web.Port))}
	if c.Access.TLS("http") != nil {
		u.Scheme = "https"
	}
	if p := strings.Trim(c.Web.URLPrefix, "/"); p != "" {
		u.Path = "/" + p
	}
	return u.String(), nil
}

// Files returns what answers from whisper files alone, those in dir, or with "" in the folder of this configuration. Nothing is locked or changed.
func (c *Config) Files(dir string) (api.Options, error) {
	o := c.Web
	o.URLPrefix = ""
	data := c.Carbon
	if dir != "" {
		data.LocalDataDir = dir
	}
	store, err := carbon.OpenStore(data, vfs.OS{}, time.Now)
	if err != nil {
		return o, err
	}
	o.Finder = store
	o.Templates = func() *api.Templates { return c.Pictures }
	o.Engine, err = render.NewEngine(render.EngineOptions{Store: store, Limits: o.Limits})
	return o, err
}
