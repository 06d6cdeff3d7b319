package render

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"graphited/whisper"
)

// get returns a read, doing it now if it was not planned.
func (m *memory) get(r read) (*fetched, error) {
	if f := m.reads[r.key]; f != nil {
		return f, nil
	}
	if err := m.load([]read{r}); err != nil {
		return nil, err
	}
	return m.reads[r.key], nil
}

// chunk is the part of a read that one goroutine does in one go.
type chunk struct {
	win   Window
	names []string
	data  []whisper.Series
}

// chunkSize is small enough to keep all workers busy and large enough that
// handing it out costs nothing beside the reads.
const chunkSize = 32

// load does several reads, in parallel over chunks of series, while others are asked
// for theirs.
func (m *memory) load(reads []read) error {
	var chunks []chunk
	for _, r := range reads {
		if err := m.charge(seriesPoints); err != nil {
			return err
		}
		f, err := m.find(r)
		if ownFault(err, "") != nil {
			m.reads[r.key] = &fetched{found: &found{}, err: err}
			continue
		}
		if err != nil {
			return err
		}
		got := &fetched{found: f, data: make([]whisper.Series, len(f.names))}
		m.reads[r.key] = got
		for lo := 0; lo < len(f.names); lo += chunkSize {
			hi := min(lo+chunkSize, len(f.names))
			chunks = append(chunks, chunk{r.key.win, f.names[lo:hi], got.data[lo:hi]})
		}
	}
	if m.remote == nil {
		return m.run(chunks)
	}
	ctx, cancel := context.WithCancel(m.ctx)
	defer cancel()
	others := m.askOthers(ctx, reads)
	err := m.run(chunks)
	if err != nil {
		cancel() // the others need not go on
	}
	return cmp.Or(err, others())
}

// run does the chunks with as many goroutines as the Engine has slots for and
// waits for all. After the first error the others stop soon.
func (m *memory) run(chunks []chunk) error {
	if len(chunks) == 0 {
		return m.ctx.Err()
	}
	ctx, cancel := context.WithCancelCause(m.ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(m.e.o.Workers, len(chunks)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(chunks)); i = next.Add(1) - 1 {
				select {
				case <-ctx.Done():
					return
				case m.e.slots <- struct{}{}:
				}
				err := m.fetchChunk(ctx, chunks[i])
				<-m.e.slots
				if err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (m *memory) fetchChunk(ctx context.Context, c chunk) error {
	for i, name := range c.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := m.e.o.Store.Fetch(ctx, name, c.win.From, c.win.Until, m.now)
		switch {
		case err == nil:
			if err := m.charge(len(s.Values)); err != nil {
				return err
			}
			c.data[i] = s
		case errors.Is(err, whisper.ErrNoData):
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			m.fail(name, err)
		}
	}
	return nil
}

// find lists the leaves of a pattern in order of their names, each once.
func (m *memory) find(r read) (*found, error) {
	if f := m.finds[r.key.pattern]; f != nil {
		return f, nil
	}
	names, err := m.list(r)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	names = slices.Compact(names)
	f := &found{names: names, tags: make([][]Tag, len(names))}
	for i, name := range names {
		f.tags[i] = tagsOf(name)
	}
	m.finds[r.key.pattern] = f
	return f, nil
}

func (m *memory) list(r read) ([]string, error) {
	var names []string
	add := func(name string) error {
		if m.series++; m.series > m.e.o.MaxSeries {
			return TooLargef("the query matches more than %d series (MAX_QUERY_SERIES)", m.e.o.MaxSeries)
		}
		names = append(names, name)
		return nil
	}
	if r.tags == nil {
		err := m.listPaths(r.key.pattern, add)
		if err == nil && len(names) == 0 && strings.ContainsAny(r.key.pattern, special) {
			names, err = m.literal(r.key.pattern), m.ctx.Err()
		}
		return names, err
	}
	seq, err := m.e.o.Store.FindTagged(m.ctx, r.tags)
	if m.ctx.Err() != nil {
		return nil, m.ctx.Err()
	}
	if err != nil {
		return nil, &Error{Kind: BadRequest, Func: SeriesByTag, Msg: err.Error(), Err: err}
	}
	for name := range seq {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return names, m.ctx.Err()
}

// listPaths adds the leaves of a pattern.
func (m *memory) listPaths(pattern string, add func(name string) error) error {
	var err error
	dottedBraces(pattern, func(p string) bool {
		if p != pattern { // a text of its own, and a find
			if err = m.charge(seriesPoints + int(namePoints(p))); err != nil {
				return false
			}
		}
		for name, leaf := range m.e.o.Store.Find(m.ctx, p) {
			if !leaf {
				continue
			}
			if err = add(name); err != nil {
				return false
			}
		}
		err = m.ctx.Err()
		return err == nil
	})
	return err
}
