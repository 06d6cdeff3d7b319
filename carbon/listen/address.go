// Package listen knows what an address is on which the program listens: an interface and a port,
// the port off, or any free port. It opens nothing. The receivers, the HTTP server, the
// configuration and the checks share this one value, so that all of them mean the same address.
package listen

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Free is the Port of an Address for which the system picks a free port.
const Free = -1

// privileged is the first port that every user may open.
const privileged = 1024

// Address is where the program listens. The zero value is off. The tags are completed by those of
// the option: conf:"HTTP" makes the keys HTTP_INTERFACE and HTTP_PORT.
type Address struct {
	// Interface is a host name or an IP address, for IPv6 with brackets or without. "" means every
	// interface.
	Interface string `conf:"INTERFACE" is:"interface" doc:"The address on which"`
	// Port is a number from 1 to 65535, 0 when the address is off, or Free.
	Port int `conf:"PORT" is:"port" doc:"The port on which"`
}

// Parse reads an address of the command line: HOST:PORT, :PORT or PORT, where port 0 means any free
// port. An empty text turns the address off.
func Parse(text string) (Address, error) {
	if text == "" {
		return Address{}, nil
	}
	host, number := "", text
	if _, err := strconv.Atoi(text); err != nil {
		if host, number, err = net.SplitHostPort(text); err != nil {
			return Address{}, fmt.Errorf("expected HOST:PORT, :PORT, PORT or nothing")
		}
	}
	port, err := strconv.Atoi(number)
	if err != nil || port < 0 || port > 65535 {
		return Address{}, fmt.Errorf("%q is no port", number)
	}
	if port == 0 {
		port = Free
	}
	return Address{Interface: host, Port: port}, nil
}

// On reports whether the program listens there.
func (a Address) On() bool { return a.Port != 0 }

// Host returns the interface without brackets.
func (a Address) Host() string {
	return strings.TrimSuffix(strings.TrimPrefix(a.Interface, "["), "]")
}

// HostPort returns the address as package net takes it. It panics when the address is off, because
// net would then open a free port.
func (a Address) HostPort() string {
	if !a.On() {
		panic("BUG: HostPort of an address that is off")
	}
	return net.JoinHostPort(a.Host(), strconv.Itoa(max(a.Port, 0)))
}

// String returns the address for people.
func (a Address) String() string {
	switch a.Port {
	case 0:
		return "off"
	case Free:
		return a.HostPort() + " (a free port)"
	}
	return a.HostPort()
}

// Privileged reports whether only root may open the port.
func (a Address) Privileged() bool { return a.Port > 0 && a.Port < privileged }

// Wild reports whether the address stands for every interface.
func (a Address) Wild() bool {
	host := a.Host()
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

// Loopback reports whether only this machine reaches the address.
func (a Address) Loopback() bool {
	host := a.Host()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Collides reports whether two addresses of the same network cannot be open at the same time.
func (a Address) Collides(b Address) bool {
	return a.Port > 0 && a.Port == b.Port && (a.Host() == b.Host() || a.Wild() || b.Wild())
}
