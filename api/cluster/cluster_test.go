package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/tinylib/msgp/msgp"

	"graphited/render"
	"graphited/render/encode"
	"graphited/whisper"
)

func TestParseServer(t *testing.T) {
	f := func(entry string, want address) {
		t.Helper()
		got, err := parseServer(entry, false)
		got.user = nil
		if want.local == "" {
			want.local = "1"
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, error %v, want %+v", entry, got, err, want)
		}
	}
	f("10.0.2.2:8080", address{name: "10.0.2.2:8080", host: "10.0.2.2:8080", withTags: true})
	f("box", address{name: "box", host: "box:80", withTags: true})
	f("https://box", address{name: "box", host: "box:443", tls: true, withTags: true})
	f("http://u:secret@box:81/graphite/", address{name: "box:81/graphite", host: "box:81", prefix: "/graphite", withTags: true})
	f("[::1]:8080", address{name: "[::1]:8080", host: "[::1]:8080", withTags: true})
	f("box:1?format=msgpack&local=0&noTags=1", address{name: "box:1", host: "box:1", msgpack: true, local: "0"})
	f("box:1/?format=pickle&noTags=", address{name: "box:1", host: "box:1", withTags: true})
	f(`["box:1"`, address{name: "box:1", host: "box:1", withTags: true})
	f(` 'box:2']`, address{name: "box:2", host: "box:2", withTags: true})
	f(`("[::1]:3",)`[:10], address{name: "[::1]:3", host: "[::1]:3", withTags: true})
	if a, err := parseServer("box", true); err != nil || !a.tls {
		t.Errorf("INTRACLUSTER_HTTPS: %+v, error %v", a, err)
	}
	for _, bad := range []string{"", "ftp://box", "box:x", "box?format=json", "box?retries=3", "http://", "/prefix", "a b"} {
		if a, err := parseServer(bad, false); err == nil || !strings.Contains(err.Error(), "CLUSTER_SERVERS") {
			t.Errorf("%q: %+v, error %v", bad, a, err)
		}
	}
	if c, err := New(DefaultSettings(), zerolog.Nop()); c != nil || err != nil {
		t.Errorf("no servers: %v, error %v", c, err)
	}
}

// packSeries returns a response in MessagePack with each target as a series of one value.
func packSeries(targets []string) []byte {
	b := msgp.AppendArrayHeader(nil, uint32(len(targets)))
	for i, target := range targets {
		b = msgp.AppendMapHeader(b, 6)
		b = msgp.AppendString(msgp.AppendString(b, "name"), target)
		b = msgp.AppendString(msgp.AppendString(b, "pathExpression"), target)
		b = msgp.AppendInt(msgp.AppendString(b, "start"), 60)
		b = msgp.AppendFloat64(msgp.AppendString(b, "step"), 60)
		b = msgp.AppendFloat32(msgp.AppendArrayHeader(msgp.AppendString(b, "values"), 1), float32(i))
		b = msgp.AppendNil(msgp.AppendString(b, "end"))
	}
	return b
}

