package carbon

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/wire"
	"graphited/whisper"
)

// counted is a filter that counts how often it is asked.
type counted struct {
	*regexp.Regexp
	asked *atomic.Int64
}

func (c counted) Match(name string) bool {
	c.asked.Add(1)
	return c.MatchString(name)
}

// replacing is a rewrite rule, "pattern = replacement".
type replacing struct {
	re *regexp.Regexp
	to string
}

func (r replacing) Rewrite(name string) string { return r.re.ReplaceAllString(name, r.to) }
func (r replacing) String() string             { return r.re.String() + " = " + r.to }

func rewrites(rules ...string) (list []Rewrite) {
	for _, r := range rules {
		from, to, _ := strings.Cut(r, " = ")
		list = append(list, replacing{regexp.MustCompile(from), to})
	}
	return list
}

func filters(asked *atomic.Int64, exprs ...string) (list []Filter) {
	for _, e := range exprs {
		list = append(list, counted{regexp.MustCompile(e), asked})
	}
	return list
}

func TestNameRulesApply(t *testing.T) {
	var asked atomic.Int64
	r := &NameRules{Blacklist: filters(&asked, `\.tmp`), Whitelist: filters(&asked, `^a`, `^b`), Pre: rewrites("a = b", "b = cc"), Post: rewrites("cc = x")}
	f := func(name, want string, why wire.Reason) {
		t.Helper()
		got, reason, ok := r.apply(name, nil)
		if ok != (want != "") || ok && got != want || !ok && reason != why {
			t.Errorf("%.40q: %q, %v, %v; want %q, %v", name, got, reason, ok, want, why)
		}
	}
	f("a.b", "x.x", 0)
	f("b.a", "x.x", 0)
	f("c.a", "", wire.NotWhitelisted)
	f("a.tmp", "", wire.Blacklisted)
	f("c.tmp", "", wire.Blacklisted)
	f("a\nb", "", wire.BadName)
	f("a\xff", "", wire.BadName)
	f(strings.Repeat("a", maxReceived+1), "", wire.BadName)
	r = &NameRules{Pre: rewrites(". = $0$0$0$0$0$0$0$0", ". = $0$0$0$0$0$0$0$0", ". = $0$0$0$0$0$0$0$0", ". = $0$0$0$0$0$0$0$0", ". = $0$0$0$0$0$0$0$0")}
	f("a", "", wire.BadName)
	if (&NameRules{}).Empty() != true || (*NameRules)(nil).Empty() != true || r.Empty() {
		t.Error("Empty is wrong")
	}
}

// TestRulesOncePerName sends the same names again and again: the rules are asked once for each, and
// all is counted.
func TestRulesOncePerName(t *testing.T) {
	var asked atomic.Int64
	rules := &NameRules{Blacklist: filters(&asked, `^bad\.`), Pre: rewrites(`^old\. = new.`)}
	f := startDaemon(t, Deps{Names: func() *NameRules { return rules }}, nil)
	now := time.Now().Unix() / 10 * 10
	var b strings.Builder
	const rounds, names = 50, 20
	for r := range rounds {
		for i := range names {
			fmt.Fprintf(&b, "old.m%d %d %d\nbad.m%d 1 %d\nplain.m%d %d %d\ntag.m%d;b=1;a=2 %d %d\n", i, r, now-int64(r)*10, i, now, i, r, now, i, r, now)
		}
	}
	f.send("line", b.String())
	f.received(3 * rounds * names)
	f.until("refusals are counted", func() bool { return f.Stats().Dropped(wire.Blacklisted) == rounds*names })
	if n := asked.Load(); n != 4*names {
		t.Errorf("the filter was asked %d times for %d names", n, 4*names)
	}
	for i := range names {
		if got := f.values(fmt.Sprintf("new.m%d", i), now-3600, now, now); len(got) != rounds {
			t.Errorf("new.m%d has %d points, want %d", i, len(got), rounds)
		}
		if f.cache.Lookup(fmt.Appendf(nil, "tag.m%d;a=2;b=1", i)) == nil {
			t.Errorf("tag.m%d has no series", i)
		}
	}
	found := func(pattern string) (n int) {
		for range f.Store().Find(t.Context(), pattern) {
			n++
		}
		return n
	}
	if found("old.*") != 0 || found("bad.*") != 0 || found("new.*") != names {
		t.Errorf("the index has %d old, %d bad, %d new", found("old.*"), found("bad.*"), found("new.*"))
	}
	f.stop()
	if strings.Contains(f.log.String(), "blacklisted") {
		t.Error("what the blacklist refuses is logged")
	}
}

