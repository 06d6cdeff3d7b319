package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"graphited/carbon/listen"
)

// TestSetAddr: what a flag says of an address is what the checks, the list of options and the start
// have, each from the one value.
func TestSetAddr(t *testing.T) {
	for _, c := range []struct {
		flag, text string
		want       listen.Address
		listens    string   // in the description
		options    []string // in the list of options
	}{
		{"line", "127.0.0.1:9999", listen.Address{Interface: "127.0.0.1", Port: 9999}, "metrics, lines, TCP 127.0.0.1:9999",
			[]string{"LINE_RECEIVER_INTERFACE 127.0.0.1 --line 127.0.0.1:9999", "LINE_RECEIVER_PORT 9999 --line 127.0.0.1:9999"}},
		{"line", ":0", listen.Address{Port: listen.Free}, "metrics, lines, TCP :0 (a free port)",
			[]string{"LINE_RECEIVER_INTERFACE --line :0", "LINE_RECEIVER_PORT 0 --line :0"}},
		{"pickle", "", listen.Address{Interface: "0.0.0.0"}, "metrics, pickle off",
			[]string{"PICKLE_RECEIVER_INTERFACE 0.0.0.0 default", `PICKLE_RECEIVER_PORT 0 --pickle ""`}},
		{"cache-query", "7003", listen.Address{Port: 7003}, "cache queries :7003",
			[]string{"CACHE_QUERY_INTERFACE --cache-query 7003", "CACHE_QUERY_PORT 7003 --cache-query 7003"}},
		{"http", "[::1]:8081", listen.Address{Interface: "::1", Port: 8081}, "web and render API [::1]:8081",
			[]string{"HTTP_INTERFACE ::1 --http [::1]:8081", "HTTP_PORT 8081 --http [::1]:8081"}},
		{"http", "", listen.Address{Interface: "0.0.0.0"}, "web and render API off",
			[]string{"HTTP_INTERFACE 0.0.0.0 default", `HTTP_PORT 0 --http ""`}},
	} {
		cfg := newConfig(Source{})
		if err := cfg.SetAddr(c.flag, c.text); err != nil {
			t.Errorf("--%s %q: %v", c.flag, c.text, err)
			continue
		}
		for _, e := range cfg.endpoints() {
			if e.flag == c.flag && *e.addr != c.want {
				t.Errorf("--%s %q: got %#v", c.flag, c.text, *e.addr)
			}
		}
		var b strings.Builder
		cfg.describeAddresses(&b)
		must(t, cfg.DescribeOptions(&b))
		lines := map[string]bool{}
		for line := range strings.Lines(b.String()) {
			lines[strings.Join(strings.Fields(line), " ")] = true
		}
		for _, want := range append(c.options, c.listens) {
			if !lines[want] {
				t.Errorf("--%s %q: no line %q in\n%s", c.flag, c.text, want, b.String())
			}
		}
	}
	if err := newConfig(Source{}).SetAddr("line", "nonsense"); err == nil || err.Error() != `--line "nonsense": expected HOST:PORT, :PORT, PORT or nothing` {
		t.Errorf("got %v", err)
	}
}

// TestEachAddressHasItsRules: each address of the options is one that the checks know, and has a
// list of who may connect that acts. A port without a list would be open to everybody.
func TestEachAddressHasItsRules(t *testing.T) {
	c := newConfig(Source{})
	known := map[*listen.Address]endpoint{}
	for _, e := range c.endpoints() {
		known[e.addr] = e
	}
	seen := 0
	for _, options := range [...]any{&c.Carbon, &c.Web} {
		v := reflect.ValueOf(options).Elem()
		for i := range v.NumField() {
			addr, ok := v.Field(i).Addr().Interface().(*listen.Address)
			if !ok {
				continue
			}
			seen++
			e, ok := known[addr]
			if !ok {
				t.Errorf("%s: the checks do not know the address", v.Type().Field(i).Name)
				continue
			}
			file := filepath.Join(t.TempDir(), "carbon.conf")
			if err := os.WriteFile(file, []byte("["+e.section+"]\n"+e.key+"_ALLOW = 192.0.2.1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			c, report := Load(Source{File: file, Env: func(string) string { return "" }})
			if report.Err() != nil {
				t.Errorf("%s_ALLOW: %v", e.key, report.Err())
				continue
			}
			for from, want := range map[string]bool{"192.0.2.1": true, "192.0.2.2": false} {
				if got := c.Access.Allowed(e.access, netip.MustParseAddr(from)); got != want {
					t.Errorf("with %s_ALLOW = 192.0.2.1 %s may connect: %v", e.key, from, got)
				}
			}
		}
	}
	if seen != len(known) {
		t.Errorf("the options have %d addresses, and the checks %d", seen, len(known))
	}
}
