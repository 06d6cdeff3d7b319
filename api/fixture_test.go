package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/facts"
	"graphited/carbon/index"
	"graphited/carbon/listen"
	"graphited/render"
	"graphited/render/draw"
	"graphited/render/fn"
	"graphited/whisper"
)

// fixture is the tree of testdata/api/tree.json, as finder and as store.
type fixture struct {
	Now    int64
	Series map[string]struct {
		From, Step int64
		Values     []any // number, null, "inf" or "-inf"
	}
	tree *index.Tree
	tags *index.Tags
}

func loadFixture(t testing.TB) *fixture {
	t.Helper()
	b, err := os.ReadFile("../testdata/api/tree.json")
	if err != nil {
		t.Fatal(err)
	}
	f := new(fixture)
	if err := json.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	f.tree, f.tags = index.New(), index.NewTags(nil)
	for name := range f.Series {
		f.tree.Add(name)
	}
	return f
}

func (f *fixture) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	return f.tree.Find(pattern)
}

func (f *fixture) Names() iter.Seq[string] { return f.tree.Names() }

func (f *fixture) Interval(name string) (start, end int64, ok bool) {
	_, ok = f.Series[name]
	return f.Now - 86400, f.Now, ok
}

func (f *fixture) FindTagged(context.Context, []string) (iter.Seq[string], error) {
	return func(func(string) bool) {}, nil
}

func (f *fixture) Fetch(_ context.Context, name string, from, until, _ int64) (whisper.Series, error) {
	s, ok := f.Series[name]
	if !ok {
		return whisper.Series{}, fmt.Errorf("cannot fetch %q: %w", name, whisper.ErrNoData)
	}
	out := whisper.Series{From: from - from%s.Step + s.Step, Until: until - until%s.Step + s.Step, Step: s.Step}
	for t := out.From; t < out.Until; t += s.Step {
		v := null
		if i := (t - s.From) / s.Step; t >= s.From && i < int64(len(s.Values)) {
			v = number(s.Values[i])
		}
		out.Values = append(out.Values, v)
	}
	return out, nil
}

func (f *fixture) Search(text string, limit int) ([]index.Found, error) {
	return index.Search(f.tree, f.tags, text, limit)
}

// Content types of carbonapi.
const (
	typeV2 = "application/x-protobuf"
	typeV3 = "application/x-carbonapi-v3-pb"
)

// setup is what a test changes of a server. The functions that stand here take the place of parts
// of Deps that are interfaces.
type setup struct {
	Options
	Deps
	Prometheus func(dst []byte) []byte
	Starting   func() string
	Health     func() []facts.Condition
	Remove     func(ctx context.Context, names []string) ([]string, error)
	Metadata   metadata
	File       func(metric string) (facts.File, bool)
	Space      func() (free, total uint64)
}

// newSetup returns that of a server over a fixture.
func newSetup(t testing.TB, f *fixture) setup {
	t.Helper()
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: f})
	if err != nil {
		t.Fatal(err)
	}
	o := setup{Options: DefaultOptions(), Deps: Deps{Engine: engine, Finder: f, Tags: f.tags, Log: zerolog.Nop()}}
	o.Addr = listen.Address{Interface: "127.0.0.1", Port: listen.Free} // which only this machine reaches
	o.Draw = func(context.Context, []byte, draw.Graph) ([]byte, error) { return nil, errors.New("no Draw here") }
	o.Now = func() time.Time { return time.Unix(f.Now, 0) }
	return o
}

// deps returns the Deps with what the functions of the setup stand for.
func (o *setup) deps() Deps {
	d := o.Deps
	if o.Prometheus != nil || o.Starting != nil || o.Health != nil {
		d.State = stateDouble{o}
	}
	if o.Remove != nil || o.Metadata != nil {
		d.Series = seriesDouble{o.Metadata, o}
	}
	if o.File != nil {
		d.Files = filesDouble{o}
	}
	return d
}

type stateDouble struct{ o *setup }

func (s stateDouble) Starting() string {
	if s.o.Starting == nil {
		return ""
	}
	return s.o.Starting()
}

func (s stateDouble) Health() []facts.Condition {
	if s.o.Health == nil {
		return nil
	}
	return s.o.Health()
}

func (s stateDouble) AppendPrometheus(dst []byte) []byte {
	if s.o.Prometheus == nil {
		return dst
	}
	return s.o.Prometheus(dst)
}

type metadata interface {
	GetMetadata(ctx context.Context, metric, key string) (string, error)
	SetMetadata(ctx context.Context, metric, key, value string) (string, error)
}

type seriesDouble struct {
	metadata
	o *setup
}

func (s seriesDouble) Remove(ctx context.Context, names []string) ([]string, error) {
	return s.o.Remove(ctx, names)
}

type filesDouble struct{ o *setup }

func (f filesDouble) File(metric string) (facts.File, bool) { return f.o.File(metric) }

func (f filesDouble) Space() (free, total uint64) {
	if f.o.Space == nil {
		return 0, 0
	}
	return f.o.Space()
}

// serve runs a server over the fixture until the test ends.
func serve(t testing.TB, change func(*setup)) *Server {
	t.Helper()
	f := loadFixture(t)
	o := newSetup(t, f)
	if change != nil {
		change(&o)
	}
	s, err := New(o.Options, o.deps())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// answer is a response that was read.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; a body makes it a form.
func ask(t testing.TB, s *Server, method, url, body string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+s.Addr().String()+url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}
