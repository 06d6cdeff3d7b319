package carbon

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/facts"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
)

func testQuotas(t *testing.T) Quotas {
	t.Helper()
	var quotas Quotas
	for _, c := range []struct {
		name, pattern, tag string
		most               int
	}{{"hosts", "servers.*", "", 2}, {"one", "servers.big", "", 1}, {"tenants", "", "tenant", 2}, {"closed", "shut", "", 0}} {
		q, err := NewQuota(c.name, c.pattern, c.tag, c.most)
		if err != nil {
			t.Fatal(err)
		}
		quotas = append(quotas, q)
	}
	return quotas
}

func TestLimits(t *testing.T) {
	names := index.New()
	defer names.Close()
	tags := index.NewTags(names)
	quotas := testQuotas(t)
	l := newQuotas(conf.Options{MaxSeries: 9, HashTagged: true}, func() Quotas { return quotas }, catalog{names, tags, true})
	for _, c := range []struct {
		name   string
		reason string // "": taken
	}{
		{"servers.a.x", ""}, {"servers.a.y.z", ""}, {"servers.a.new", "over_quota"}, {"servers.a.x", ""},
		{"servers.big.x", ""}, {"servers.big.y", "over_quota"}, {"servers.direct", ""},
		{"shut.x", "over_quota"}, {"shut", ""},
		{"m;tenant=t", ""}, {"m;host=1;tenant=t", ""}, {"m;host=2;tenant=t", "over_quota"}, {"m;tenant=u", ""},
		{"m;host=1", ""}, {"any", "too_many_series"}, {"servers.a.x", ""},
	} {
		_, reason, ok := l.admit(c.name)
		got := ""
		if !ok {
			got = reason.String()
		} else if naming.IsTagged(c.name) {
			tags.Add(c.name)
		}
		if got != c.reason {
			t.Errorf("%s: got %q, want %q", c.name, got, c.reason)
		}
	}
	if got := l.list(2); len(got) != 2 || got[0] != (QuotaCount{"hosts", "servers.a", 2, 2}) {
		t.Errorf("the fullest are %v", got)
	}

	// Where series went there is room again, once the group is counted anew.
	names.Delete("servers.a.x")
	for _, g := range l.groups {
		g.at = g.at.Add(-2 * recountFull)
	}
	if _, reason, ok := l.admit("servers.a.new"); !ok {
		t.Errorf("after a removal: %v", reason)
	}
	// Other quotas count from the beginning.
	names.Delete("servers.a.new")
	quotas = testQuotas(t)
	quotas[0].MaxSeries = 1
	if _, _, ok := l.admit("servers.a.other"); ok {
		t.Error("the new quota is not obeyed")
	}
}

func TestNewQuota(t *testing.T) {
	for _, c := range []struct{ pattern, tag, want string }{
		{"", "", "either"}, {"a", "b", "either"}, {"a..b", "", "no pattern"}, {"**", "", "no pattern"}, {"a.{b,c}*", "", ""}, {"", "host", ""},
	} {
		_, err := NewQuota("q", c.pattern, c.tag, 1)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q: %v", c.pattern, c.tag, err)
		}
	}
}

// TestLimitsAtOnce: many receive new names at the same time, and exactly so many are taken as there
// may be.
func TestLimitsAtOnce(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxSeries = 50 })
	var senders sync.WaitGroup
	for s := range 4 {
		senders.Go(func() {
			var lines strings.Builder
			for i := range 100 {
				fmt.Fprintf(&lines, "s.n%d.x 1 -1\n", (i+25*s)%100)
			}
			f.send("line", lines.String())
		})
	}
	senders.Wait()
	f.until("all decided", func() bool { return f.Stats().Received.Load()+f.Stats().Dropped(wire.TooManySeries) == 400 })
	if n := f.names.Count("s"); n != 50 {
		t.Errorf("%d series were taken, want 50", n)
	}
	c := f.Cardinality(facts.CardinalityQuery{})
	if c.Limit != 50 || c.Series != 50 || len(c.Senders) != 1 || c.Senders[0].New != 50 || c.Refused == 0 {
		t.Errorf("cardinality is %+v", c)
	}
}

// TestLimitsKnowWhatIsThere: after a start, the series that were there are known.
func TestLimitsKnowWhatIsThere(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a.b 1 -1\nc;t=1 1 -1\n")
	f.received(2)
	f.stop()
	again := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir, o.MaxSeries = f.o.LocalDataDir, 2 })
	again.send("line", "a.b 2 -1\nnew 1 -1\nc;t=1 1 -1\nc;t=2 1 -1\na.b 3 -1\n")
	again.received(3)
	again.until("two refused", func() bool { return again.Stats().Dropped(wire.TooManySeries) == 2 })
	if again.tags.Has("c;t=2") || again.names.Has("new") {
		t.Error("a series beyond the limit is in the index")
	}
}

