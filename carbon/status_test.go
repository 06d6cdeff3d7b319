package carbon

import (
	"context"
	"encoding/json"
	"math"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/wire"
)

// dropOf returns what a status says of one reason.
func dropOf(t *testing.T, st Status, r wire.Reason) DropStatus {
	t.Helper()
	i := slices.IndexFunc(st.Drops, func(d DropStatus) bool { return d.Reason == r.String() })
	if i < 0 {
		t.Fatalf("%s is not among the drops", r)
	}
	return st.Drops[i]
}

func TestStatus(t *testing.T) {
	rules := &NameRules{Blacklist: filters(new(atomic.Int64), `^secret\.`)}
	f := startDaemon(t, Deps{Names: func() *NameRules { return rules }}, func(o *conf.Options) { o.MaxCacheSize = 1000 })
	if st := f.Status(); !st.Empty || st.Series != 0 || len(st.Drops) != int(wire.NumReasons) || st.Drops[0].Count != 0 || st.Cache.Limit != 1000 || st.Newest == nil {
		t.Errorf("at the start: %+v", st)
	}
	f.send("line", "a.b 1 -1\nbad\na..b 1 -1\nsecret.x 1 -1\nc.d 1 100\n")
	u, err := net.Dial("udp", f.Addrs()["udp"].String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if _, err := u.Write([]byte("u.v 1 -1\nonly two\n")); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Ingest(context.Background(), "text/plain", []byte("h.i 1 -1\nh.j 2 -1\n")); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	f.until("all is counted and written", func() bool {
		s := f.Stats()
		return s.Received.Load() == 5 && s.Committed.Load() == 4 && s.Dropped(wire.TooOld) == 1 && s.Dropped(wire.BadLine) == 2 && s.Dropped(wire.BadName) == 1 && s.Dropped(wire.Blacklisted) == 1
	})
	st := f.Status()
	points := map[string]int64{}
	for _, r := range st.Receivers {
		points[r.Name] = r.Points
	}
	if points["line"] != 2 || points["udp"] != 1 || points["http"] != 2 || points["own"] != 0 {
		t.Errorf("receivers: %+v", st.Receivers)
	}
	if st.Empty || st.Series != 5 || st.Received != 5 || st.Written != 4 || st.Creates != 5 || len(st.Newest) != 5 || st.Started == 0 || !strings.HasPrefix(st.Metrics, "carbon.agents.") {
		t.Errorf("%+v", st)
	}
	if st.Drops[0].Count < st.Drops[1].Count || st.Drops[len(st.Drops)-1].Count != 0 {
		t.Errorf("the drops are not sorted: %+v", st.Drops)
	}
	for r, text := range map[wire.Reason]string{wire.BadName: "a..b", wire.Blacklisted: "secret.x", wire.TooOld: "c.d"} {
		if d := dropOf(t, st, r); d.Count != 1 || d.Last.Text != text || d.Last.When == 0 || (d.Last.From == "") != (r == wire.TooOld) {
			t.Errorf("%s: %+v", r, d)
		}
	}
	if d := dropOf(t, st, wire.BadLine); d.Last.Text != "bad" && d.Last.Text != "only two" || d.Last.From == f.Addrs()["udp"].String() {
		t.Errorf("%+v", d)
	}
	if b, err := json.Marshal(st); err != nil || !strings.Contains(string(b), `"addresses":{`) {
		t.Errorf("as JSON: %s, %v", b, err)
	}
}

// TestNewest_Own: a daemon's own metrics, more than the list holds, do not push out the series of
// its users.
func TestNewest_Own(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MetricInterval = 10 * time.Millisecond })
	f.send("line", "first.one 1 -1\ncarbon.agents.elsewhere-a.creates 1 -1\n")
	f.until("more own metrics than the list holds have files", func() bool { return f.Stats().Creates.Load() > 2+20 })
	f.until("the user's series are the newest", func() bool {
		var names []string
		for _, n := range f.Status().Newest {
			names = append(names, n.Name)
		}
		slices.Sort(names)
		return slices.Equal(names, []string{"carbon.agents.elsewhere-a.creates", "first.one"})
	})
}

