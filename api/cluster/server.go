package cluster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
)

// server is a member of the cluster as this process sees it.
type server struct {
	address
	client *fasthttp.HostClient
	auth   string
	secret *strings.Replacer // hides the password in what the server says; nil: there is none
	log    zerolog.Logger
	// stopping is closed when pending requests must fail.
	stopping <-chan struct{}

	requests, errors, timeouts, nanos atomic.Int64 // a timeout is an error, too

	mu     sync.Mutex
	rest   time.Time // the server is not asked before this time
	why    string    // why it is not asked
	itself bool      // the server is this program itself
}

func newServer(a address, o Settings, stopping <-chan struct{}, log zerolog.Logger) *server {
	s := &server{address: a, stopping: stopping, log: log.With().Str("server", a.name).Logger()}
	if a.user != nil {
		password, _ := a.user.Password()
		encoded := base64.StdEncoding.EncodeToString([]byte(a.user.Username() + ":" + password))
		s.auth, s.secret = "Basic "+encoded, strings.NewReplacer(encoded, "***", cmp.Or(password, encoded), "***")
	}
	s.client = &fasthttp.HostClient{
		Addr: a.host, IsTLS: a.tls, Name: "graphited",
		DialTimeout:               fasthttp.DialDualStackTimeout,
		MaxConns:                  o.requests(),
		MaxConnWaitTimeout:        max(o.FindTimeout, o.FetchTimeout),
		MaxIdemponentCallAttempts: 2, // the server may have closed an idle connection
		MaxResponseBodySize:       o.MaxAnswer,
		ReadBufferSize:            16 << 10,
		NoDefaultUserAgentHeader:  false,
	}
	return s
}

// failure is why a server did not answer a request.
type failure struct {
	msg  string
	down bool // do not ask the server for a while
	wait bool // the server may answer if asked again immediately
	slow bool // the server took too long
}

// Error returns the reason without the name of the server.
func (f *failure) Error() string { return f.msg }

// errItself says that a server is this program itself.
var errItself = errors.New("the server is this one itself")

// request is a request to a server.
type request struct {
	path string
	args *fasthttp.Args
	post bool
	from Asker
	id   string // of this program
}

// maxURL is the longest URL of a GET. It is below the limit of gunicorn, which often runs
// graphite-web.
const maxURL = 4000

// ask sends a request and passes the response to read, which must not retain the body. An empty
// body means that the server has nothing that matches. When ctx is done ask returns without waiting
// for the response.
func (s *server) ask(ctx context.Context, deadline time.Time, q request, read func(contentType string, body []byte) error) error {
	begin := time.Now()
	err := s.exchange(ctx, deadline, q, read)
	s.requests.Add(1)
	s.nanos.Add(int64(time.Since(begin)))
	if err != nil && ctx.Err() == nil && !errors.Is(err, errItself) {
		s.errors.Add(1)
		if f := (*failure)(nil); errors.As(err, &f) && f.slow {
			s.timeouts.Add(1)
		}
	}
	return err
}

// errStopping is the failure of a server that had not answered when this program was stopped.
var errStopping = &failure{msg: "it had not answered when this server was stopped"}

func (s *server) exchange(ctx context.Context, deadline time.Time, q request, read func(contentType string, body []byte) error) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	s.write(req, q)
	done := make(chan error, 1)
	go func() { done <- s.client.DoDeadline(req, resp, deadline) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done(): // req and resp stay in use until the request ends at its deadline
		return ctx.Err()
	case <-s.stopping:
		return errStopping
	}
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	if err != nil {
		return describe(err)
	}
	if err := s.check(resp, q.id); err != nil {
		return err
	}
	err = read(string(resp.Header.ContentType()), resp.Body())
	if f := (*failure)(nil); err != nil && !errors.As(err, &f) {
		return &failure{msg: "its response cannot be read: " + err.Error(), down: true}
	}
	return err
}

