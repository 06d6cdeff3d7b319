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

// anyPort is a free port that only this machine reaches.
var anyPort = listen.Address{Interface: "127.0.0.1", Port: listen.Free}

// serve runs a server over the fixture until the test ends.
func serve(t testing.TB, change func(*Options)) *Server {
	t.Helper()
	f := loadFixture(t)
	o := DefaultOptions()
	o.Addr = anyPort
	o.Finder, o.Tags = f, f.tags
	o.Search = func(text string, limit int) ([]index.Found, error) { return index.Search(f.tree, f.tags, text, limit) }
	o.Draw = func(context.Context, []byte, draw.Graph) ([]byte, error) { return nil, errors.New("no Draw here") }
	o.Now = func() time.Time { return time.Unix(f.Now, 0) }
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: f})
	if err != nil {
		t.Fatal(err)
	}
	o.Engine = engine
	if change != nil {
		change(&o)
	}
	s, err := New(o)
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
