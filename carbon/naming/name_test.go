package naming

import (
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	same := func(name string) {
		t.Helper()
		if got, ok := Canonical([]byte(name)); !ok || string(got) != name {
			t.Errorf("canonical(%q) = %q, %v; want it unchanged", name, got, ok)
		}
	}
	becomes := func(name, want string) {
		t.Helper()
		if got, ok := Canonical([]byte(name)); !ok || string(got) != want {
			t.Errorf("canonical(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
	refused := func(name string) {
		t.Helper()
		if got, ok := Canonical([]byte(name)); ok {
			t.Errorf("canonical(%q) = %q, want a refusal", name, got)
		}
	}
	same("a")
	same("servers.web01.cpu-0.idle")
	same("a b.c") // from a pickle
	same("größe.温度")
	same("a.<b>.*.[x]")
	same(strings.Repeat("n", maxNode) + ".b")
	same("cpu;dc=1;host=web01")
	same("disk;path=/var/lib")
	becomes("cpu;host=web01;dc=1", "cpu;dc=1;host=web01")
	becomes("cpu;dc=2;host=web01;dc=1", "cpu;dc=1;host=web01")
	becomes(`cpu{host="web01",dc="1"}`, "cpu;dc=1;host=web01")
	becomes("~cpu.a~b", "cpu.a~b")
	becomes("~~cpu;dc=1", "cpu;dc=1")
	refused("")
	refused("~")
	refused("~.a")
	refused("~_tagged.465.57e.x")
	refused(".")
	refused(".a")
	refused("a.")
	refused("a..b")
	refused("..")
	refused("a/b")
	refused("/etc/passwd")
	refused("../../etc/passwd")
	refused("a\x00b")
	refused("a\nb")
	refused("a\x7fb")
	refused("a\u00a0b")
	refused("a\u0085b")
	refused("a.\xff")
	refused(strings.Repeat("n", maxNode+1))
	refused(strings.Repeat("n.", MaxName/2) + "n")
	refused("_tagged.465.57e.x")
	refused("cpu;host")
	refused("cpu;=1")
	refused("cpu;host=")
	refused("cpu;host=~1")
	refused(";host=1")
}

func TestFilePath(t *testing.T) {
	f := func(name string, hash bool, want string) {
		t.Helper()
		if got := FilePath("/data", name, hash); got != want {
			t.Errorf("filePath(%q, %v) = %q, want %q", name, hash, got, want)
		}
	}
	f("a.b.c", true, "/data/a/b/c.wsp")
	// As carbon.util.TaggedSeries.encode gives them.
	f("disk.used;datacenter=dc1;server=web01", true, "/data/_tagged/465/57e/46557e1dbc23db7ae6c9c2795cbc0f197c0dbf1174a874c5d16053b3568320b4.wsp")
	f("disk.used;datacenter=dc1;server=web01", false, "/data/_tagged/465/57e/disk_DOT_used;datacenter=dc1;server=web01.wsp")
}

// TestLongestName: a name of as many bytes as the limit is a name.
func TestLongestName(t *testing.T) {
	name := strings.Repeat(strings.Repeat("n", maxNode)+".", MaxName/maxNode)
	name += strings.Repeat("x", MaxName-len(name))
	for text, want := range map[string]bool{name: true, name + "x": false} {
		if _, ok := Canonical([]byte(text)); ok != want {
			t.Errorf("a name of %d bytes is one: %v", len(text), ok)
		}
	}
}
