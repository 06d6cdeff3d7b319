package cluster

import (
	"sync/atomic"

	"graphited/carbon/prom"
)

// AppendMetrics appends the counters of requests to each server in Prometheus' text format.
func (c *Cluster) AppendMetrics(dst []byte) []byte {
	for _, m := range []struct {
		name, help string
		of         func(s *server) *atomic.Int64
		unit       float64
	}{
		{"requests_total", "Requests to a server of the cluster.", func(s *server) *atomic.Int64 { return &s.requests }, 1},
		{"errors_total", "Requests to a server of the cluster without a valid response.", func(s *server) *atomic.Int64 { return &s.errors }, 1},
		{"timeouts_total", "Requests to a server of the cluster that took too long; they also count as errors.", func(s *server) *atomic.Int64 { return &s.timeouts }, 1},
		{"seconds_total", "Time that requests to a server of the cluster took.", func(s *server) *atomic.Int64 { return &s.nanos }, 1e-9},
	} {
		name := "graphited_cluster_" + m.name
		dst = prom.Family(dst, name, "counter", m.help)
		for _, s := range c.servers {
			dst = prom.Sample(dst, name, float64(m.of(s).Load())*m.unit, "server", s.name)
		}
	}
	return dst
}
