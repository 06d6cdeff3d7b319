package api

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/api/call"
	"graphited/api/cluster"
	"graphited/carbon/index"
	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper"
)

// nan is a value that is not there.
var nan = math.NaN()

// held is what a member holds: series that begin at a time and have a step.
type held struct {
	from int64
	step int64
	data map[string][]float64
	tree *index.Tree
	tags *index.Tags
}

// holding returns a store of series that begin at 1000 and have a step of so many seconds.
func holding(step int64, data map[string][]float64) *held {
	h := &held{from: 1000, step: step, data: data, tree: index.New(), tags: index.NewTags(nil)}
	for name := range data {
		if strings.Contains(name, ";") {
			h.tags.Add(name)
		} else {
			h.tree.Add(name)
		}
	}
	return h
}

func (h *held) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	if h.tags.Has(pattern) {
		return func(yield func(string, bool) bool) { yield(pattern, true) }
	}
	return h.tree.Find(pattern)
}

func (h *held) FindTagged(_ context.Context, exprs []string) (iter.Seq[string], error) {
	found, err := h.tags.Find(exprs)
	return slices.Values(found), err
}

// Search is not used here.
func (h *held) Search(string, int) ([]index.Found, error) { return nil, nil }

func (h *held) Names() iter.Seq[string] { return h.tree.Names() }

func (h *held) Interval(name string) (start, end int64, ok bool) {
	_, ok = h.data[name]
	return 0, h.from + h.step, ok
}

func (h *held) Fetch(_ context.Context, name string, _, _, _ int64) (whisper.Series, error) {
	v, ok := h.data[name]
	if !ok {
		return whisper.Series{}, whisper.ErrNoData
	}
	return whisper.Series{From: h.from, Until: h.from + h.step*int64(len(v)), Step: h.step, Values: slices.Clone(v)}, nil
}

// joined serves a store, in front of other servers if there are any.
func joined(t *testing.T, h *held, change func(*cluster.Settings), servers ...string) *Server {
	t.Helper()
	return serve(t, func(o *setup) {
		o.Servers = servers
		if change != nil {
			change(&o.Settings)
		}
		var err error
		if o.Cluster, err = cluster.New(o.Settings, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
		engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: h, Remote: o.Cluster.Remote()})
		if err != nil {
			t.Fatal(err)
		}
		o.Engine, o.Finder, o.Tags = engine, h, h.tags
		o.Now = func() time.Time { return time.Unix(2000, 0) }
	})
}

// rendered asks for targets and writes each series of the answer as name, time and values.
func rendered(t *testing.T, s *Server, params string) (text string, a answer) {
	t.Helper()
	a = ask(t, s, "GET", "/render?format=json&from=990&until=1100&"+params, "")
	if a.status != 200 {
		return fmt.Sprint(a.status, " ", a.body), a
	}
	var list []struct {
		Target     string
		Datapoints [][2]*float64
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s", x.Target)
		if len(x.Datapoints) > 0 {
			fmt.Fprintf(&b, " %v", *x.Datapoints[0][1])
		}
		for _, p := range x.Datapoints {
			if p[0] == nil {
				b.WriteString(" -")
			} else {
				fmt.Fprintf(&b, " %v", *p[0])
			}
		}
		b.WriteByte('\n')
	}
	return b.String(), a
}

func addr(s *Server) string { return s.Addr().String() }

