package carbon

import (
	"context"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/pace"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// selfMetrics puts the daemon's own numbers into its own cache, under carbon's names, so that
// dashboards made for carbon work: <prefix>.agents.<host>-<instance>.<name>, each interval,
// counters as the change since the last one.
type selfMetrics struct {
	prefix string
	cache  *cache.Cache
	stats  *tally.Stats
	last   map[string]float64
	before map[string]tally.Tallied
	cpu    time.Duration
	at     time.Time
	more   func(add func(name string, v float64)) // adds what others know; may be nil
}

func newSelfMetrics(o conf.Options, c *cache.Cache, s *tally.Stats) *selfMetrics {
	return &selfMetrics{prefix: conf.SelfPrefix(o) + ".", cache: c, stats: s, last: map[string]float64{}, before: map[string]tally.Tallied{}, cpu: cpuTime(), at: time.Now()}
}

// run sends a batch to the intake every interval until ctx ends.
func (m *selfMetrics) run(ctx context.Context, interval time.Duration, in chan<- *wire.Batch) {
	pace.Every(ctx, interval, func() {
		b := wire.NewBatch()
		m.collect(b)
		in <- b
	})
}

// collect adds the current numbers to b: carbon's, and of ours cache.metrics, updateTime.p50 and so
// on, writeLatency.p50 and so on, cache.oldest, cache.pauses, received.<receiver> and
// dropped.<reason>.
func (m *selfMetrics) collect(b *wire.Batch) {
	add := func(name string, v float64) { b.Add([]byte(m.prefix+name), wire.NowTime, v) }
	change := func(name string, v int64) float64 {
		d := float64(v) - m.last[name]
		m.last[name] = float64(v)
		return d
	}
	s := m.stats
	updates, committed := change("updateOperations", s.Updates.Load()), change("committedPoints", s.Committed.Load())
	spent := change("writeTime", s.WriteTime.Load())
	add("updateOperations", updates)
	add("committedPoints", committed)
	if updates > 0 {
		add("pointsPerUpdate", committed/updates)
		add("avgUpdateTime", spent/1e9/updates)
	}
	m.collectQuantiles(add)
	waiting, oldest := m.cache.Backlog()
	bulk, asked := change("cache.bulk_queries", s.BulkQueries.Load()), change("bulkMetrics", s.BulkMetrics.Load())
	add("cache.queues", float64(waiting))
	add("cache.oldest", age(time.Now().Unix(), oldest))
	add("cache.bulk_queries", bulk)
	if bulk > 0 {
		add("cache.bulk_queries_average_size", asked/bulk)
	}
	add("droppedCreates", 0) // a create over the limit waits
	add("blacklistMatches", change("blacklistMatches", s.Dropped(wire.Blacklisted)))
	add("whitelistRejects", change("whitelistRejects", s.Dropped(wire.NotWhitelisted)))
	add("metricsReceived", change("metricsReceived", s.Received.Load()))
	add("createsWaiting", float64(s.AwaitFile.Load()))
	add("filesSetAside", change("filesSetAside", s.SetAside.Load()))
	add("creates", change("creates", s.Creates.Load()))
	add("errors", change("errors", s.Errors.Load()))
	add("activeConnections", float64(s.Conns.Load()))
	add("cache.size", float64(m.cache.Size()))
	add("cache.metrics", float64(m.cache.Known()))
	add("cache.queries", change("cache.queries", s.Queries.Load()))
	add("cache.overflow", change("cache.overflow", s.Dropped(wire.CacheFull)))
	add("cache.pauses", change("cache.pauses", m.cache.Pauses()))
	for r := range wire.NumReceivers {
		add("received."+r.String(), change("received."+r.String(), s.ReceivedBy(r)))
	}
	s.Drops(func(r wire.Reason, n int64) { add("dropped."+r.String(), change("dropped."+r.String(), n)) })
	if m.more != nil {
		m.more(add)
	}
	now, cpu := time.Now(), cpuTime()
	if wall := now.Sub(m.at); wall > 0 {
		add("cpuUsage", 100*float64(cpu-m.cpu)/float64(wall))
	}
	m.at, m.cpu = now, cpu
	add("memUsage", float64(residentBytes()))
}

// collectQuantiles adds, for the updates since the last time, how long they took, and how long
// their first points waited until they were done; nothing when there were none.
func (m *selfMetrics) collectQuantiles(add func(string, float64)) {
	for name, h := range map[string]*tally.Histogram{"updateTime": &m.stats.UpdateTime, "writeLatency": &m.stats.WriteLatency} {
		now, since := h.Tallied(), m.before[name]
		if m.before[name] = now; now == since {
			continue
		}
		for _, q := range [...]struct {
			name  string
			share float64
		}{{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}} {
			add(name+"."+q.name, tally.Quantile(since, now, q.share).Seconds())
		}
	}
}
