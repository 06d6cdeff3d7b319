package api

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"graphited/carbon/prom"
)

// metrics counts what the server does, for /prometheus.
type metrics struct {
	endpoints map[string]*endpoint // by the group of the routes
	order     []string             // of the endpoints

	unauthorized atomic.Int64 // requests with wrong credentials
	forbidden    atomic.Int64 // connections from addresses that may not connect
	ousted       atomic.Int64 // connections that waited for a request and were closed for others
}

// noGroup is the group of paths where there is nothing.
const noGroup = "other"

// endpoint counts the requests to a group of routes.
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

func newMetrics(groups []string) *metrics {
	m := &metrics{endpoints: make(map[string]*endpoint, len(groups)+1), order: groups}
	if !slices.Contains(groups, noGroup) {
		m.order = append(m.order, noGroup)
	}
	for _, name := range m.order {
		m.endpoints[name] = new(endpoint)
	}
	return m
}

// observe counts a request that was answered.
func (m *metrics) observe(group string, status int, took time.Duration) {
	e := m.endpoints[group]
	i, _ := slices.BinarySearch(latencyBounds[:], took)
	e.buckets[i].Add(1)
	e.nanos.Add(int64(took))
	e.classes[min(max(status/100, 0), len(e.classes)-1)].Add(1)
}

// asked reports whether there was any request.
func (e *endpoint) asked() bool {
	for i := range e.classes {
		if e.classes[i].Load() > 0 {
			return true
		}
	}
	return false
}

// append appends the metrics of the endpoints.
func (m *metrics) append(dst []byte) []byte {
	const latency, requests = "graphited_http_request_seconds", "graphited_http_requests_total"
	dst = prom.Family(dst, latency, "histogram", "Time from the request to its answer, waiting included.")
	for _, name := range m.order {
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
			dst = prom.Sample(dst, latency+"_bucket", float64(sum), "endpoint", name, "le", bound)
		}
		dst = prom.Sample(dst, latency+"_sum", float64(e.nanos.Load())/1e9, "endpoint", name)
		dst = prom.Sample(dst, latency+"_count", float64(sum), "endpoint", name)
	}
	dst = prom.Family(dst, requests, "counter", "Requests by endpoint and class of status.")
	for _, name := range m.order {
		for i := range m.endpoints[name].classes {
			if n := m.endpoints[name].classes[i].Load(); n > 0 {
				dst = prom.Sample(dst, requests, float64(n), "endpoint", name, "class", strconv.Itoa(i)+"xx")
			}
		}
	}
	return dst
}
