package config

import (
	"fmt"

	"graphited/carbon/listen"
)

// endpoint is an address that the server listens on, or may listen on.
type endpoint struct {
	what    string // for people
	section string
	key     string // what the keys of interface and port begin with
	flag    string // the flag that sets the address, without dashes; "" when there is none
	access  string // the name by which the access rules know the port
	network string
	addr    *listen.Address
}

// portKey and interfaceKey are the options of the endpoint.
func (e endpoint) portKey() string      { return e.key + "_PORT" }
func (e endpoint) interfaceKey() string { return e.key + "_INTERFACE" }

// endpoints lists where the server can listen.
func (c *Config) endpoints() []endpoint {
	o := &c.Carbon
	return []endpoint{
		{"metrics, lines, TCP", "cache", "LINE_RECEIVER", "line", "line", "tcp", &o.LineAddr},
		{"metrics, lines, UDP", "cache", "UDP_RECEIVER", "", "udp", "udp", &o.UDPAddr},
		{"metrics, pickle", "cache", "PICKLE_RECEIVER", "pickle", "pickle", "tcp", &o.PickleAddr},
		{"metrics, protobuf", "cache", "PROTOBUF_RECEIVER", "", "protobuf", "tcp", &o.ProtobufAddr},
		{"cache queries", "cache", "CACHE_QUERY", "cache-query", "cache_query", "tcp", &o.QueryAddr},
		{"web and render API", "web", "HTTP", "http", "http", "tcp", &c.Web.Addr},
	}
}

// inUse returns the address at which the server listens: off for UDP unless ENABLE_UDP_LISTENER
// turns it on.
func (c *Config) inUse(e endpoint) listen.Address {
	if e.network == "udp" && !c.Carbon.UDP {
		return listen.Address{}
	}
	return *e.addr
}

// SetDrain lays the flag --drain over DRAIN_ON_STOP.
func (c *Config) SetDrain(drain bool) {
	c.Carbon.DrainOnStop = drain
	c.origins[origin{"cache", "DRAIN_ON_STOP"}] = "--drain"
}

// SetAddr replaces an address of the file by one of the command line. flag is line, pickle,
// cache-query or http; text is what listen.Parse reads.
func (c *Config) SetAddr(flag, text string) error {
	addr, err := listen.Parse(text)
	if err != nil {
		return fmt.Errorf("--%s %q: %w", flag, text, err)
	}
	for _, e := range c.endpoints() {
		if e.flag != flag {
			continue
		}
		from := "--" + flag + " " + text
		if !addr.On() {
			from = "--" + flag + ` ""`
			addr.Interface = e.addr.Interface
		} else {
			c.origins[origin{e.section, e.interfaceKey()}] = from
		}
		c.origins[origin{e.section, e.portKey()}] = from
		*e.addr = addr
		return nil
	}
	panic("BUG: there is no address " + flag)
}
