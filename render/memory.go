package render

import (
	"context"
	"fmt"
	"graphited/render/expr"
	"graphited/whisper"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// readKey is one read of a query: all series of a pattern, or of the source
// text of a seriesByTag call, in one window.
type readKey struct {
	pattern string
	win     Window
}

type read struct {
	key  readKey
	tags []string // seriesByTag's expressions
}

// found is what a pattern stands for, whatever the window.
type found struct {
	names []string
	tags  [][]Tag // of each name
}

// fetched is a read that was done; series without data have nil Values.
type fetched struct {
	*found
	data []whisper.Series
	err  error // of the expressions of a seriesByTag: nothing was found for these alone
}

// memory holds what one query has found and read, so that each pattern and
// window is read once. It belongs to the query's goroutine; load alone starts
// others, and waits for them.
type memory struct {
	ctx    context.Context
	e      *Engine
	remote Remote // nil: the Store has all there is
	now    int64
	finds  map[string]*found
	reads  map[readKey]*fetched
	series int          // found so far
	points atomic.Int64 // read and made so far

	failMu   sync.Mutex
	failed   int
	failures []string // the first few
	others   []string // the warnings of Remote, each once
}

func newMemory(ctx context.Context, e *Engine, q Query) *memory {
	m := &memory{ctx: ctx, e: e, now: q.Now, finds: map[string]*found{}, reads: map[readKey]*fetched{}}
	if !q.Local {
		m.remote = e.o.Remote
	}
	return m
}

func (m *memory) has(k readKey) bool { return m.reads[k] != nil }

// charge counts points against the query's limit.
func (m *memory) charge(points int) error {
	if m.points.Add(int64(points)) > m.e.o.MaxPoints {
		return TooLargef("the query needs more than %d points (MAX_QUERY_POINTS); ask for fewer series or a shorter time", m.e.o.MaxPoints)
	}
	return nil
}

// maxWarnings bounds how many failed reads are told one by one.
const maxWarnings = 10

func (m *memory) fail(name string, err error) {
	m.failMu.Lock()
	defer m.failMu.Unlock()
	m.failed++
	if len(m.failures) < maxWarnings {
		m.failures = append(m.failures, fmt.Sprintf("cannot read %q: %v", name, err))
	}
}

// warn adds what others say is missing.
func (m *memory) warn(warnings []string) {
	for _, w := range warnings {
		if !slices.Contains(m.others, w) {
			m.others = append(m.others, w)
		}
	}
}

func (m *memory) warnings() []string {
	slices.Sort(m.failures)
	if more := m.failed - len(m.failures); more > 0 {
		m.failures = append(m.failures, fmt.Sprintf("cannot read %d further series", more))
	}
	return append(m.failures, m.others...)
}

// A name may hold what has a meaning in a target: blanks, brackets, braces, quotes. The meaning comes
// first, so that a pattern stays a pattern whatever names there are. Only what means nothing, or
// finds nothing, is taken for the name that it is.

// special is what has a meaning in patterns.
const special = `*?[]{}\`

// longestName is more than the path of a file can be.
const longestName = 4096

// named returns the path of the series whose name is all of a text, nil if there is none.
func (m *memory) named(text string) *expr.Node {
	name := strings.TrimSpace(text)
	if !strings.ContainsAny(name, special+` ()'",|`) || m.literal(name) == nil {
		return nil
	}
	return &expr.Node{Kind: expr.Path, Name: name, Text: name}
}

// literal returns the name alone if there is a leaf called so. It is looked for by a
// pattern in which what is special may be any character.
func (m *memory) literal(name string) []string {
	if len(name) > longestName {
		return nil
	}
	pattern := strings.Map(func(r rune) rune {
		if strings.ContainsRune(special, r) {
			return '?'
		}
		return r
	}, name)
	for found, leaf := range m.e.o.Store.Find(m.ctx, pattern) {
		if leaf && found == name {
			return []string{name}
		}
	}
	return nil
}