func (s *server) write(req *fasthttp.Request, q request) {
	scheme := "http://"
	if s.tls {
		scheme = "https://"
	}
	uri := scheme + s.host + s.prefix + q.path
	query := q.args.QueryString()
	if q.post || len(uri)+len(query) > maxURL {
		req.Header.SetMethod(fasthttp.MethodPost)
		req.Header.SetContentType("application/x-www-form-urlencoded")
		req.SetRequestURI(uri)
		req.SetBody(query)
	} else {
		req.SetRequestURI(uri + "?" + string(query))
	}
	for _, h := range q.from.Headers {
		req.Header.Set(h[0], h[1])
	}
	if s.auth != "" {
		req.Header.Set("Authorization", s.auth)
	}
	req.Header.Set(viaHeader, strings.TrimPrefix(q.from.via+","+q.id, ","))
}

// describe converts the error of a request to a failure.
func describe(err error) error {
	switch {
	case errors.Is(err, fasthttp.ErrTimeout), errors.Is(err, fasthttp.ErrDialTimeout):
		return &failure{msg: "it took too long", down: true, slow: true}
	case errors.Is(err, fasthttp.ErrNoFreeConns):
		return &failure{msg: "too many requests to it are pending"}
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return &failure{msg: "its response is larger than CLUSTER_MAX_ANSWER"}
	}
	return &failure{msg: err.Error(), down: true, wait: true}
}

// check returns an error if the status and headers say that a response is invalid. A 404 is an
// empty response, which go-carbon sends if nothing matches, unless it is an HTML page, which
// indicates a wrong prefix.
func (s *server) check(resp *fasthttp.Response, id string) error {
	status := resp.StatusCode()
	html := bytes.HasPrefix(resp.Header.ContentType(), []byte("text/html"))
	switch {
	case status == fasthttp.StatusOK:
		return nil
	case status == fasthttp.StatusNotFound && !html:
		resp.ResetBody()
		return nil
	case status == fasthttp.StatusLoopDetected && string(resp.Header.Peek(nodeHeader)) == id:
		return errItself
	}
	f := &failure{msg: fmt.Sprintf("it answered with status %d", status)}
	if text := s.excerpt(resp.Body()); text != "" && status < 500 {
		f.msg += ": " + text
	}
	f.wait = status >= 500 && status != fasthttp.StatusLoopDetected
	f.down = f.wait || status < 400 || status == fasthttp.StatusNotFound
	return f
}

// excerpt returns the beginning of an error text, without the password that an echo may have in it.
func (s *server) excerpt(body []byte) string {
	text := strings.Join(strings.Fields(string(body[:min(len(body), 1000)])), " ")
	if s.secret != nil {
		text = s.secret.Replace(text)
	}
	if len(text) > 200 {
		text = text[:200] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}

// available reports whether a server may be asked, and if not, why. err is nil if the server is
// this program itself.
func (s *server) available(now time.Time) (ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.itself:
		return false, nil
	case now.Before(s.rest):
		return false, &failure{msg: fmt.Sprintf("not asked for another %v, since %s", s.rest.Sub(now).Round(time.Second), s.why)}
	}
	return true, nil
}

// settle records the result of a request. It returns nil if the server is this program itself.
func (s *server) settle(ctx context.Context, err error, now time.Time, delay time.Duration) error {
	var f *failure
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		if s.why != "" {
			s.log.Info().Msg("the server of the cluster answers again")
		}
		s.rest, s.why = time.Time{}, ""
		return nil
	case errors.Is(err, errItself):
		if !s.itself {
			s.log.Info().Msg("this entry of CLUSTER_SERVERS is this server itself and is skipped")
		}
		s.itself = true
		return nil
	}
	if errors.As(err, &f) && f.down && ctx.Err() == nil {
		if s.why == "" {
			s.log.Warn().Err(err).Dur("for", delay).Msg("a server of the cluster failed and is not asked again for a while")
		}
		s.rest, s.why = now.Add(delay), f.msg
	}
	return err
}

func (s *server) format() string {
	if s.msgpack {
		return "msgpack"
	}
	return "pickle"
}
