package cluster

import (
	"bytes"
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

// server is a member of the cluster, as it is seen from here.
type server struct {
	address
	client *fasthttp.HostClient
	auth   string
	log    zerolog.Logger
	// stopping is closed when no answer is wanted any more.
	stopping <-chan struct{}

	requests, errors, timeouts, nanos atomic.Int64 // a timeout is an error, too

	mu     sync.Mutex
	rest   time.Time // it is not asked before
	why    string    // it is not
	itself bool      // it is who asks
}

func newServer(a address, o Settings, stopping <-chan struct{}, log zerolog.Logger) *server {
	s := &server{address: a, stopping: stopping, log: log.With().Str("server", a.name).Logger()}
	if a.user != nil {
		password, _ := a.user.Password()
		s.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user.Username()+":"+password))
	}
	s.client = &fasthttp.HostClient{
		Addr: a.host, IsTLS: a.tls, Name: "graphited",
		DialTimeout:               fasthttp.DialDualStackTimeout,
		MaxConns:                  max(1, o.MaxRequests),
		MaxConnWaitTimeout:        max(o.FindTimeout, o.FetchTimeout),
		MaxIdemponentCallAttempts: 2, // a kept connection may have ended meanwhile
		MaxResponseBodySize:       o.MaxAnswer,
		ReadBufferSize:            16 << 10,
		NoDefaultUserAgentHeader:  false,
	}
	return s
}

// failure is a question that a server did not answer.
type failure struct {
	msg  string
	down bool // it is not to be asked for a while
	wait bool // it may answer if it is asked again at once
	slow bool // it took too long
}

// Error returns what went wrong, without the name of the server.
func (f *failure) Error() string { return f.msg }

// errItself is the failure of a server that turned out to be this program.
var errItself = errors.New("the server is this one itself")

// question is a request to a server.
type question struct {
	path string
	args *fasthttp.Args
	post bool
	from Asker
	id   string // of who asks
}

// maxURL is how long the URL of a GET may be: less than gunicorn, which is in front
// of many a graphite-web, takes.
const maxURL = 4000

// ask sends a question and hands the answer to read, which must not keep the body.
// A server that has nothing of the kind answers with an empty body. When ctx is done
// before there is an answer, none is waited for.
func (s *server) ask(ctx context.Context, deadline time.Time, q question, read func(contentType string, body []byte) error) error {
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

// errStopping is the failure of a server that was still expected to answer when this
// one ended.
var errStopping = &failure{msg: "it had not answered when this server was stopped"}

func (s *server) exchange(ctx context.Context, deadline time.Time, q question, read func(contentType string, body []byte) error) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	s.write(req, q)
	done := make(chan error, 1)
	go func() { done <- s.client.DoDeadline(req, resp, deadline) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done(): // the request ends at the deadline, and both are in use until then
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
		return &failure{msg: "its answer cannot be read: " + err.Error(), down: true}
	}
	return err
}

func (s *server) write(req *fasthttp.Request, q question) {
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

// describe tells why there was no answer.
func describe(err error) error {
	switch {
	case errors.Is(err, fasthttp.ErrTimeout), errors.Is(err, fasthttp.ErrDialTimeout):
		return &failure{msg: "it took too long", down: true, slow: true}
	case errors.Is(err, fasthttp.ErrNoFreeConns):
		return &failure{msg: "too many requests to it are under way"}
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return &failure{msg: "its answer is larger than CLUSTER_MAX_ANSWER"}
	}
	return &failure{msg: err.Error(), down: true, wait: true}
}

// check tells from status and headers whether a response is an answer. That
// there is no such thing is one, an empty one, as go-carbon says it; but not a page
// that says so, which is what a wrong prefix leads to.
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
	if text := excerpt(resp.Body()); text != "" && status < 500 {
		f.msg += ": " + text
	}
	f.wait = status >= 500 && status != fasthttp.StatusLoopDetected
	f.down = f.wait || status < 400 || status == fasthttp.StatusNotFound
	return f
}

// excerpt returns the beginning of a text that tells what is wrong.
func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(string(body[:min(len(body), 1000)])), " ")
	if len(text) > 200 {
		text = text[:200] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}

// available tells whether a server is to be asked, and why not. It is not, and
// that is no failure, when it is this program.
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

// settle notes how a question ended. The error is nil where a server turned out to
// be this program.
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
			s.log.Info().Msg("this entry of CLUSTER_SERVERS is this server itself; it is left out")
		}
		s.itself = true
		return nil
	}
	if errors.As(err, &f) && f.down && ctx.Err() == nil {
		if s.why == "" {
			s.log.Warn().Err(err).Dur("for", delay).Msg("a server of the cluster failed and is left alone")
		}
		s.rest, s.why = now.Add(delay), f.msg
	}
	return err
}
