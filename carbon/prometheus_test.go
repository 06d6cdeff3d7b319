package carbon

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// prometheus parses Prometheus' text as far as it is needed here: the value of each series, and
// what is wrong with the text.
func prometheus(t *testing.T, text string) map[string]float64 {
	t.Helper()
	values, typed := map[string]float64{}, map[string]bool{}
	line := regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="[^"]+"\})? (\S+)$`)
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if rest, ok := strings.CutPrefix(l, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if typed[name] || kind != "counter" && kind != "gauge" && kind != "histogram" || (kind == "counter") != strings.HasSuffix(name, "_total") {
				t.Errorf("bad line %q", l)
			}
			typed[name] = true
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				typed[name+part] = kind == "histogram"
			}
			continue
		}
		if strings.HasPrefix(l, "# HELP ") {
			continue
		}
		m := line.FindStringSubmatch(l)
		if m == nil || !typed[m[1]] {
			t.Errorf("bad line %q", l)
			continue
		}
		v, err := strconv.ParseFloat(m[3], 64)
		if _, twice := values[m[1]+m[2]]; err != nil || twice {
			t.Errorf("bad line %q", l)
		}
		values[m[1]+m[2]] = v
	}
	return values
}

func TestPrometheus(t *testing.T) {
	f := startDaemon(t, Deps{Clock: func() time.Time { return time.Unix(testNow, 0) }}, func(o *conf.Options) { o.MaxUpdates = 0 })
	f.send("line", "a 1 1699999990\nb 1 1699999970\nb 1 1600000000\nbad\na..b 1 -1\nx nan -1\n")
	f.until("counted", func() bool {
		return f.Stats().Received.Load() == 3 && f.Stats().Dropped(wire.BadLine)+f.Stats().Dropped(wire.BadName)+f.Stats().Dropped(wire.NotANumber) == 3 && f.Stats().Conns.Load() == 0
	})
	got := prometheus(t, string(f.AppendPrometheus(nil)))
	want := map[string]float64{
		"graphited_points_received_total": 3, `graphited_dropped_total{reason="bad_line"}`: 1, `graphited_dropped_total{reason="bad_name"}`: 1, `graphited_dropped_total{reason="not_a_number"}`: 1,
		`graphited_dropped_total{reason="cache_full"}`: 0, "graphited_series": 2, "graphited_receiver_connections": 0, `graphited_cache_queries_total{type="bulk"}`: 0,
	}
	for name, v := range want {
		if g, ok := got[name]; !ok || g != v {
			t.Errorf("%s is %v, want %v", name, g, v)
		}
	}
	if got["process_cpu_seconds_total"] <= 0 || got["process_resident_memory_bytes"] < 1<<20 {
		t.Errorf("of the process: %v s, %v bytes", got["process_cpu_seconds_total"], got["process_resident_memory_bytes"])
	}
	for _, name := range []string{"graphited_update_duration_seconds", "graphited_write_latency_seconds"} {
		if n, ok := got[name+`_bucket{le="+Inf"}`]; !ok || n != got[name+"_count"] || n < got[name+`_bucket{le="0.01024"}`] {
			t.Errorf("%s: %v in all buckets, %v counted", name, n, got[name+"_count"])
		}
	}
	for r := range wire.NumReasons {
		if _, ok := got[`graphited_dropped_total{reason="`+r.String()+`"}`]; !ok || r.String() == "" {
			t.Errorf("reason %d is missing", r)
		}
	}
}

func TestBacklog(t *testing.T) {
	c := testCache()
	f := func(series int, oldest int64) {
		t.Helper()
		if s, o := c.Backlog(); s != series || o != oldest {
			t.Errorf("%d series, oldest %d; want %d, %d", s, o, series, oldest)
		}
	}
	f(0, 0)
	in := testIntake(t, c)
	b := wire.NewBatch()
	for _, p := range []wire.Sample{{Name: []byte("a"), Time: 100, Value: 1}, {Name: []byte("a"), Time: 90, Value: 1}, {Name: []byte("b;y=1;x=1"), Time: 95, Value: 1}, {Name: []byte("c"), Time: 200, Value: 1}} {
		b.Add(p.Name, p.Time, p.Value)
	}
	in.add(b)
	f(3, 95) // what came first counts for each series
	all := c.Round("naive", func(s *cache.Series) bool { return s.Name != "c" })
	for _, s := range all {
		c.Take(s, nil)
	}
	f(3, 95)
	for _, s := range all {
		c.Confirm(s)
	}
	f(1, 200)
}

// TestSelfMetricNames holds that every metric that carbon-cache reports about itself is there, also
// when nothing happens.
func TestSelfMetricNames(t *testing.T) {
	c, s := testCache(), new(tally.Stats)
	m := newSelfMetrics(conf.DefaultOptions(), c, s)
	collect := func() map[string]float64 {
		b := &wire.Batch{}
		m.collect(b)
		got := map[string]float64{}
		for _, p := range b.Points {
			name, ok := strings.CutPrefix(string(p.Name), m.prefix)
			if _, twice := got[name]; !ok || twice || p.Time != wire.NowTime {
				t.Errorf("%s at %d", p.Name, p.Time)
			}
			got[name] = p.Value
		}
		return got
	}
	got := collect()
	always := []string{"cache.size", "cache.queues", "cache.queries", "cache.bulk_queries", "cache.overflow", "updateOperations", "committedPoints", "creates", "droppedCreates", "errors",
		"activeConnections", "metricsReceived", "blacklistMatches", "whitelistRejects", "cpuUsage", "memUsage"}
	sometimes := []string{"avgUpdateTime", "pointsPerUpdate", "cache.bulk_queries_average_size"}
	for _, name := range always {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range sometimes {
		if _, ok := got[name]; ok {
			t.Errorf("%s is there although nothing has happened", name)
		}
	}
	if _, ok := got["updateTime.p50"]; ok {
		t.Error("there are percentiles although nothing was written")
	}
	s.UpdateTime.Observe(15 * time.Microsecond)
	s.WriteLatency.Observe(4 * time.Second)
	s.Updates.Add(2)
	s.Committed.Add(10)
	s.WriteTime.Add(3e9)
	s.BulkQueries.Add(2)
	s.BulkMetrics.Add(50)
	s.Drop(wire.Blacklisted, 3)
	s.Drop(wire.NotWhitelisted, 4)
	got = collect()
	for name, want := range map[string]float64{"avgUpdateTime": 1.5, "pointsPerUpdate": 5, "cache.bulk_queries_average_size": 25, "blacklistMatches": 3, "whitelistRejects": 4, "cache.bulk_queries": 2} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	for name, bounds := range map[string][2]float64{"updateTime.p50": {10e-6, 20e-6}, "updateTime.p99": {10e-6, 20e-6}, "writeLatency.p95": {2.6, 5.3}} {
		if v := got[name]; v < bounds[0] || v > bounds[1] {
			t.Errorf("%s is %v, want %v", name, v, bounds)
		}
	}
	if got = collect(); got["updateTime.p50"] != 0 || got["blacklistMatches"] != 0 || got["updateOperations"] != 0 {
		t.Errorf("counters are not of the interval: %v", got)
	}
	if host, _ := os.Hostname(); m.prefix != "carbon.agents."+strings.ReplaceAll(host, ".", "_")+"-a." {
		t.Errorf("prefix %s", m.prefix)
	}
}