func TestFront_Render(t *testing.T) {
	one := joined(t, holding(10, map[string][]float64{"a.one": {1, 2, 3}, "a.both": {1, nan, 3}, "a.steps": {1, nan, nan}, "x;dc=1": {7}}), nil)
	two := joined(t, holding(10, map[string][]float64{"a.two": {4, 5}, "a.both": {9, 2, 9}, "x;dc=2": {8}}), nil)
	three := joined(t, holding(60, map[string][]float64{"a.steps": {5}}), nil)
	own := holding(10, map[string][]float64{"a.own": {6}, "a.both": {nan, nan, nan, 4}, "x;dc=3": {9}})
	for _, format := range []string{"", "?format=msgpack"} {
		front := joined(t, own, nil, addr(one)+format, addr(two)+"/"+format, "http://"+addr(three)+format)
		f := func(params, want string) {
			t.Helper()
			got, a := rendered(t, front, params)
			if got != want || a.header.Get(call.WarningHeader) != "" {
				t.Errorf("%s%s\ngot  %q, warning %q\nwant %q", params, format, got, a.header.Get(call.WarningHeader), want)
			}
		}
		f("target=a.one", "a.one 1000 1 2 3\n")
		f("target=a.both", "a.both 1000 1 2 3 4\n")
		f("target=a.steps", "a.steps 1000 5\n")
		f("target=a.*", "a.both 1000 1 2 3 4\na.one 1000 1 2 3\na.own 1000 6\na.steps 1000 5\na.two 1000 4 5\n")
		f("target=a.two&target=a.one", "a.two 1000 4 5\na.one 1000 1 2 3\n")
		f("target=sumSeries(a.one,a.two)", "sumSeries(a.one,a.two) 1000 5 7 3\n")
		f("target=seriesByTag('dc=~.%2B')", "x;dc=1 1000 7\nx;dc=2 1000 8\nx;dc=3 1000 9\n")
		f("target=seriesByTag('dc=2')", "x;dc=2 1000 8\n")
		f("target=timeShift(a.one,'100s')", "timeShift(a.one, \"-100s\") 1000 1 2 3\n")
		f("target=a.none", "")
		f("target=a.*&local=1", "a.both 1000 - - - 4\na.own 1000 6\n")
	}
}

// TestFront_MostComplete: without REMOTE_STORE_MERGE_RESULTS the series with the fewest gaps is
// taken as it is.
func TestFront_MostComplete(t *testing.T) {
	one := joined(t, holding(10, map[string][]float64{"a": {1, nan, 3}, "b": {1, nan}}), nil)
	two := joined(t, holding(10, map[string][]float64{"a": {nan, 5, nan}, "b": {nan, 2}}), nil)
	front := joined(t, holding(10, map[string][]float64{"a": {nan, nan, nan}}), func(s *cluster.Settings) { s.MergeResults = false }, addr(one), addr(two))
	if got, _ := rendered(t, front, "target=a&target=b"); got != "a 1000 1 - 3\nb 1000 1 -\n" {
		t.Errorf("got %q", got)
	}
}

// TestFront_NoTags: a server with noTags=1 is asked for the names that the tags stand for here.
func TestFront_NoTags(t *testing.T) {
	one := joined(t, holding(10, map[string][]float64{"x;dc=1": {7, 7}, "x;dc=2": {8}}), nil)
	front := joined(t, holding(10, map[string][]float64{"x;dc=1": {nan, 1}}), nil, addr(one)+"?noTags=1")
	if got, _ := rendered(t, front, "target=seriesByTag('dc=~.')&target=x;dc=1"); got != "x;dc=1 1000 7 1\nx;dc=1 1000 7 1\n" {
		t.Errorf("got %q", got)
	}
	if a := ask(t, front, "GET", "/tags/autoComplete/values?tag=dc", ""); a.body != `["1"]` {
		t.Errorf("values %s", a.body)
	}
}

