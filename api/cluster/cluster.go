package cluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
)

// Cluster represents the other members of a cluster. It is safe for concurrent use.
type Cluster struct {
	o       Settings
	servers []*server
	id      string // of this program
	now     func() time.Time
	stop    context.CancelFunc
}

// New returns the cluster of the settings, or nil if they list no servers.
func New(o Settings, log zerolog.Logger) (*Cluster, error) {
	stopping, stop := context.WithCancel(context.Background())
	c := &Cluster{o: o, id: rand.Text(), now: time.Now, stop: stop}
	for _, entry := range o.Servers {
		a, err := parseServer(entry, o.HTTPS)
		if err != nil {
			stop()
			return nil, err
		}
		c.servers = append(c.servers, newServer(a, o, stopping.Done(), log))
	}
	if c.servers == nil {
		stop()
		return nil, nil
	}
	return c, nil
}

// Stop makes all pending and future requests fail.
func (c *Cluster) Stop() { c.stop() }

// Outcome says which servers answered.
type Outcome struct {
	// Warnings has one entry per server that did not answer, with the reason.
	Warnings []string
	// Answered is the number of servers that answered.
	Answered int
}

// Error says that a request failed because servers did not answer.
type Error struct{ Warnings []string }

// Error names the first server that failed.
func (e *Error) Error() string {
	if len(e.Warnings) > 1 {
		return fmt.Sprintf("%d servers of the cluster did not answer, the first: %s", len(e.Warnings), e.Warnings[0])
	}
	return "a server of the cluster did not answer: " + e.Warnings[0]
}

// None returns an error if there were servers to ask and none of them answered. Then an empty local
// result is not a valid response.
func (o Outcome) None() error {
	if o.Answered == 0 && len(o.Warnings) > 0 {
		return &Error{o.Warnings}
	}
	return nil
}

