package api

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"graphited/api/admin"
	"graphited/api/call"
	"graphited/api/member"
	"graphited/api/query"
	"graphited/api/saved"
	"graphited/api/web"
)

// clusterGrace is how long other members may take to answer when the server ends.
const clusterGrace = time.Second

// Server answers HTTP. It is complete once New returns it. All of it is safe for concurrent use.
type Server struct {
	o        Options
	d        Deps
	site     call.Site
	table    *table
	query    *query.Views
	member   *member.Member
	saved    *saved.Views
	admin    *admin.Views
	finds    *call.Gate
	ln       *listener
	http     *fasthttp.Server
	page     *web.Page
	packers  packers
	metrics  *metrics
	refusals zerolog.Logger  // of connections and credentials: a few lines per second
	base     context.Context // of all requests
	cancel   context.CancelFunc
}

// secured returns the listener, with TLS if that is configured.
func (s *Server) secured() net.Listener {
	if s.d.TLS == nil {
		return s.ln
	}
	return tls.NewListener(s.ln, s.d.TLS)
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Run serves until ctx ends. Then it accepts no more connections, gives the running requests
// StopTimeout, and returns when the last one has ended.
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
	if c := s.d.Cluster; c != nil {
		// A member that answers has done so by then. One that hangs must not delay the end.
		defer time.AfterFunc(min(clusterGrace, s.o.StopTimeout), c.Stop).Stop()
	}
	err := s.http.ShutdownWithContext(grace)
	if err != nil {
		// Queries see the end of their context. A second is enough to answer so.
		s.cancel()
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err = s.http.ShutdownWithContext(last)
	}
	// Shutdown does not know a listener that Serve has not reached yet.
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

// httpLog passes the messages of fasthttp to the log.
type httpLog struct{ log zerolog.Logger }

// Printf logs at level debug, because only those who look for a cause need the messages.
func (l httpLog) Printf(format string, args ...any) { l.log.Debug().Msgf(format, args...) }
