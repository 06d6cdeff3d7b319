package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/api/admin"
	"graphited/api/call"
	"graphited/api/member"
	"graphited/api/names"
	"graphited/api/query"
	"graphited/api/saved"
	"graphited/api/web"
	"graphited/carbon/prom"
	"graphited/render/draw"
)

// ending is how many connections may be about to end, beside those that are open.
const ending = 256

// New returns a server that listens. Its connections wait until Run.
func New(o Options, d Deps) (*Server, error) {
	s, err := prepare(o, d)
	if err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	return s, nil
}

// Answer answers one request without a port, like a server that New returns.
func Answer(o Options, d Deps, req *fasthttp.Request, resp *fasthttp.Response) error {
	s, err := prepare(o, d)
	if err != nil {
		return err
	}
	defer s.cancel()
	var c fasthttp.RequestCtx
	c.Init(req, nil, httpLog{s.d.Log})
	s.serve(&c)
	c.Response.CopyTo(resp)
	return nil
}

// prepare returns a server that answers and does not listen.
func prepare(o Options, d Deps) (*Server, error) {
	if d.Engine == nil || d.Finder == nil {
		return nil, errors.New("cannot make HTTP server: no engine or no finder")
	}
	if err := o.err(); err != nil {
		return nil, err
	}
	zones, err := call.NewZones(o.TimeZone)
	if err != nil {
		return nil, err
	}
	if o.MaxHeader <= 0 {
		o.MaxHeader = DefaultOptions().MaxHeader
	}
	o.MaxParameters, o.MaxBody = atMost(o.MaxParameters, math.MaxInt/32), atMost(o.MaxBody, math.MaxInt/2)
	if err := d.complete(o); err != nil {
		return nil, err
	}
	pages, err := web.New()
	if err != nil {
		return nil, err
	}
	s := &Server{
		o:        o,
		d:        d,
		finds:    call.NewGate(o.MaxQueries, o.MaxQueuedQueries),
		page:     pages,
		refusals: d.Log.Sample(&zerolog.BurstSampler{Burst: 10, Period: time.Second}),
	}
	s.site.Zones, s.site.Now, s.site.Log = zones, d.Now, d.Log
	s.site.QueryTimeout, s.site.MaxParameters = o.QueryTimeout, o.MaxParameters
	if p := strings.Trim(o.URLPrefix, "/"); p != "" {
		s.site.Prefix = "/" + p
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	s.join()
	s.table = newTable(s.routes())
	s.metrics = newMetrics(s.table.groups)
	return s, nil
}

// complete sets what is missing to its default.
func (d *Deps) complete(o Options) error {
	if d.Draw == nil {
		if d.Templates != nil {
			o.DrawOptions.Templates = d.Templates
		}
		drawer, err := draw.New(o.DrawOptions)
		if err != nil {
			return err
		}
		d.Draw = drawer.Append
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	d.Version = cmp.Or(d.Version, GraphiteVersion)
	return nil
}

// join makes the parts that answer requests.
func (s *Server) join() {
	o, d := &s.o, &s.d
	all := &names.Names{Finder: d.Finder, Cluster: d.Cluster, MaxFound: o.MaxFound}
	renders := call.NewGate(o.MaxQueries, o.MaxQueuedQueries)
	s.query = &query.Views{
		Engine:            d.Engine,
		Names:             all,
		Tags:              d.Tags,
		Draw:              d.Draw,
		Renders:           renders,
		Shared:            query.NewShared(o.CacheSize),
		XFilesFactor:      o.XFilesFactor,
		CacheDuration:     o.CacheDuration,
		MaxAnswer:         o.MaxAnswer,
		AutocompleteLimit: o.AutocompleteLimit,
	}
	s.member = &member.Member{
		Engine:       d.Engine,
		Names:        all,
		Spec:         d.Spec,
		Files:        d.Files,
		Renders:      renders,
		XFilesFactor: o.XFilesFactor,
		MaxMessage:   o.MaxMessage,
	}
	s.saved = &saved.Views{
		Store:  d.Saved,
		Events: d.Events,
	}
	s.admin = &admin.Views{
		State:         d.State,
		Series:        d.Series,
		Names:         all,
		Tags:          d.Tags,
		Saved:         d.Saved,
		Receive:       d.Ingest,
		BackUp:        d.Backup,
		Parts:         d.Status,
		ExplainMetric: d.Explain,
		Count:         d.Cardinality,
		Metrics:       []func([]byte) []byte{s.appendMetrics},
		Base:          s.base,
		Version:       d.Version,
		Writable:      o.WritableAPI,
		ReadOnly:      o.ReadOnly,
		WriteTimeout:  o.WriteTimeout,
	}
	if d.Cluster != nil {
		s.admin.Metrics = append(s.admin.Metrics, d.Cluster.AppendMetrics)
	}
}

// Listen opens the port of the options. A program that gives up the right to do so passes it to New
// as Deps.Listener.
func Listen(o Options) (net.Listener, error) {
	if !o.Addr.On() {
		return nil, errors.New("cannot listen for HTTP: its port is off")
	}
	addr := o.Addr.HostPort()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for HTTP on %q: %w", addr, err)
	}
	return ln, nil
}

func (s *Server) listen() error {
	o := &s.o
	ln := s.d.Listener
	if ln == nil {
		var err error
		if ln, err = Listen(*o); err != nil {
			return err
		}
	}
	s.ln = newListener(ln, s.mayConnect, o.MaxConnections, &s.metrics.ousted)
	s.http = &fasthttp.Server{
		Handler:                      s.serve,
		ErrorHandler:                 s.refuse,
		ReadBufferSize:               o.MaxHeader,
		MaxRequestBodySize:           o.MaxBody,
		Concurrency:                  atMost(o.MaxConnections, math.MaxInt32) + ending,
		ReadTimeout:                  o.ReadTimeout,
		WriteTimeout:                 o.WriteTimeout,
		IdleTimeout:                  atMost(o.IdleTimeout, never), // fasthttp takes 0 for ReadTimeout
		TCPKeepalive:                 true,
		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		CloseOnShutdown:              true,
		SecureErrorLogMessage:        true,
		Logger:                       httpLog{s.d.Log},
	}
	return nil
}

// refuse answers what is not a request. It quotes nothing of it.
func (s *Server) refuse(ctx *fasthttp.RequestCtx, err error) {
	status, msg := fasthttp.StatusBadRequest, "cannot read the request"
	var small *fasthttp.ErrSmallBuffer
	var netErr net.Error
	switch {
	case errors.As(err, &small):
		status, msg = fasthttp.StatusRequestHeaderFieldsTooLarge, "the URL and headers have more than "+strconv.Itoa(s.o.MaxHeader)+" bytes (HTTP_MAX_HEADER); use POST"
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status, msg = fasthttp.StatusRequestEntityTooLarge, "the body has more than "+strconv.Itoa(s.o.MaxBody)+" bytes (HTTP_MAX_BODY)"
	case errors.As(err, &netErr) && netErr.Timeout():
		status, msg = fasthttp.StatusRequestTimeout, "the request took too long to arrive"
	}
	ctx.Error(msg+"\n", status)
	ctx.Response.Header.Set("X-Content-Type-Options", "nosniff")
	if status != fasthttp.StatusRequestTimeout { // so slow a client has had its time
		closeAfter(ctx)
	}
}

// never is a timeout that does not happen.
const never = 100 * 365 * 24 * time.Hour

// atMost returns a limit as a number to compare with: 0 means none.
func atMost[T int | time.Duration](limit, none T) T {
	if limit <= 0 {
		return none
	}
	return limit
}

// appendMetrics appends the metrics of the server.
func (s *Server) appendMetrics(dst []byte) []byte {
	dst = s.metrics.append(dst)
	const dropped = "graphited_queries_dropped_total"
	dst = prom.Family(dst, dropped, "counter", "Queries that were not finished because their client had left.")
	dst = prom.Sample(dst, dropped, float64(s.site.Counts.ClientGone.Load()), "reason", "client_gone")
	dst = prom.Sample(dst, dropped, float64(s.site.Counts.HalfClosed.Load()), "reason", "half_closed")
	for _, c := range []struct {
		name, help string
		n          *atomic.Int64
	}{
		{"graphited_http_unauthorized_total", "Requests with wrong credentials.", &s.metrics.unauthorized},
		{"graphited_http_forbidden_connections_total", "Connections from addresses that may not connect.", &s.metrics.forbidden},
		{"graphited_http_ousted_connections_total", "Connections that waited for a request and were closed since there were too many.", &s.metrics.ousted},
		{"graphited_http_busy_total", "Requests refused because too many were waiting.", &s.site.Counts.Busy},
		{"graphited_render_shared_total", "Renders answered by what was computed for another request.", &s.query.Shared.Joined},
		{"graphited_render_cache_hits_total", "Renders answered from the cache.", &s.query.Shared.Hits},
		{"graphited_render_cache_misses_total", "Renders that could have been in the cache and were not.", &s.query.Shared.Misses},
	} {
		dst = prom.Family(dst, c.name, "counter", c.help)
		dst = prom.Sample(dst, c.name, float64(c.n.Load()))
	}
	return dst
}