// each asks every server at the same time and returns the responses in the order of the servers.
// The error is an *Error if FailOnError is set, or the context's.
func each[T any](ctx context.Context, c *Cluster, timeout time.Duration, ask func(s *server, deadline time.Time) (T, error)) ([]T, Outcome, error) {
	deadline := time.Now().Add(timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	answers, failures, asked := make([]T, len(c.servers)), make([]error, len(c.servers)), make([]bool, len(c.servers))
	var wg sync.WaitGroup
	for i, s := range c.servers {
		ok, err := s.available(c.now())
		if !ok {
			failures[i] = err
			continue
		}
		wg.Go(func() {
			v, err := ask(s, deadline)
			answers[i], asked[i] = v, err == nil
			failures[i] = s.settle(ctx, err, c.now(), c.o.RetryDelay)
		})
	}
	wg.Wait()
	var got []T
	var out Outcome
	for i, s := range c.servers {
		if failures[i] != nil {
			out.Warnings = append(out.Warnings, s.name+": "+failures[i].Error())
		} else if asked[i] {
			got = append(got, answers[i])
			out.Answered++
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, out, ctx.Err()
	case c.o.FailOnError && out.Warnings != nil:
		return nil, out, &Error{out.Warnings}
	}
	return got, out, nil
}

// request returns a request to a server. It sets the parameter local.
func (c *Cluster) request(ctx context.Context, s *server, path string, args *fasthttp.Args) request {
	args.Set("local", s.local)
	return request{path: path, args: args, post: c.o.UsePost, from: askerOf(ctx), id: c.id}
}

// Find returns the nodes that match a pattern, sorted by path, each at most once as a branch and
// once as a leaf. It does not send times that are 0.
func (c *Cluster) Find(ctx context.Context, pattern string, from, until int64) ([]Node, Outcome, error) {
	found, out, err := each(ctx, c, c.o.FindTimeout, func(s *server, deadline time.Time) (nodes []Node, err error) {
		var args fasthttp.Args
		args.Set("format", s.format())
		args.Set("query", pattern)
		if from != 0 {
			args.Set("from", strconv.FormatInt(from, 10))
		}
		if until != 0 {
			args.Set("until", strconv.FormatInt(until, 10))
		}
		err = s.ask(ctx, deadline, c.request(ctx, s, "/metrics/find/", &args), func(contentType string, body []byte) (err error) {
			nodes, err = readNodes(contentType, body)
			return err
		})
		return nodes, err
	})
	return joinNodes(slices.Concat(found...)), out, err
}

// strings asks every server that has tags for a list of strings and returns all of them.
func (c *Cluster) strings(ctx context.Context, path string, args func() *fasthttp.Args) ([]string, Outcome, error) {
	lists, out, err := each(ctx, c, c.o.FindTimeout, func(s *server, deadline time.Time) (list []string, err error) {
		if !s.withTags {
			return nil, nil
		}
		err = s.ask(ctx, deadline, c.request(ctx, s, path, args()), func(_ string, body []byte) error {
			if len(body) == 0 {
				return nil
			}
			return json.Unmarshal(body, &list)
		})
		return list, err
	})
	return slices.Concat(lists...), out, err
}

// Names returns every leaf of every server, in no particular order.
func (c *Cluster) Names(ctx context.Context) ([]string, Outcome, error) {
	lists, out, err := each(ctx, c, c.o.FetchTimeout, func(s *server, deadline time.Time) (names []string, err error) {
		other := false
		err = s.ask(ctx, deadline, c.request(ctx, s, "/metrics/index.json", new(fasthttp.Args)), func(_ string, body []byte) error {
			if other = len(body) == 0; other {
				return nil
			}
			return json.Unmarshal(body, &names)
		})
		if err == nil && other {
			names, err = c.listed(ctx, s, deadline)
		}
		return names, err
	})
	return slices.Concat(lists...), out, err
}

// listed returns every leaf of a server that has no index.json but, like go-carbon, a list.
func (c *Cluster) listed(ctx context.Context, s *server, deadline time.Time) ([]string, error) {
	var list struct{ Metrics []string }
	args := new(fasthttp.Args)
	args.Set("format", "json")
	err := s.ask(ctx, deadline, c.request(ctx, s, "/metrics/list/", args), func(_ string, body []byte) error {
		if len(body) == 0 {
			return nil
		}
		return json.Unmarshal(body, &list)
	})
	return list.Metrics, err
}

// FindTagged returns the series that match all tag expressions, in no particular order.
func (c *Cluster) FindTagged(ctx context.Context, exprs []string) ([]string, Outcome, error) {
	return c.strings(ctx, "/tags/findSeries", func() *fasthttp.Args { return tagArgs(exprs, 0) })
}

// CompleteTags returns the tags with the given prefix of series that match all expressions, at most
// limit per server, in no particular order.
func (c *Cluster) CompleteTags(ctx context.Context, exprs []string, prefix string, limit int) ([]string, Outcome, error) {
	return c.strings(ctx, "/tags/autoComplete/tags", func() *fasthttp.Args {
		args := tagArgs(exprs, limit)
		args.Set("tagPrefix", prefix)
		return args
	})
}

// CompleteValues is like CompleteTags but returns values of a tag.
func (c *Cluster) CompleteValues(ctx context.Context, exprs []string, tag, prefix string, limit int) ([]string, Outcome, error) {
	return c.strings(ctx, "/tags/autoComplete/values", func() *fasthttp.Args {
		args := tagArgs(exprs, limit)
		args.Set("tag", tag)
		args.Set("valuePrefix", prefix)
		return args
	})
}

func tagArgs(exprs []string, limit int) *fasthttp.Args {
	args := new(fasthttp.Args)
	for _, e := range exprs {
		args.Add("expr", e)
	}
	if limit > 0 {
		args.SetUint("limit", limit)
	}
	return args
}

// Accept returns a context for what a request asks of the cluster. header returns a header of the
// request, or "" if it has none. ok is false if the request has been here before or has come
// through too many members, which is a loop. The response must then be 508 with the header that
// Node returns.
func (c *Cluster) Accept(ctx context.Context, header func(name string) string) (of context.Context, ok bool) {
	a := Asker{via: header(viaHeader)}
	if a.via != "" {
		members := strings.Split(a.via, ",")
		for _, m := range members {
			if strings.TrimSpace(m) == c.id {
				return ctx, false
			}
		}
		if len(members) >= maxVia {
			return ctx, false
		}
	}
	for _, name := range c.o.ForwardHeaders {
		if v := header(name); v != "" {
			a.Headers = append(a.Headers, [2]string{name, v})
		}
	}
	if a.via == "" && a.Headers == nil {
		return ctx, true
	}
	return context.WithValue(ctx, askerKey{}, a), true
}

// Node returns the name and value of the header that identifies this member.
func (c *Cluster) Node() (name, value string) { return nodeHeader, c.id }
