package config

import (
	"fmt"
	"net"
	"strconv"
)

// SetAddr lays an address of the command line over the file's: what is line, pickle, cache-query or
// http; addr is HOST:PORT or PORT, where the host may be missing and port 0 picks a free one, or
// empty to turn the port off.
func (c *Config) SetAddr(what, addr string) error {
	host, port := "", 0
	if _, err := strconv.Atoi(addr); err == nil {
		addr = ":" + addr
	}
	if addr != "" {
		h, text, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("--%s %q: expected HOST:PORT, :PORT, PORT or nothing", what, addr)
		}
		if port, err = strconv.Atoi(text); err != nil || port < 0 || port > 65535 {
			return fmt.Errorf("--%s %q: %q is no port", what, addr, text)
		}
		host = h
	}
	var key origin
	switch what {
	case "line":
		c.Carbon.LineAddr, c.Carbon.LinePort = addr, port
		key = origin{"cache", "LINE_RECEIVER_PORT"}
	case "pickle":
		c.Carbon.PickleAddr, c.Carbon.PicklePort = addr, port
		key = origin{"cache", "PICKLE_RECEIVER_PORT"}
	case "cache-query":
		c.Carbon.QueryAddr, c.Carbon.QueryPort = addr, port
		key = origin{"cache", "CACHE_QUERY_PORT"}
	case "http":
		c.Web.Interface, c.Web.Port, c.NoWeb = host, port, addr == ""
		key = origin{"web", "HTTP_PORT"}
	default:
		panic("BUG: there is no address " + what)
	}
	c.origins[key] = "--" + what + " " + addr
	return nil
}
