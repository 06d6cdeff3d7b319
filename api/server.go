package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/api/web"
	"graphited/render/draw"
)

// ending is how many connections may be about to end beside those that are open.
const ending = 256

// clusterGrace is how long other members may still take to answer when the server ends.
const clusterGrace = time.Second

// authTimeout is how long is waited for the turn to have a password looked at.
const authTimeout = 10 * time.Second

// Server answers HTTP. It is complete once made; all of it is safe for
// concurrent use.
type Server struct {
	o        Options
	prefix   string // "" or "/x"
	zones    *zones
	renders  *gate
	finds    *gate
	ln       *listener
	http     *fasthttp.Server
	page     *web.Page
	packers  packers
	flights  flights  // of renders
	answers  *answers // of renders; nil: none are kept
	metrics  *metrics
	refusals zerolog.Logger  // of wrong credentials: some lines a second
	base     context.Context // of all requests
	cancel   context.CancelFunc
}

// New makes a server and listens. Its connections wait until Run.
func New(o Options) (*Server, error) {
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	return s, nil
}

// Answer answers one request from o, without a server: as New's would, whatever
// its interface and port.
func Answer(o Options, req *fasthttp.Request, resp *fasthttp.Response) error {
	s, err := prepare(o)
	if err != nil {
		return err
	}
	defer s.cancel()
	var c fasthttp.RequestCtx
	c.Init(req, nil, httpLog{s.o.Log})
	s.serve(&c)
	c.Response.CopyTo(resp)
	return nil
}

// prepare makes a server that answers, and does not listen.
func prepare(o Options) (*Server, error) {
	if o.Engine == nil || o.Finder == nil {
		return nil, errors.New("cannot make HTTP server: no engine or no finder")
	}
	if err := o.err(); err != nil {
		return nil, err
	}
	zones, err := newZones(o.TimeZone)
	if err != nil {
		return nil, err
	}
	if o.Draw == nil {
		d, err := draw.New(o.DrawOptions)
		if err != nil {
			return nil, err
		}
		o.Draw = d.Append
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxHeader <= 0 {
		o.MaxHeader = DefaultOptions().MaxHeader
	}
	o.MaxParameters, o.MaxBody = atMost(o.MaxParameters, math.MaxInt/32), atMost(o.MaxBody, math.MaxInt/2)
	pages, err := web.New()
	if err != nil {
		return nil, err
	}
	s := &Server{
		o: o, zones: zones, page: pages, metrics: newMetrics(), answers: newAnswers(o.CacheSize),
		flights: flights{lanes: map[string]*lane{}}, refusals: o.Log.Sample(&zerolog.BurstSampler{Burst: 10, Period: time.Second}),
		renders: newGate(o.MaxQueries, o.MaxQueuedQueries),
		finds:   newGate(o.MaxQueries, o.MaxQueuedQueries),
	}
	if p := strings.Trim(o.URLPrefix, "/"); p != "" {
		s.prefix = "/" + p
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Listen opens the port of the options. A program that gives up the right to do so hands it to New
// as Options.Listener.
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
	ln := o.Listener
	if ln == nil {
		var err error
		if ln, err = Listen(*o); err != nil {
			return err
		}
	}
	s.ln = newListener(ln, s.admits, o.MaxConnections, &s.metrics.ousted)
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
		Logger:                       httpLog{o.Log},
	}
	return nil
}

// never is a timeout that nobody lives to see.
const never = 100 * 365 * 24 * time.Hour

// atMost returns a limit as a number that can be compared with: 0 is none.
func atMost[T int | time.Duration](limit, none T) T {
	if limit <= 0 {
		return none
	}
	return limit
}

// admits says whether whoever connects from an address may.
func (s *Server) admits(from net.Addr) bool {
	a, ok := from.(*net.TCPAddr)
	if s.o.Allow == nil || ok && s.o.Allow(a.AddrPort().Addr()) {
		return true
	}
	s.metrics.forbidden.Add(1)
	s.refusals.Warn().Stringer("from", from).Msg("refused: HTTP_ALLOW does not have this address")
	return false
}

// secured returns the listener as it is served: with TLS, where that is asked for.
func (s *Server) secured() net.Listener {
	if s.o.TLS == nil {
		return s.ln
	}
	return tls.NewListener(s.ln, s.o.TLS)
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Run serves until ctx ends. It then takes no more connections, gives the
// requests under way StopTimeout, and returns when the last one has ended.
func (s *Server) Run(ctx context.Context) error {
	defer s.cancel()
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.secured()) }()
	select {
	case err := <-served:
		return fmt.Errorf("cannot serve HTTP: %w", err)
	case <-ctx.Done():
	}
	s.ln.stop()
	grace, cancel := context.WithTimeout(context.Background(), s.o.StopTimeout)
	defer cancel()
	if c := s.o.Cluster; c != nil {
		// Those that answer have done so by then; one that hangs holds up nobody's end.
		defer time.AfterFunc(min(clusterGrace, s.o.StopTimeout), c.Stop).Stop()
	}
	err := s.http.ShutdownWithContext(grace)
	if err != nil {
		// Queries see the end of their context; a second is enough to say so.
		s.cancel()
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err = s.http.ShutdownWithContext(last)
	}
	// Shutdown knows nothing of a listener that Serve has not come to yet.
	_ = s.ln.Close()
	<-served
	if err != nil {
		return fmt.Errorf("cannot end all HTTP requests in %v: %w", s.o.StopTimeout, err)
	}
	return nil
}

// Close closes the listener of a server that was not run.
func (s *Server) Close() error {
	s.cancel()
	return s.ln.Close()
}

func (s *Server) now() time.Time { return s.o.Now() }

// refuse answers what is not a request. It repeats nothing of it.
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
	if status != fasthttp.StatusRequestTimeout { // who is that slow has had its time
		closeAfter(ctx)
	}
}

// httpLog passes what fasthttp says to the log.
type httpLog struct{ log zerolog.Logger }

// Printf logs what is no matter to anyone but who looks for it.
func (l httpLog) Printf(format string, args ...any) { l.log.Debug().Msgf(format, args...) }