// of returns a cluster of one server that calls handle for each request.
func of(t *testing.T, change func(*Settings), handle http.HandlerFunc) *Cluster {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	o := DefaultSettings()
	o.FindTimeout, o.FetchTimeout = time.Minute, time.Minute
	o.Servers = []string{strings.Replace(s.URL, "http://", "http://me:secret@", 1) + "/x"}
	if change != nil {
		change(&o)
	}
	c, err := New(o, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFetch_Requests checks the requests to a server. Many targets need several requests, and a
// long target needs a form.
func TestFetch_Requests(t *testing.T) {
	var mu sync.Mutex
	var got []string
	posts := 0
	handle := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		user, password, _ := r.BasicAuth()
		if err := r.ParseForm(); err != nil || r.URL.Path != "/x/render/" || user != "me" || password != "secret" || len(r.RequestURI) > 4094 || r.Header.Get("X-Request-Id") != "7" ||
			r.Form.Get("from") != "10" || r.Form.Get("until") != "20" || r.Form.Get("now") != "30" || r.Form.Get("local") != "1" || r.Form.Get("noCache") != "1" || r.Form.Get("format") != "pickle" {
			t.Errorf("%s %.200s by %s:%s, error %v", r.Method, r.RequestURI, user, password, err)
		}
		if r.Method == http.MethodPost {
			posts++
		}
		got = append(got, r.Form["target"]...)
		w.Header().Set("Content-Type", "application/x-msgpack")
		_, _ = w.Write(packSeries(r.Form["target"]))
	}
	var patterns []render.Pattern
	var want []string
	for i := range 500 {
		want = append(want, fmt.Sprintf("metric.number%03d.{a,b}", i))
	}
	want = append(want, "z."+strings.Repeat("long", 2000))
	for _, text := range want {
		patterns = append(patterns, render.Pattern{Text: text})
	}
	for _, post := range []bool{false, true} {
		got, posts = nil, 0
		c := of(t, func(o *Settings) { o.ForwardHeaders, o.UsePost = []string{"X-Request-Id", "X-None"}, post }, handle)
		ctx, ok := c.Accept(t.Context(), func(name string) string { return map[string]string{"X-Request-Id": "7"}[name] })
		r, err := c.Fetch(ctx, patterns, 10, 20, 30)
		slices.Sort(got)
		if !ok || err != nil || r.Warnings != nil || len(r.Series) != len(want) || !slices.Equal(got, want) || (posts != 1) != post {
			t.Fatalf("%d series, warnings %q, error %v; asked for %d, %d by POST", len(r.Series), r.Warnings, err, len(got), posts)
		}
		for i, s := range r.Series {
			if s.Pattern != i || s.Name != want[i] || s.From != 60 || s.Until != 120 || s.Step != 60 || len(s.Values) != 1 {
				t.Fatalf("series %d: %+v", i, s)
			}
		}
	}
}

// TestFetch_Retries checks that a failing server is asked MAX_FETCH_RETRIES times and a refusing
// server once.
func TestFetch_Retries(t *testing.T) {
	f := func(status, good, wantAsked int, wantAnswer bool) {
		t.Helper()
		var asked atomic.Int64
		c := of(t, func(o *Settings) { o.MaxFetchRetries = 3 }, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) < int64(good) {
				w.WriteHeader(status)
				return
			}
			w.Header().Set("Content-Type", "application/x-msgpack")
			_, _ = w.Write(packSeries([]string{"a"}))
		})
		r, err := c.Fetch(t.Context(), []render.Pattern{{Text: "a"}}, 1, 2, 3)
		if err != nil || asked.Load() != int64(wantAsked) || (len(r.Series) == 1) != wantAnswer || (r.Warnings == nil) != wantAnswer || r.None == wantAnswer {
			t.Errorf("status %d: asked %d times, %+v, error %v", status, asked.Load(), r, err)
		}
	}
	f(500, 1, 1, true)
	f(502, 3, 3, true)
	f(503, 4, 3, false)
	f(400, 2, 1, false)
	f(508, 2, 1, false)
}

// TestCluster_Secret checks that a warning does not tell the password, which a server may repeat.
func TestCluster_Secret(t *testing.T) {
	c := of(t, nil, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		http.Error(w, r.Header.Get("Authorization")+" is "+user+" with "+password, http.StatusUnauthorized)
	})
	_, out, err := c.Find(t.Context(), "*", 0, 0)
	if got := strings.Join(out.Warnings, "; "); err != nil || !strings.HasSuffix(got, "it answered with status 401: Basic *** is me with ***") {
		t.Errorf("%s, error %v", got, err)
	}
}

// TestCluster_RetryDelay checks that a server that failed is not asked until the delay has passed,
// unless it only refused a request.
func TestCluster_RetryDelay(t *testing.T) {
	var status, asked atomic.Int64
	c := of(t, nil, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
	})
	now := time.Unix(1000, 0)
	c.now = func() time.Time { return now }
	f := func(code, wantAsked int, wantWarning string) {
		t.Helper()
		status.Store(int64(code))
		_, out, err := c.Find(t.Context(), "*", 0, 0)
		if err != nil || asked.Load() != int64(wantAsked) || !strings.Contains(strings.Join(out.Warnings, "; "), wantWarning) || (out.Answered == 1) != (wantWarning == "") {
			t.Errorf("%v: asked %d times, %+v, error %v; want %d, %q", now.Unix(), asked.Load(), out, err, wantAsked, wantWarning)
		}
	}
	f(200, 1, "")
	f(400, 2, "status 400")
	f(200, 3, "")
	f(500, 4, "status 500")
	now = now.Add(30 * time.Second)
	f(200, 4, "not asked for another 30s, since it answered with status 500")
	now = now.Add(30 * time.Second)
	f(200, 5, "")
	f(200, 6, "")
}

