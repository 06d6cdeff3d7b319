package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/render"
	"graphited/whisper"
)

// Fetch asks all servers for series. It makes a Cluster a render.Remote. Failures of a server
// become warnings. If no server answers, it returns the error of Outcome.None.
func (c *Cluster) Fetch(ctx context.Context, patterns []render.Pattern, from, until, now int64) (r render.RemoteResult, err error) {
	found, out, err := each(ctx, c, c.o.FetchTimeout, func(s *server, deadline time.Time) ([]render.RemoteSeries, error) {
		return c.fetch(ctx, s, deadline, patterns, window{max(0, from), until, now})
	})
	r.Warnings, r.None = out.Warnings, out.None() != nil
	r.Series = slices.Concat(found...)
	var e *Error
	if errors.As(err, &e) {
		err = &render.Error{Kind: render.Unavailable, Msg: e.Error(), Err: e}
	}
	return r, err
}

// Remote returns the cluster as the remote of an engine, or nil if there is no cluster.
func (c *Cluster) Remote() render.Remote {
	if c == nil {
		return nil
	}
	return c
}

// window is the requested interval and the current time.
type window struct{ from, until, now int64 }

// targets are the targets of a request to one server, with the patterns that each stands for.
type targets struct {
	list []string
	of   map[string][]int
}

func (t *targets) add(target string, pattern int) {
	if t.of[target] == nil {
		t.list = append(t.list, target)
	}
	t.of[target] = append(t.of[target], pattern)
}

// targetsFor returns the targets for a server: the patterns, or for a server without tags the names
// of the local series that match them.
func targetsFor(s *server, patterns []render.Pattern) *targets {
	t := &targets{of: make(map[string][]int)}
	for i, p := range patterns {
		if !p.Tagged || s.withTags {
			t.add(p.Text, i)
			continue
		}
		for _, name := range p.Names {
			t.add(name, i)
		}
	}
	return t
}

// fetch asks one server, in several requests if one would be too long.
func (c *Cluster) fetch(ctx context.Context, s *server, deadline time.Time, patterns []render.Pattern, w window) ([]render.RemoteSeries, error) {
	t := targetsFor(s, patterns)
	batches := inBatches(t.list)
	found, errs := make([][]render.RemoteSeries, len(batches)), make([]error, len(batches))
	var wg sync.WaitGroup
	slots := make(chan struct{}, c.o.requests())
	for i, batch := range batches {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found[i], errs[i] = c.fetchBatch(ctx, s, deadline, t, batch, w)
		})
	}
	wg.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i]
	}
	return slices.Concat(found...), nil
}

// inBatches splits a list of targets so that the URL of each part is short enough, unless a single
// target is longer.
func inBatches(list []string) [][]string {
	const room = maxURL - 500
	var batches [][]string
	size, begin := 0, 0
	for i, target := range list {
		n := len("&target=") + len(url.QueryEscape(target))
		if size += n; size > room && i > begin {
			batches = append(batches, list[begin:i])
			begin, size = i, n
		}
	}
	if begin < len(list) {
		batches = append(batches, list[begin:])
	}
	return batches
}

// fetchBatch asks one server for some targets, and repeats a failed request while there is time.
func (c *Cluster) fetchBatch(ctx context.Context, s *server, deadline time.Time, t *targets, batch []string, w window) (found []render.RemoteSeries, err error) {
	for attempt := 1; ; attempt++ {
		var args fasthttp.Args
		args.Set("format", s.format())
		args.Set("noCache", "1")
		args.Set("from", strconv.FormatInt(w.from, 10))
		args.Set("until", strconv.FormatInt(w.until, 10))
		args.Set("now", strconv.FormatInt(w.now, 10))
		for _, target := range batch {
			args.Add("target", target)
		}
		err = s.ask(ctx, deadline, c.request(ctx, s, "/render/", &args), func(contentType string, body []byte) error {
			entries, err := readSeries(contentType, body)
			if err == nil {
				found, err = t.assign(entries, batch)
			}
			return err
		})
		var f *failure
		if err == nil || attempt >= c.o.MaxFetchRetries || ctx.Err() != nil || !errors.As(err, &f) || !f.wait || time.Now().After(deadline) {
			return found, err
		}
	}
}

// assign finds the patterns that the series of a response belong to.
func (t *targets) assign(entries []entry, batch []string) ([]render.RemoteSeries, error) {
	var found []render.RemoteSeries
	for _, e := range entries {
		of := t.patterns(e.path, batch)
		if of == nil {
			return nil, &failure{msg: fmt.Sprintf("it has %q for the target %q, which was not requested", e.name, e.path)}
		}
		for i, pattern := range of {
			s := e.series
			if i > 0 { // each receiver may change its series
				s.Values = slices.Clone(s.Values)
			}
			found = append(found, render.RemoteSeries{Pattern: pattern, Name: e.name, Series: s})
		}
	}
	return found, nil
}

// patterns returns the patterns that a target of a response stands for. A server may spell the
// target differently or omit it.
func (t *targets) patterns(target string, batch []string) []int {
	if of := t.of[target]; of != nil {
		return of
	}
	if len(batch) == 1 {
		return t.of[batch[0]]
	}
	for _, b := range batch {
		if strings.ReplaceAll(b, " ", "") == strings.ReplaceAll(target, " ", "") {
			return t.of[b]
		}
	}
	return nil
}

// Merge merges two series of the same name, of which known was found first. It may change the
// values of known. Like graphite-web, it fills the gaps of known or, if MergeResults is off or the
// steps differ, returns the one with fewer gaps. Unlike graphite-web, it matches points by their
// times, not by their positions.
func (c *Cluster) Merge(known, more whisper.Series) whisper.Series {
	switch {
	case len(more.Values) == 0:
		return known
	case len(known.Values) == 0:
		return more
	case c.o.MergeResults && known.Step == more.Step && (more.From-known.From)%known.Step == 0 && more.From <= known.Until && known.From <= more.Until:
		return fill(known, more)
	case gaps(more)*float64(len(known.Values)) < gaps(known)*float64(len(more.Values)):
		return more
	}
	return known
}

// gaps counts the null values.
func gaps(s whisper.Series) (n float64) {
	for _, v := range s.Values {
		if v != v {
			n++
		}
	}
	return n
}

// fill returns known with its missing values taken from more. Both must have the same step and
// adjoin or overlap.
func fill(known, more whisper.Series) whisper.Series {
	out := known
	out.From, out.Until = min(known.From, more.From), max(known.Until, more.Until)
	if out.From != known.From || out.Until != known.Until {
		out.Values = make([]float64, (out.Until-out.From)/out.Step)
		for i := range out.Values {
			out.Values[i] = math.NaN()
		}
		copy(out.Values[(known.From-out.From)/out.Step:], known.Values)
	}
	at := int((more.From - out.From) / out.Step)
	for i, v := range more.Values {
		if o := &out.Values[at+i]; *o != *o {
			*o = v
		}
	}
	return out
}
