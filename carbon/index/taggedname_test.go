package index

import (
	"strings"
	"testing"
)

// TestTaggedName holds that the name of a file leads back to the series, for whatever a tag may
// have in it. The paths are those of carbon.util.TaggedSeries.encode, as the system reads them.
func TestTaggedName(t *testing.T) {
	for path, want := range map[string]string{
		"_tagged/df3/1f7/disk_DOT_used;host=web1;mount=/var/lib":                                    "disk.used;host=web1;mount=/var/lib",
		"_tagged/f46/3e8/net_DOT_rx;host=sw1;ifName=GigabitEthernet0/0/1":                           "net.rx;host=sw1;ifName=GigabitEthernet0/0/1",
		"_tagged/29d/a03/req;path=/a/{id};region=eu":                                                "req;path=/a/{id};region=eu",
		"_tagged/486/556/disk_DOT_used;host=web9;mount=/":                                           "disk.used;host=web9;mount=/",
		"_tagged/ecc/949/x;url=http:/a_DOT_b/c/d":                                                   "x;url=http://a.b/c//d",
		"_tagged/49f/613/lit_DOT_x;a=b_DOT_c_DOT_d":                                                 "lit_DOT_x;a=b.c_DOT_d",
		"_tagged/511/46c/sl;p=/a/":                                                                  "sl;p=/a/",
		"_tagged/df3/1f8/disk_DOT_used;host=web1;mount=/var/lib":                                    "", // another series' folder
		"_tagged/29d/a03/{id};region=eu":                                                            "",
		"_tagged/b34/2de/b342defa10cb579981c63ef78be5ac248f681f4bd2c35bc0209d3a7b9eb99346":          "",
		"_tagged/b34/x;a=b":                                                                         "",
		"_tagged/zzz/yyy/x;a=b":                                                                     "",
		"_tagged/486/556/" + strings.Repeat("_DOT_", 300) + strings.Repeat("/", 300) + ";host=web9": "",
		"disk_DOT_used;host=web9":                                                                   "",
	} {
		if got, ok := TaggedName(path); got != want || ok != (want != "") {
			t.Errorf("%.100q is of %q, %v; want %q", path, got, ok, want)
		}
	}
	for _, name := range []string{"a;b=c", "/a;b=c", "a.;b=.", "_DOT_;b=_DOT__DOT_", "_DOT.;b=c", "a;b=///c", "~a;b=c"} {
		name = strings.TrimLeft(name, "~")
		path := TaggedFile(name, false)
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
		if got, ok := TaggedName(path); !ok || got != name {
			t.Errorf("%q is of %q, %v; want %q", path, got, ok, name)
		}
	}
}
