package index

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// regularNames are a million names in five thousand words: servers.web0000..4999.cpu.0..7.(25
// leaves).
var regularNames = sync.OnceValue(func() []string {
	leaves := strings.Fields("user system idle iowait nice irq softirq steal guest guestnice u1 u2 u3 u4 u5 u6 u7 u8 u9 v1 v2 v3 v4 v5 v6")
	names := make([]string, 0, 1_000_000)
	for host := range 5000 {
		for cpu := range 8 {
			for _, l := range leaves {
				names = append(names, fmt.Sprintf("servers.web%04d.cpu.%d.%s", host, cpu, l))
			}
		}
	}
	return names
})

// distinctNames are a million names with a word of their own each: app.svc000..499.<12 hex
// digits>.count.
var distinctNames = sync.OnceValue(func() []string {
	names := make([]string, 0, 1_000_000)
	x := uint64(88172645463325252)
	for range 1_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		names = append(names, fmt.Sprintf("app.svc%03d.%012x.count", x%500, (x>>9)&0xffffffffffff))
	}
	return names
})

func treeOf(names []string) *Tree {
	t := New()
	for _, n := range names {
		t.Add(n)
	}
	t.Compact()
	return t
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkAddMillion(b *testing.B) {
	for _, set := range []struct {
		name  string
		names func() []string
	}{{"regular", regularNames}, {"distinct", distinctNames}} {
		b.Run(set.name, func(b *testing.B) {
			names := set.names()
			b.ReportAllocs()
			for b.Loop() {
				before := heap()
				t := treeOf(names)
				b.ReportMetric(float64(heap()-before)/float64(len(names)), "B/name")
				runtime.KeepAlive(t)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	for _, set := range []struct {
		name     string
		names    func() []string
		patterns []string
	}{
		{"regular", regularNames, []string{
			"servers.*.cpu.0.user", "servers.web12*.*.*.user", "servers.web1234.cpu.3.idle", "servers.web1234.cpu.*.*", "servers.*",
			"servers.{web0001,web0002,web4711}.cpu.0.user", "servers.web?2{3,4}[0-4].cpu.*.u*r", "*.*.*.*.*", "servers.web12??.**.user", "**.user",
		}},
		{"distinct", distinctNames, []string{"app.svc001.*.count", "app.*.abc*.count", "app.*.*beef*.count", "app.*.*{beef,dead}*.count", "app.*.*.count"}},
	} {
		t := treeOf(set.names())
		for _, p := range set.patterns {
			b.Run(set.name+"/"+p, func(b *testing.B) {
				b.ReportAllocs()
				hits := 0
				for b.Loop() {
					hits = count(t.Find(p))
				}
				b.ReportMetric(float64(hits), "hits")
			})
		}
		b.Run(set.name+"/Names", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range t.Names() {
				}
			}
		})
	}
}

func BenchmarkHas(b *testing.B) {
	names := regularNames()
	t := treeOf(names)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if !t.Has(names[i*7919%len(names)]) {
			b.Fatal("lost a name")
		}
	}
}

// BenchmarkCollect makes a slice of what is found, as a caller does that keeps it.
func BenchmarkCollect(b *testing.B) {
	t := treeOf(regularNames())
	b.ReportAllocs()
	for b.Loop() {
		var names []string
		for n := range t.Find("servers.*.cpu.*.user") {
			names = append(names, n)
		}
		if len(names) != 40000 || !slices.IsSorted(names) {
			b.Fatal("wrong names")
		}
	}
}

// taggedNames are a million series of 100 names on 5,000 hosts, each with four tags, two of them
// the host's.
var taggedNames = sync.OnceValue(func() []string {
	names := make([]string, 0, 1_000_000)
	for host := range 5000 {
		for n := range 100 {
			for d := range 2 {
				names = append(names, fmt.Sprintf("disk.metric%02d;dc=dc%d;device=sd%c;host=web%04d;rack=r%03d", n, host%4, 'a'+d, host, host/20))
			}
		}
	}
	return names
})

func BenchmarkTagsAddMillion(b *testing.B) {
	names := taggedNames()
	b.ReportAllocs()
	for b.Loop() {
		before := heap()
		t := NewTags(nil)
		for _, n := range names {
			t.Add(n)
		}
		b.ReportMetric(float64(heap()-before)/float64(len(names)), "B/series")
		runtime.KeepAlive(t)
	}
}

func BenchmarkTagsFind(b *testing.B) {
	t := NewTags(nil)
	for _, n := range taggedNames() {
		t.Add(n)
	}
	for _, exprs := range []string{
		"host=web1234 name=disk.metric07", "name=disk.metric07", "name=disk.metric07 dc!=dc1 device=sda", "name=disk.metric07 host=~web12", "host=~web12.. name=~.*7$",
		"rack=r001 dc=~dc", "dc=dc1",
	} {
		b.Run(exprs, func(b *testing.B) {
			b.ReportAllocs()
			hits := 0
			for b.Loop() {
				found, err := t.Find(strings.Fields(exprs))
				if err != nil {
					b.Fatal(err)
				}
				hits = len(found)
			}
			b.ReportMetric(float64(hits), "hits")
		})
	}
	b.Run("values", func(b *testing.B) {
		for b.Loop() {
			if v, err := t.CompleteValues([]string{"dc=dc1"}, "host", "web", 100); err != nil || len(v) != 100 {
				b.Fatal(v, err)
			}
		}
	})
}

func BenchmarkParseTagged(b *testing.B) {
	for _, path := range []string{"disk.used;dc=dc1;host=web1;rack=r1", "disk.used;rack=r1;host=web1;dc=dc1", `disk.used{rack="r1",host="web1",dc="dc1"}`, "disk.used"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseTagged(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