// TestCluster_Cancelled checks that a canceled request does not count as a failure of the server.
func TestCluster_Cancelled(t *testing.T) {
	c := of(t, nil, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Find(ctx, "*", 0, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, out, err := c.Find(t.Context(), "*", 0, 0); err != nil || out.Answered != 1 {
		t.Errorf("%+v, error %v", out, err)
	}
}

// TestCluster_Hanging checks that a server that never answers delays neither a canceled request nor
// Stop.
func TestCluster_Hanging(t *testing.T) {
	release := make(chan struct{})
	asked := make(chan struct{}, 10)
	c := of(t, func(o *Settings) { o.FindTimeout, o.FetchTimeout = time.Hour, time.Hour }, func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) }) // must run before the server is closed, which waits for its requests
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, _, err := c.Find(ctx, "*", 0, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ends: error %v", err)
	}
	go func() {
		<-asked
		c.Stop()
	}()
	if _, out, err := c.Find(t.Context(), "*", 0, 0); err != nil || out.Answered != 0 || !strings.Contains(strings.Join(out.Warnings, ""), "stopped") {
		t.Errorf("after Stop: %+v, error %v", out, err)
	}
	if n := c.servers[0].errors.Load(); n != 1 {
		t.Errorf("%d errors counted, want 1, of the request that Stop ended", n)
	}
}

