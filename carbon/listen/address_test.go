package listen

import "testing"

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text          string
		want          Address
		shown, opened string
	}{
		{"", Address{}, "off", ""},
		{"2003", Address{"", 2003}, ":2003", ":2003"},
		{":2003", Address{"", 2003}, ":2003", ":2003"},
		{"127.0.0.1:9999", Address{"127.0.0.1", 9999}, "127.0.0.1:9999", "127.0.0.1:9999"},
		{"[::1]:8080", Address{"::1", 8080}, "[::1]:8080", "[::1]:8080"},
		{":0", Address{"", Free}, ":0 (a free port)", ":0"},
		{"0", Address{"", Free}, ":0 (a free port)", ":0"},
		{"localhost:0", Address{"localhost", Free}, "localhost:0 (a free port)", "localhost:0"},
		{"a:65535", Address{"a", 65535}, "a:65535", "a:65535"},
	} {
		got, err := Parse(c.text)
		if err != nil || got != c.want || got.String() != c.shown || got.On() && got.HostPort() != c.opened {
			t.Errorf("%q: got %#v, shown as %q, %v", c.text, got, got, err)
		}
	}
	for text, want := range map[string]string{
		"nonsense": "expected HOST:PORT, :PORT, PORT or nothing", "1.2.3.4": "expected HOST:PORT, :PORT, PORT or nothing", "::1:80": "expected HOST:PORT, :PORT, PORT or nothing",
		":port": `"port" is no port`, ":-1": `"-1" is no port`, "-1": `"-1" is no port`, ":65536": `"65536" is no port`,
	} {
		if a, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %#v, %v, want %s", text, a, err, want)
		}
	}
}

func TestBrackets(t *testing.T) {
	a := Address{"[::1]", 80}
	if a.HostPort() != "[::1]:80" || a.Host() != "::1" || !a.Loopback() || a.Wild() {
		t.Errorf("got %s, host %s", a, a.Host())
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		a                          Address
		wild, loopback, privileged bool
	}{
		{Address{"", 1024}, true, false, false},
		{Address{"0.0.0.0", 1023}, true, false, true},
		{Address{"[::]", 1}, true, false, true},
		{Address{"localhost", Free}, false, true, false},
		{Address{"127.0.0.2", 0}, false, true, false},
		{Address{"192.0.2.1", 80}, false, false, true},
		{Address{"graphite.example", 8080}, false, false, false},
	} {
		if c.a.Wild() != c.wild || c.a.Loopback() != c.loopback || c.a.Privileged() != c.privileged {
			t.Errorf("%#v: wild %v, loopback %v, privileged %v", c.a, c.a.Wild(), c.a.Loopback(), c.a.Privileged())
		}
	}
}

func TestCollides(t *testing.T) {
	for _, c := range []struct {
		a, b Address
		want bool
	}{
		{Address{"127.0.0.1", 80}, Address{"127.0.0.1", 80}, true},
		{Address{"127.0.0.1", 80}, Address{"127.0.0.2", 80}, false},
		{Address{"127.0.0.1", 80}, Address{"", 80}, true},
		{Address{"[::]", 80}, Address{"127.0.0.1", 80}, true},
		{Address{"[::1]", 80}, Address{"::1", 80}, true},
		{Address{"", 80}, Address{"", 81}, false},
		{Address{"", Free}, Address{"", Free}, false},
		{Address{"", 0}, Address{"", 0}, false},
	} {
		if c.a.Collides(c.b) != c.want || c.b.Collides(c.a) != c.want {
			t.Errorf("%s and %s: got %v", c.a, c.b, !c.want)
		}
	}
}