// TestLimitsWithRules: what a limit refuses is not remembered as what a rule refuses is.
func TestLimitsWithRules(t *testing.T) {
	in := testIntake(t, testCache())
	in.quotas, in.senders = newQuotas(conf.Options{MaxSeries: 1, HashTagged: true}, nil, in.known), new(senders)
	rules := &NameRules{Pre: []Rewrite{appendRule{}}}
	in.rules.rules = func() *NameRules { return rules }
	add := func(name string) int64 {
		b := wire.NewBatch()
		defer b.Release()
		b.Source = &wire.Source{Addr: "192.0.2.1:77"}
		b.Points = append(b.Points, wire.Sample{Name: []byte(name), Time: testNow, Value: 1})
		before := in.stats.Received.Load()
		in.add(b)
		return in.stats.Received.Load() - before
	}
	if add("a") != 1 || add("b") != 0 || in.stats.Dropped(wire.TooManySeries) != 1 {
		t.Errorf("one series is allowed, and %d were refused", in.stats.Dropped(wire.TooManySeries))
	}
	in.quotas.most = math.MaxInt64
	if add("b") != 1 {
		t.Error("without the limit the name is refused still")
	}
	if got := in.senders.list(9); len(got) != 1 || got[0] != (SenderCount{"192.0.2.1", 2, 2}) {
		t.Errorf("senders are %v", got)
	}
}

// appendRule is a rewrite rule.
type appendRule struct{}

func (appendRule) Rewrite(name string) string { return name + ".x" }
func (appendRule) String() string             { return "append" }

func TestCardinality(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.until("a first sample", func() bool { return f.growth.oldest().series != nil })
	f.send("line", "a.x.1 1 -1\na.x.2 1 -1\na.y.1 1 -1\nb.x.1 1 -1\nm;h=1;d=1 1 -1\nm;h=2;d=1 1 -1\n")
	f.received(6)
	c := f.Cardinality(facts.CardinalityQuery{Tag: "d", Depth: 1})
	if c.Series != 6 || c.Tagged != 2 || c.Limit != 0 || len(c.Quotas) != 0 || len(c.Prefixes) != 2 ||
		c.Prefixes[0] != (PrefixCount{"a", 3, 3}) || c.Tags[0] != (TagCount{"h", 2, 2, 2}) || len(c.Values) != 1 || c.Values[0] != (ValueCount{"1", 2}) {
		t.Errorf("got %+v", c)
	}
	c = f.Cardinality(facts.CardinalityQuery{Branch: "a", Limit: 1})
	if len(c.Prefixes) != 1 || c.Prefixes[0] != (PrefixCount{"a.x", 2, 2}) || len(c.Tags) != 1 {
		t.Errorf("below a: %+v", c)
	}
}

func TestGrowth(t *testing.T) {
	names := index.New()
	defer names.Close()
	tags := index.NewTags(names)
	add := func(prefix string, n int) {
		for i := range n {
			names.Add(fmt.Sprintf("%s.n%d", prefix, i))
		}
	}
	var g growth
	add("old", 5)
	for range 2 * growthSamples {
		g.remember(names, tags)
	}
	if len(g.samples) != growthSamples {
		t.Errorf("%d samples are kept", len(g.samples))
	}
	first := g.oldest()
	add("old", 7)
	add("new.branch", 3)
	for path, want := range map[string]int{"old": 2, "new": 3, "new.branch": 3, "a.b.c.d": 0} {
		if got := first.grown(path, names.Count(path)); got != want {
			t.Errorf("%s has grown by %d, want %d", path, got, want)
		}
	}
	crowded := sample{series: map[string]int{"a": 9}, least: [growthDepth]int{4}}
	for path, want := range map[string]int{"a": 1, "b": 6} {
		if got := crowded.grown(path, 10); got != want {
			t.Errorf("among too many %s has grown by %d, want %d", path, got, want)
		}
	}
	if time.Since(first.at) > time.Hour {
		t.Error("a sample without a time")
	}
}

func TestSenders(t *testing.T) {
	var s senders
	for i := range maxSenders + 5 {
		s.count(&connection{Source: &wire.Source{Addr: fmt.Sprintf("[2001:db8::%x]:1", i)}}, true, i%2 == 0)
	}
	s.count(&connection{Source: &wire.Source{Addr: "0.0.0.0:2003", Receiver: wire.ByUDP}}, true, true)
	if list := s.list(2); len(list) != 2 || list[0] != (SenderCount{"others", 6, 4}) || !strings.HasPrefix(list[1].Address, "2001:db8::") {
		t.Errorf("got %v", list)
	}
}
