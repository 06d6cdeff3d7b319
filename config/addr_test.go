package config

import "testing"

func TestSetAddr(t *testing.T) {
	c := newConfig(Source{})
	for what, addr := range map[string]string{"line": "127.0.0.1:0", "pickle": "", "cache-query": ":7002", "http": "[::1]:8080"} {
		if err := c.SetAddr(what, addr); err != nil {
			t.Errorf("%s %q: %v", what, addr, err)
		}
	}
	if c.Carbon.LineAddr != "127.0.0.1:0" || c.Carbon.PickleAddr != "" || c.Carbon.PicklePort != 0 || c.Carbon.QueryAddr != ":7002" {
		t.Errorf("carbon's addresses: %+v", c.Carbon)
	}
	if c.Web.Interface != "::1" || c.Web.Port != 8080 || c.NoWeb {
		t.Errorf("HTTP: %q %d %v", c.Web.Interface, c.Web.Port, c.NoWeb)
	}
	if from := c.origins[origin{"cache", "LINE_RECEIVER_PORT"}]; from != "--line 127.0.0.1:0" {
		t.Errorf("the line port is from %q", from)
	}
	if err := c.SetAddr("http", ""); err != nil || !c.NoWeb {
		t.Errorf("an empty address turns HTTP off: %v %v", c.NoWeb, err)
	}
	for _, addr := range []string{"nonsense", "1.2.3.4", ":port", ":-1", ":65536", "::1:80"} {
		if err := c.SetAddr("line", addr); err == nil {
			t.Errorf("%q was taken for an address", addr)
		}
	}
}
