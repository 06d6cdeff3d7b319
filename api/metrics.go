package api

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// metrics count what the server does, for /prometheus.
type metrics struct {
	endpoints map[string]*endpoint // by the first parts of the path; complete from the beginning

	unauthorized atomic.Int64 // requests with wrong credentials
	forbidden    atomic.Int64 // connections from addresses that may not connect
	ousted       atomic.Int64 // connections that waited for a request, closed for others
	busy         atomic.Int64 // requests refused because too many wait
	shared       atomic.Int64 // renders answered by what was computed for another
	hits, misses atomic.Int64 // of the cache of renders

	// queries that were ended since their client has left for sure, or has closed its
	// side of the connection while others waited
	clientGone, halfClosed atomic.Int64
}

// endpoint counts the requests to a group of paths.
type endpoint struct {
	buckets [len(latencyBounds) + 1]atomic.Int64 // requests that took up to a bound and longer than the one before
	nanos   atomic.Int64
	classes [6]atomic.Int64 // by the first digit of the status
}

// latencyBounds are the upper bounds of the histogram.
var latencyBounds = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 10 * time.Second,
}

// endpointNames are the groups that are told apart.
var endpointNames = [...]string{"render", "find", "expand", "index", "search", "delete", "metrics", "info", "tags", "events", "functions", "dashboard", "ingest", "ui", "own", "other"}

func newMetrics() *metrics {
	m := &metrics{endpoints: make(map[string]*endpoint, len(endpointNames))}
	for _, name := range endpointNames {
		m.endpoints[name] = new(endpoint)
	}
	return m
}

// endpointOf returns the group of a path below the prefix.
func endpointOf(path string) string {
	group, rest, _ := strings.Cut(strings.Trim(path, "/"), "/")
	switch group {
	case "render", "info", "tags", "events", "functions", "dashboard", "ui":
		return group
	case "metrics":
		switch rest {
		case "", "find":
			return "find"
		case "expand", "search", "delete":
			return rest
		case "index.json":
			return "index"
		}
		return "metrics"
	case "api":
		if rest == "ingest" {
			return rest
		}
	case "", "health", "ready", "lb_check", "prometheus", "version", "status", "_internal":
		return "own"
	}
	return "other"
}

// observe counts a request that was answered.
func (m *metrics) observe(path string, status int, took time.Duration) {
	e := m.endpoints[endpointOf(path)]
	i, _ := slices.BinarySearch(latencyBounds[:], took)
	e.buckets[i].Add(1)
	e.nanos.Add(int64(took))
	e.classes[min(max(status/100, 0), len(e.classes)-1)].Add(1)
}

// asked tells whether there was any request.
func (e *endpoint) asked() bool {
	for i := range e.classes {
		if e.classes[i].Load() > 0 {
			return true
		}
	}
	return false
}

// append appends all in Prometheus' text format.
func (m *metrics) append(dst []byte) []byte {
	const latency, requests = "graphited_http_request_seconds", "graphited_http_requests_total"
	dst = append(dst, "# HELP "+latency+" Time from the request to its answer, waiting included.\n# TYPE "+latency+" histogram\n"...)
	for _, name := range endpointNames {
		e, sum := m.endpoints[name], int64(0)
		if !e.asked() {
			continue
		}
		for i := range e.buckets {
			sum += e.buckets[i].Load()
			bound := "+Inf"
			if i < len(latencyBounds) {
				bound = strconv.FormatFloat(latencyBounds[i].Seconds(), 'g', -1, 64)
			}
			dst = appendSample(dst, latency+"_bucket", `endpoint="`+name+`",le="`+bound+`"`, float64(sum))
		}
		dst = appendSample(dst, latency+"_sum", `endpoint="`+name+`"`, float64(e.nanos.Load())/1e9)
		dst = appendSample(dst, latency+"_count", `endpoint="`+name+`"`, float64(sum))
	}
	dst = append(dst, "# HELP "+requests+" Requests by endpoint and class of status.\n# TYPE "+requests+" counter\n"...)
	for _, name := range endpointNames {
		for i := range m.endpoints[name].classes {
			if n := m.endpoints[name].classes[i].Load(); n > 0 {
				dst = appendSample(dst, requests, `endpoint="`+name+`",class="`+strconv.Itoa(i)+`xx"`, float64(n))
			}
		}
	}
	const dropped = "graphited_queries_dropped_total"
	dst = append(dst, "# HELP "+dropped+" Queries that were not finished because their client had left.\n# TYPE "+dropped+" counter\n"...)
	dst = appendSample(dst, dropped, `reason="client_gone"`, float64(m.clientGone.Load()))
	dst = appendSample(dst, dropped, `reason="half_closed"`, float64(m.halfClosed.Load()))
	for _, c := range []struct {
		name, help string
		n          *atomic.Int64
	}{
		{"graphited_http_unauthorized_total", "Requests with wrong credentials.", &m.unauthorized},
		{"graphited_http_forbidden_connections_total", "Connections from addresses that may not connect.", &m.forbidden},
		{"graphited_http_ousted_connections_total", "Connections that waited for a request and were closed since there were too many.", &m.ousted},
		{"graphited_http_busy_total", "Requests refused because too many were waiting.", &m.busy},
		{"graphited_render_shared_total", "Renders answered by what was computed for another request.", &m.shared},
		{"graphited_render_cache_hits_total", "Renders answered from the cache.", &m.hits},
		{"graphited_render_cache_misses_total", "Renders that could have been in the cache and were not.", &m.misses},
	} {
		dst = append(dst, "# HELP "+c.name+" "+c.help+"\n# TYPE "+c.name+" counter\n"...)
		dst = appendSample(dst, c.name, "", float64(c.n.Load()))
	}
	return dst
}

func appendSample(dst []byte, name, labels string, v float64) []byte {
	dst = append(dst, name...)
	if labels != "" {
		dst = append(append(append(dst, '{'), labels...), '}')
	}
	return append(strconv.AppendFloat(append(dst, ' '), v, 'g', -1, 64), '\n')
}