func TestRates(t *testing.T) {
	var h history
	at := time.Unix(1000, 0)
	c := func(seconds int, line, written int64) counts {
		c := counts{at: at.Add(time.Duration(seconds) * time.Second), written: written}
		c.received[wire.ByLine] = line
		return c
	}
	f := func(now counts, line, written, over float64) {
		t.Helper()
		r, w, o := h.rates(now)
		if r[wire.ByLine] != line || w != written || o.Seconds() != over {
			t.Errorf("%v, %v over %v; want %v, %v, %v", r[wire.ByLine], w, o, line, written, over)
		}
	}
	f(c(0, 0, 0), 0, 0, 0)
	h.remember(c(0, 100, 0), 0, false)
	f(c(0, 100, 0), 0, 0, 0)
	f(c(10, 300, 50), 20, 5, 10)
	for i := range 100 {
		h.remember(c(5*i, 100+int64(50*i), 0), 0, false)
	}
	f(c(5*99, 100+50*99, 600), 10, 10, 60)
}

func TestFullIn(t *testing.T) {
	var h history
	at := time.Unix(1000, 0)
	f := func(minutes int, free uint64, in time.Duration, growing, known bool) {
		t.Helper()
		i, g, k := h.fullIn(at.Add(time.Duration(minutes)*time.Minute), free)
		if i != in || g != growing || k != known {
			t.Errorf("%v %v %v, want %v %v %v", i, g, k, in, growing, known)
		}
	}
	f(0, 1000, 0, false, false)
	for m := range 60 {
		h.remember(counts{at: at.Add(time.Duration(m) * time.Minute)}, uint64(10000-m), true)
		h.remember(counts{at: at.Add(time.Duration(m)*time.Minute + time.Second)}, 1, true) // too soon after the last one
	}
	f(1, 9999, 0, false, false)
	f(60, 10000, 0, false, true)
	f(60, 9940, 9940*time.Minute, true, true)
	f(60, 0, 0, true, true)
	for range 2 * spaceWindow {
		h.remember(counts{at: at.Add(time.Hour)}, 1, true)
	}
	if len(h.space) > spaceWindow || len(h.counts) > rateWindow+1 {
		t.Errorf("%d and %d are remembered", len(h.space), len(h.counts))
	}
	h = history{space: []space{{at, math.MaxInt64}}}
	f(60, math.MaxInt64-1, 100*365*24*time.Hour, true, true)
}

func TestDiskSpace(t *testing.T) {
	free, total, ok := diskSpace(osFS(), t.TempDir())
	if ok && (total == 0 || free > total) {
		t.Errorf("%d of %d bytes are free", free, total)
	}
	if _, _, ok := diskSpace(osFS(), t.TempDir()+"/none"); ok {
		t.Error("a folder that is not there has a disk")
	}
}

func TestExplanationJSON(t *testing.T) {
	e := explainer(t)
	e.Names = &NameRules{Blacklist: filters(new(atomic.Int64), `\.tmp$`)}
	f := func(name string, want ...string) {
		t.Helper()
		b, err := json.Marshal(e.Explain(name))
		if err != nil || !json.Valid(b) {
			t.Fatal(string(b), err)
		}
		for _, w := range want {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s: no %s in %s", name, w, b)
			}
		}
	}
	f("a.tmp", `"refused":"blacklisted"`, `"rules":[{"rule":"\\.tmp$"`)
	f("a.b", `"metric":"a.b"`, `"exists":false`, `"want":{"archives":[{"step":10,"points":360,"retention":3600}`, `"method":"average"`)
	f("<img onerror=x>", `"metric":"\u003cimg onerror=x\u003e"`)
}