// TestRulesChange swaps the rules on an open connection: what was decided by the old ones does not
// count any more, in either direction.
func TestRulesChange(t *testing.T) {
	var asked, now atomic.Int64
	sets := []*NameRules{nil, {Blacklist: filters(&asked, "^x")}, {Pre: rewrites("^x = y")}, {Whitelist: filters(&asked, "^x", "^z")}, {}}
	want := []string{"x y z", "y z", "y y z", "x z", "x y z"}
	c := testCache()
	in := testIntake(t, c)
	in.rules.rules = func() *NameRules { return sets[now.Load()] }
	src := &wire.Source{}
	for range 3 {
		for i := range sets {
			now.Store(int64(i))
			before := map[string]int{}
			for _, name := range []string{"x", "y", "z"} {
				before[name] = len(c.Pending(name))
			}
			b := wire.NewBatch()
			b.Source = src
			for _, name := range []string{"x", "y", "z"} {
				b.Add([]byte(name), 1000, 1)
			}
			in.add(b)
			var got []string
			for _, name := range []string{"x", "y", "z"} {
				for range len(c.Pending(name)) - before[name] {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != want[i] {
				t.Errorf("rules %d: points went to %v, want %s", i, got, want[i])
			}
		}
	}
}

// TestRulesDoNotConcernOwnMetrics holds that a whitelist does not shut out the daemon's own
// numbers, as in carbon.
func TestRulesDoNotConcernOwnMetrics(t *testing.T) {
	var asked atomic.Int64
	c := testCache()
	in := testIntake(t, c)
	rules := &NameRules{Whitelist: filters(&asked, "^never$")}
	in.rules.rules = func() *NameRules { return rules }
	b := wire.NewBatch()
	b.Add([]byte("carbon.agents.a.b"), 1000, 1)
	in.add(b)
	if len(c.Pending("carbon.agents.a.b")) != 1 {
		t.Error("a point of our own was refused")
	}
}

// TestAdmissionForgets sends names without end that are refused: what is remembered of them has a
// limit.
func TestAdmissionForgets(t *testing.T) {
	var asked atomic.Int64
	c := testCache()
	in := testIntake(t, c)
	rules := &NameRules{Blacklist: filters(&asked, "^x")}
	in.rules.rules = func() *NameRules { return rules }
	src := &wire.Source{}
	for i := 0; i < 3*minOutcomes; {
		b := wire.NewBatch()
		b.Source = src
		for range 1000 {
			b.Add(fmt.Appendf(nil, "x%d", i), 1000, 1)
			i++
		}
		in.add(b)
	}
	kept := 0
	for i := range in.rules.now.Load().shards {
		kept += len(in.rules.now.Load().shards[i].outcomes)
	}
	if kept > minOutcomes+outcomeShards || kept < minOutcomes/10 {
		t.Errorf("%d names are remembered, the limit is %d", kept, minOutcomes)
	}
	chain := 0
	for o := in.rules.now.Load().lookup([]byte("x0")); o != nil && chain <= 2*minOutcomes; o = o.next.Load() {
		chain++
	}
	if chain > 2*minOutcomes {
		t.Error("forgotten names are still held by others")
	}
}

func TestFutureLimit(t *testing.T) {
	c := testCache()
	in := testIntake(t, c)
	in.ahead = 60
	b := wire.NewBatch()
	for _, t := range []int64{wire.NowTime, testNow, testNow + 60, testNow + 61, testNow + 1e6, 5} {
		b.Add([]byte("a"), t, 1)
	}
	in.add(b)
	var got []int64
	for _, p := range c.Pending("a") {
		got = append(got, p.Time)
	}
	if !slices.Equal(got, []int64{testNow, testNow, testNow + 60, 5}) || in.stats.Dropped(wire.InFuture) != 2 {
		t.Errorf("taken %v, %d refused", got, in.stats.Dropped(wire.InFuture))
	}
}

// BenchmarkIntakeRules takes batches in with and without rules: both cost one comparison a point.
func BenchmarkIntakeRules(b *testing.B) {
	for _, rules := range []*NameRules{nil, {Blacklist: filters(new(atomic.Int64), "^x", "y$"), Pre: rewrites(`^m(\d) = n$1`)}} {
		b.Run(fmt.Sprintf("rules=%v", rules != nil), func(b *testing.B) {
			c := testCache()
			in := testIntake(b, c)
			in.rules.rules = func() *NameRules { return rules }
			batch := wire.NewBatch()
			batch.Source = &wire.Source{}
			for i := range 1000 {
				batch.Add(fmt.Appendf(nil, "m%d.servers.cpu.load", i), 1000, 1)
			}
			in.add(batch)
			b.ReportAllocs()
			for b.Loop() {
				in.add(batch)
				b.StopTimer()
				for _, s := range c.Round("naive", func(*cache.Series) bool { return true }) {
					c.Take(s, nil)
					c.Confirm(s)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/point")
		})
	}
}

// TestRulesChangeAtWork swaps the rules while several connections send: every point is either taken
// in or counted as refused.
func TestRulesChangeAtWork(t *testing.T) {
	var asked atomic.Int64
	sets := []*NameRules{nil, {Blacklist: filters(&asked, "[02468]$")}, {Pre: rewrites("^m = n")}}
	var now atomic.Pointer[NameRules]
	c := testCache()
	first := testIntake(t, c)
	first.rules.rules = now.Load
	var wg sync.WaitGroup
	const workers, rounds, points = 4, 200, 50
	for range workers {
		in := *first
		wg.Go(func() {
			src := &wire.Source{}
			for range rounds {
				b := wire.NewBatch()
				b.Source = src
				for i := range points {
					b.Add(fmt.Appendf(nil, "m%d", i), 1000, 1)
				}
				in.add(b)
				b.Release()
			}
		})
	}
	for i := range 300 {
		now.Store(sets[i%len(sets)])
		time.Sleep(10 * time.Microsecond)
	}
	wg.Wait()
	if got := first.stats.Received.Load() + first.stats.Dropped(wire.Blacklisted); got != workers*rounds*points || c.Size() != first.stats.Received.Load() {
		t.Errorf("%d received, %d refused, %d in the cache, of %d", first.stats.Received.Load(), first.stats.Dropped(wire.Blacklisted), c.Size(), workers*rounds*points)
	}
}

func BenchmarkCacheAdd(b *testing.B) {
	c := cache.New(cache.Options{Limit: math.Inf(1), FlowControl: true}, nil, nil)
	in := intake{cache: c}
	const n = 1000
	names := make([][]byte, n)
	for i := range names {
		names[i] = fmt.Appendf(nil, "servers.dc1.web%05d.cpu.cpu%d.user", i, i%8)
		c.Create(names[i])
	}
	src := &connection{Source: &wire.Source{}}
	var buf []whisper.Point
	b.ReportAllocs()
	for b.Loop() {
		for i := range names {
			s, _ := in.find(src, names[i])
			c.Append(s, 1, 1, 0, 0)
		}
		c.Grow(n)
		for _, s := range c.Round("naive", always) {
			buf, _ = c.Take(s, buf[:0])
			c.Confirm(s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/point")
}