func TestFront_Find(t *testing.T) {
	one := joined(t, holding(10, map[string][]float64{"a.b": {1}, "a.x.y": {1}}), nil)
	two := joined(t, holding(10, map[string][]float64{"a.b": {1}, "a.x": {1}, "c": {1}}), nil)
	front := joined(t, holding(10, map[string][]float64{"a.b": {1}, "d": {1}}), nil, addr(one), addr(two)+"?format=msgpack")
	f := func(url, want string) {
		t.Helper()
		a := ask(t, front, "GET", url, "")
		if a.status != 200 || a.body != want || a.header.Get(call.WarningHeader) != "" {
			t.Errorf("%s\n got %d %s\nwant %s", url, a.status, a.body, want)
		}
	}
	f("/metrics/find?query=*&format=nodelist", `{"nodes": ["a", "c", "d"]}`)
	f("/metrics/find?query=a.*&format=json", `[{"path": "a.b", "is_leaf": true, "intervals": [{"start": 0.0, "end": 1010.0}]}, {"path": "a.x", "is_leaf": false}, `+
		`{"path": "a.x", "is_leaf": true, "intervals": [{"start": 0.0, "end": 1010.0}]}]`)
	f("/metrics/find?query=*&format=nodelist&local=1", `{"nodes": ["a", "d"]}`)
	f("/metrics/find?query=a.&format=completer", `{"metrics": [{"path": "a.b", "name": "b", "is_leaf": "1"}, {"path": "a.x.", "name": "x", "is_leaf": "0"}, {"path": "a.x", "name": "x", "is_leaf": "1"}]}`)
	f("/metrics/expand?query=*.*&query=c", `{"results": ["a.b", "a.x", "c"]}`)
	f("/metrics/expand?query=*&leavesOnly=1", `{"results": ["c", "d"]}`)
	f("/metrics/expand?query=*&local=1", `{"results": ["a", "d"]}`)
	f("/metrics/index.json", `["a.b", "a.x", "a.x.y", "c", "d"]`)
	f("/metrics/index.json?local=1", `["a.b", "d"]`)
}

func TestFront_Tags(t *testing.T) {
	one := joined(t, holding(10, map[string][]float64{"x;dc=1;rack=a": {7}, "y;dc=3": {7}}), nil)
	front := joined(t, holding(10, map[string][]float64{"x;dc=2": {8}}), nil, addr(one))
	f := func(url, want string) {
		t.Helper()
		if a := ask(t, front, "GET", url, ""); a.status != 200 || a.body != want {
			t.Errorf("%s\n got %d %s\nwant %s", url, a.status, a.body, want)
		}
	}
	f("/tags/findSeries?expr=name=x", `["x;dc=1;rack=a", "x;dc=2"]`)
	f("/tags/findSeries?expr=name=x&local=1", `["x;dc=2"]`)
	f("/tags/autoComplete/tags?expr=name=x", `["dc", "rack"]`)
	f("/tags/autoComplete/tags?tagPrefix=n", `["name"]`)
	f("/tags/autoComplete/values?tag=dc", `["1", "2", "3"]`)
	f("/tags/autoComplete/values?tag=dc&limit=2", `["1", "2"]`)
	f("/tags/autoComplete/values?tag=dc&valuePrefix=3", `["3"]`)
	f("/tags/autoComplete/values?tag=dc&local=1", `["2"]`)
	if a := ask(t, front, "GET", "/tags/findSeries?expr=bad", ""); a.status != 400 {
		t.Errorf("a bad expression: %d %s", a.status, a.body)
	}
}

// TestFront_Members: what other members ask is answered from here alone.
func TestFront_Members(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("a member's question was asked further")
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer broken.Close()
	front := joined(t, holding(10, map[string][]float64{"a.b": {1}}), nil, broken.URL)
	for _, url := range []string{
		"/metrics/find?format=protobuf&query=a.*", "/render?format=protobuf&target=a.*&from=990&until=1100", "/metrics/find?local=1&format=pickle&query=a.*",
		"/render?local=1&format=msgpack&target=a.*&from=990&until=1100", "/metrics/list", "/tags/findSeries?local=1&expr=name=x", "/info?format=protobuf&target=a.b",
	} {
		if a := ask(t, front, "GET", url, ""); a.status >= 500 || a.header.Get(call.WarningHeader) != "" {
			t.Errorf("%s: %d %s", url, a.status, a.body)
		}
	}
}
