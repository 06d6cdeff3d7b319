package carbon

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"graphited/carbon/prom"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// AppendPrometheus appends the daemon's numbers in Prometheus' text format, version 0.0.4. Counters
// count from the start of the process. It is safe for concurrent use; the price is that of looking
// at every series once.
func (r *Report) AppendPrometheus(dst []byte) []byte {
	s := r.stats
	family := func(name, kind, help string, v float64) {
		dst = prom.Family(dst, name, kind, help)
		dst = prom.Sample(dst, name, v)
	}
	counter := func(name, help string, v int64) { family(name, "counter", help, float64(v)) }
	gauge := func(name, help string, v float64) { family(name, "gauge", help, v) }
	counter("graphited_points_received_total", "Points taken into the cache.", s.Received.Load())
	counter("graphited_points_committed_total", "Points written to files.", s.Committed.Load())
	counter("graphited_updates_total", "Updates of files, creations included.", s.Updates.Load())
	dst = prom.Family(dst, "graphited_update_seconds_total", "counter", "Time spent in updates of files, over all workers.")
	dst = prom.Sample(dst, "graphited_update_seconds_total", float64(s.WriteTime.Load())/1e9)
	counter("graphited_creates_total", "Files created.", s.Creates.Load())
	counter("graphited_update_errors_total", "Updates that failed; their points went back to the cache.", s.Errors.Load())
	dst = prom.Family(dst, "graphited_dropped_total", "counter", "Points, lines, frames and connections that were refused or lost, by reason.")
	s.Drops(func(reason wire.Reason, n int64) {
		dst = prom.Sample(dst, "graphited_dropped_total", float64(n), "reason", reason.String())
	})
	dst = prom.Family(dst, "graphited_cache_queries_total", "counter", "Requests at the cache query port.")
	dst = prom.Sample(dst, "graphited_cache_queries_total", float64(s.Queries.Load()), "type", "single")
	dst = prom.Sample(dst, "graphited_cache_queries_total", float64(s.BulkQueries.Load()), "type", "bulk")
	counter("graphited_flow_control_pauses_total", "How often receivers were paused because the cache was full.", r.cache.Pauses())
	gauge("graphited_receiver_connections", "Open connections of senders.", float64(s.Conns.Load()))
	waiting, oldest := r.cache.Backlog()
	gauge("graphited_cache_points", "Points that are not in a file yet.", float64(r.cache.Size()))
	gauge("graphited_cache_limit_points", "MAX_CACHE_SIZE.", r.o.MaxCacheSize)
	gauge("graphited_cache_series", "Series with points that are not in a file yet.", float64(waiting))
	gauge("graphited_cache_oldest_seconds", "Age of the oldest of these points, by its timestamp.", age(r.clock().Unix(), oldest))
	dst = tally.AppendHistogram(dst, "graphited_update_duration_seconds", "Time that an update of a file took.", &s.UpdateTime)
	dst = tally.AppendHistogram(dst, "graphited_write_latency_seconds", "Time from the reception of the first point of an update to the end of the update.", &s.WriteLatency)
	gauge("graphited_series", "Series that have received points since the start.", float64(r.cache.Known()))
	dst = prom.Family(dst, "graphited_unwritable_series", "gauge", "Series that were due and cannot be written, by reason.")
	w := r.writer.state()
	for _, u := range w.Unwritable.Reasons {
		dst = prom.Sample(dst, "graphited_unwritable_series", float64(u.Series), "reason", u.Reason)
	}
	r.appendHealth(family, w)
	dst = prom.Family(dst, "process_cpu_seconds_total", "counter", "CPU time used by the process.")
	dst = prom.Sample(dst, "process_cpu_seconds_total", cpuTime().Seconds())
	gauge("process_resident_memory_bytes", "Memory held by the process.", float64(residentBytes()))
	gauge("go_goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	return dst
}

// age is how long ago a time was; 0 when there is none, or when it is still to come.
func age(now, t int64) float64 {
	if t == 0 {
		return 0
	}
	return float64(max(0, now-t))
}

// residentBytes returns the memory that the process holds: what Linux says, elsewhere what Go has
// asked the system for.
func residentBytes() uint64 {
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(statm)); len(f) > 1 {
			if pages, err := strconv.ParseUint(f[1], 10, 64); err == nil {
				return pages * uint64(os.Getpagesize())
			}
		}
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	return ms.Sys - ms.HeapReleased
}
