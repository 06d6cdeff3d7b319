package render

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// memStore is a Store of endless archives in memory, each with one step. When
// the test ends it checks that nobody has changed what was handed out.
type memStore struct {
	mu     sync.Mutex
	series map[string]whisper.Series
	events []event
	given  []given
	checks bool

	finds, fetches atomic.Int64
	hook           func(ctx context.Context, name string) error
}

type event struct {
	at   int64
	tags []string
}

type given struct {
	name         string
	values, copy []float64
}

func newMemStore(t testing.TB) *memStore {
	m := &memStore{series: map[string]whisper.Series{}, checks: true}
	t.Cleanup(func() {
		if name := m.changed(); name != "" {
			t.Errorf("a function has changed %s, which it was given", name)
		}
	})
	return m
}

// changed names a series whose values are no longer what was handed out, and
// forgets all that were handed out so far.
func (m *memStore) changed() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.given = nil }()
	for _, g := range m.given {
		for i := range g.copy {
			if math.Float64bits(g.copy[i]) != math.Float64bits(g.values[i]) {
				return fmt.Sprintf("point %d of %s", i, g.name)
			}
		}
	}
	return ""
}

func (m *memStore) add(name string, step, from int64, values []float64) {
	m.series[name] = whisper.Series{From: from, Step: step, Values: values}
}

func (m *memStore) addEvent(at int64, tags []string) { m.events = append(m.events, event{at, tags}) }

func (m *memStore) clear() {
	m.series, m.events = map[string]whisper.Series{}, nil
}

func (m *memStore) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	m.finds.Add(1)
	re := globRegexp(pattern)
	return func(yield func(string, bool) bool) {
		if i := strings.LastIndexByte(pattern, '.'); i > 0 && !yield(pattern[:i], false) {
			return
		}
		for name := range m.series {
			if re != nil && re.MatchString(name) && !yield(name, true) {
				return
			}
		}
	}
}

func globRegexp(pattern string) *regexp.Regexp {
	var b strings.Builder
	depth := 0
	for _, c := range pattern {
		switch {
		case c == '*':
			b.WriteString(`[^.]*`)
		case c == '?':
			b.WriteString(`[^.]`)
		case c == '{':
			b.WriteString(`(?:`)
			depth++
		case c == '}':
			b.WriteString(`)`)
			depth--
		case c == ',' && depth > 0:
			b.WriteString(`|`)
		case c == '[' || c == ']':
			b.WriteRune(c)
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	re, err := regexp.Compile("^" + b.String() + "$")
	if err != nil {
		return nil
	}
	return re
}

func (m *memStore) FindTagged(_ context.Context, exprs []string) (iter.Seq[string], error) {
	var out []string
	for name := range m.series {
		ok := true
		for _, e := range exprs {
			key, value, found := strings.Cut(e, "=")
			if !found {
				return nil, fmt.Errorf("bad expression %q", e)
			}
			not := strings.HasSuffix(key, "!")
			tags := tagsOf(name)
			i := slices.IndexFunc(tags, func(t Tag) bool { return t.Key == strings.TrimSuffix(key, "!") })
			have := ""
			if i >= 0 {
				have = tags[i].Value
			}
			match := have == value
			if re, isRegexp := strings.CutPrefix(value, "~"); isRegexp {
				match = regexp.MustCompile("^(?:" + re + ")").MatchString(have)
			}
			ok = ok && match != not
		}
		if ok {
			out = append(out, name)
		}
	}
	return slices.Values(out), nil
}

func (m *memStore) Fetch(ctx context.Context, name string, from, until, now int64) (whisper.Series, error) {
	m.fetches.Add(1)
	if m.hook != nil {
		if err := m.hook(ctx, name); err != nil {
			return whisper.Series{}, err
		}
	}
	s, ok := m.series[name]
	if !ok || from > now {
		return whisper.Series{}, fmt.Errorf("%q: %w", name, whisper.ErrNoData)
	}
	r := whisper.Series{From: from - pyvalue.FloorMod(from, s.Step) + s.Step, Until: until - pyvalue.FloorMod(until, s.Step) + s.Step, Step: s.Step}
	if r.Until <= r.From {
		r.Until = r.From + r.Step
	}
	if (r.Until-r.From)/r.Step > 5_000_000 {
		return whisper.Series{}, errors.New("no archive is that long")
	}
	r.Values = make([]float64, (r.Until-r.From)/r.Step)
	for i := range r.Values {
		at := pyvalue.FloorDiv(r.From+int64(i)*s.Step-s.From, s.Step)
		r.Values[i] = math.NaN()
		if at >= 0 && at < int64(len(s.Values)) {
			r.Values[i] = s.Values[at]
		}
	}
	if m.checks {
		m.mu.Lock()
		m.given = append(m.given, given{name, r.Values, slices.Clone(r.Values)})
		m.mu.Unlock()
	}
	return r, nil
}

func (m *memStore) EventTimes(_ context.Context, tags []string, from, until int64) ([]int64, error) {
	var out []int64
	for _, e := range m.events {
		if e.at < from || e.at > until {
			continue
		}
		has := true
		for _, t := range tags {
			has = has && slices.Contains(e.tags, t)
		}
		if has {
			out = append(out, e.at)
		}
	}
	return out, nil
}