// TestCluster_Metrics checks that each request to a server is counted with its result.
func TestCluster_Metrics(t *testing.T) {
	var status atomic.Int64
	c := of(t, func(o *Settings) { o.RetryDelay, o.MaxFetchRetries = 0, 1 }, func(w http.ResponseWriter, r *http.Request) {
		if status.Load() == 0 {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(int(status.Load()))
	})
	find := func(code int64) {
		status.Store(code)
		if _, _, err := c.Find(t.Context(), "*", 0, 0); err != nil {
			t.Error(err)
		}
	}
	find(200)
	find(200)
	find(500)
	c.o.FindTimeout = 10 * time.Millisecond
	find(0)
	got := string(c.AppendMetrics(nil))
	label := `{server="` + c.servers[0].name + `"} `
	for name, want := range map[string]string{"requests": "4\n", "errors": "2\n", "timeouts": "1\n", "seconds": ""} {
		line := "graphited_cluster_" + name + "_total" + label + want
		if !strings.Contains(got, "# TYPE graphited_cluster_"+name+"_total counter\n") || !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if c.servers[0].nanos.Load() <= 0 {
		t.Error("the time of four requests is 0")
	}
	if strings.Contains(got, "secret") {
		t.Errorf("the metrics contain a password:\n%s", got)
	}
}

func TestMerge(t *testing.T) {
	nan := math.NaN()
	s := func(from, step int64, values ...float64) whisper.Series {
		return whisper.Series{From: from, Until: from + step*int64(len(values)), Step: step, Values: values}
	}
	f := func(merge bool, known, more, want whisper.Series) {
		t.Helper()
		c := &Cluster{o: Settings{MergeResults: merge}}
		if got := c.Merge(known, more); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	f(true, s(0, 10, 1, nan, 3), s(0, 10, 7, 2, 7), s(0, 10, 1, 2, 3))
	f(true, s(10, 10, 1, nan), s(0, 10, 7, 8, 9), s(0, 10, 7, 1, 9))
	f(true, s(0, 10, nan, 1), s(20, 10, 2), s(0, 10, nan, 1, 2))
	f(true, s(0, 10, 1), s(50, 10, 2), s(0, 10, 1)) // with a missing time between them
	f(true, s(0, 10, 1), s(1<<39, 10, 2), s(0, 10, 1))
	f(true, s(0, 10, 1), s(5, 10, 2), s(0, 10, 1))
	f(true, s(0, 10, 1, nan), s(0, 20, 5), s(0, 20, 5)) // the steps differ: the one with fewer gaps
	f(true, s(0, 10, 1, 2), s(0, 20, 5), s(0, 10, 1, 2))
	f(true, s(0, 10, 1, 2, 3, nan), s(0, 20, 5, nan), s(0, 10, 1, 2, 3, nan))
	f(true, whisper.Series{}, s(0, 10, 1), s(0, 10, 1))
	f(true, s(0, 10, 1), whisper.Series{}, s(0, 10, 1))
	f(false, s(0, 10, 1, nan, 3), s(0, 10, nan, 2, nan), s(0, 10, 1, nan, 3))
	f(false, s(0, 10, 1, nan, nan), s(0, 10, 4, 5, nan), s(0, 10, 4, 5, nan))
	f(false, s(0, 10, 1, nan), s(0, 10, nan, 5), s(0, 10, 1, nan)) // the first if both are equal
}

// TestReadNodes_Shapes reads responses of old and new versions of graphite-web and of go-carbon.
// The pickles are of protocols 0, 2 and 4.
func TestReadNodes_Shapes(t *testing.T) {
	f := func(contentType, body string, want ...Node) {
		t.Helper()
		got, err := readNodes(contentType, []byte(body))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, error %v, want %v", body, got, err, want)
		}
	}
	f("application/pickle", "")
	f("application/pickle", "N.") // go-carbon's empty result
	f("application/pickle", "\x80\x02].")
	f("application/pickle", "(lp0\n(dp1\nS'metric_path'\np2\nS'a.b'\np3\nsS'isLeaf'\np4\nI01\nsS'intervals'\np5\n(lp6\n(I1\nF2.5\ntp7\nasa.", Node{"a.b", true, 1, 2})
	f("application/pickle", "\x80\x02]}(U\x04pathU\x01aU\x07is_leaf\x89ua.", Node{Path: "a"})
	// carbonapi makes objects as pickle.dumps(x, 1) did under Python 2.
	f("application/pickle", "](}(U\x07is_leafI01\nU\x04pathU\x01aU\x09intervals(cgraphite.intervals\nIntervalSet\no}("+
		"U\x09intervals](cgraphite.intervals\nInterval\no}(U\x05startG\x00\x00\x00\x00\x00\x00\x00\x00U\x04sizeGA\xda\xc3X\xed@\x00\x00U\x03endGA\xda\xc3X\xed@\x00\x00U\x05tupleG\x00\x00\x00\x00\x00\x00\x00\x00GA\xda\xc3X\xed@\x00\x00\x86ubaU\x04sizeGA\xda\xc3X\xed@\x00\x00ubue.", Node{"a", true, 0, 1796039605})
	f("application/pickle", "(lp0\n(dp1\nS'path'\nS'a'\nsS'is_leaf'\nI01\nsS'intervals'\n(igraphite.intervals\nIntervalSet\n(dS'intervals'\n((igraphite.intervals\nInterval\n(dS'start'\nI1\nsS'end'\nI2\nsbtsbsa.", Node{"a", true, 1, 2})
	f("application/pickle", "\x80\x04](}(\x8c\x04path\x8c\x01a\x8c\x07is_leaf\x88\x8c\x09intervals\x8c\x12graphite.intervals\x8c\x0bIntervalSet\x93)\x81}\x8c\x09intervals]"+
		"\x8c\x12graphite.intervals\x8c\x08Interval\x93)\x81}(\x8c\x05startK\x05\x8c\x03endG\x7f\xf0\x00\x00\x00\x00\x00\x00ubasbue.", Node{"a", true, 5, 1 << 40})
	pack := func(leaf string) string {
		return "\x91\x83\xa4path\xa3a.b\xa6unread\x91\xc0" + leaf
	}
	f("application/x-msgpack", pack("\xa7is_leaf\xc2"), Node{Path: "a.b"})
	f("application/x-msgpack", pack("\xa6isLeaf\xc3"), Node{Path: "a.b", Leaf: true})
	f("application/x-msgpack", "\x91\x82\xc4\x04path\xc4\x01a\xa9intervals\x92\x92\x05\xcd\x01\x00\x92\x03\x04", Node{Path: "a", Start: 3, End: 256})
	for _, bad := range []string{"\x80\x02K\x01.", "\x80\x02](K\x01e.", "\x80\x02]}a.", "<html>", "\x80\x02"} {
		if got, err := readNodes("text/html", []byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
	for _, bad := range []string{"\x81", "\x91\xc0", "\x91\x80", "\xdd\xff\xff\xff\xff\x81\xa4path\xa1a", "\x91\x81\xa4path\x01"} {
		if got, err := readNodes("application/x-msgpack", []byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func TestReadSeries_Shapes(t *testing.T) {
	f := func(contentType, body, want string) {
		t.Helper()
		got, err := readSeries(contentType, []byte(body))
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, error %v, want %s", body, got, err, want)
		}
	}
	f("application/pickle", "\x80\x02]}(U\x04nameU\x01aU\x05startJ\x00\x00\x00\x10U\x03endJ\x10\x00\x00\x10U\x04stepK\x08U\x06values](NK\x02G?\xf8\x00\x00\x00\x00\x00\x00eua.", "[{a a {268435456 268435480 8 [NaN 2 1.5]}}]")
	f("application/pickle", "\x80\x02]}(U\x04nameU\x01aU\x0epathExpressionU\x01*U\x05startG@N\x00\x00\x00\x00\x00\x00U\x04stepK\x08U\x06values]ua.", "[{a * {60 60 8 []}}]")
	f("application/x-msgpack", string(packSeries([]string{"a"})), "[{a a {60 120 60 [0]}}]")
	for _, bad := range []string{
		"\x80\x02]}(U\x04nameU\x01aU\x05startK\x01U\x04stepK\x00U\x06values]ua.",                             // step 0
		"\x80\x02]}(U\x04nameU\x01aU\x05startK\x01U\x04stepK\x01ua.",                                         // no values
		"\x80\x02]}(U\x05startK\x01U\x04stepK\x01U\x06values]ua.",                                            // no name
		"\x80\x02]}(U\x04nameU\x01aU\x05startU\x01xU\x04stepK\x01U\x06values]ua.",                            // no start
		"\x80\x02]}(U\x04nameU\x01aU\x05startK\x01U\x04stepG\x7f\xf0\x00\x00\x00\x00\x00\x00U\x06values]ua.", // infinite step
	} {
		if got, err := readSeries("", []byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
	claims := append([]byte("\x91\x84\xa4name\xa1a\xa5start\x01\xa4step\x01\xa6values\xdd\xff\xff\xff\xff"), 1, 2)
	if got, err := readSeries("application/x-msgpack", claims); err == nil {
		t.Errorf("a list with a false length: %v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("application/pickle", []byte("\x80\x02]}(U\x04nameU\x01aU\x05startK\x01U\x04stepK\x08U\x06values](NK\x02eua."))
	f.Add("application/x-msgpack", packSeries([]string{"a", "b"}))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		nodes, err := readNodes(contentType, bytes.Clone(body))
		if err == nil && len(nodes) > len(body) {
			t.Fatalf("%d nodes in %d bytes", len(nodes), len(body))
		}
		series, err := readSeries(contentType, body)
		for _, e := range series {
			if err == nil && (e.name == "" || e.path == "" || e.series.Step < 1 || e.series.Until-e.series.From != e.series.Step*int64(len(e.series.Values))) {
				t.Fatalf("%+v", e)
			}
		}
	})
}

// BenchmarkRead reads a hundred series of one day with one point per minute.
func BenchmarkRead(b *testing.B) {
	var series []*render.Series
	for i := range 100 {
		s := &render.Series{Name: fmt.Sprintf("servers.web%03d.cpu", i), Path: "servers.*.cpu", Series: whisper.Series{Step: 60, Values: make([]float64, 1440)}}
		for k := range s.Values {
			s.Values[k] = float64(i) + float64(k)/7
		}
		series = append(series, s)
	}
	for _, f := range []struct {
		name, contentType string
		body              []byte
	}{
		{"pickle", "application/pickle", encode.AppendPickle(nil, series)},
		{"msgpack", "application/x-msgpack", encode.AppendMsgpack(nil, series)},
	} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(f.body)))
			for b.Loop() {
				if got, err := readSeries(f.contentType, f.body); err != nil || len(got) != len(series) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1440*len(series)), "ns/point")
		})
	}
}
