package carbon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
	"graphited/carbon/wire/wiretest"
	"graphited/whisper"
)

func TestIngest(t *testing.T) {
	var asked atomic.Int64
	since1970 := func(string) whisper.Spec {
		return whisper.Spec{Archives: []whisper.Archive{{Step: 3600, Points: 500_000}}, Method: whisper.Average}
	}
	rules := &NameRules{Blacklist: filters(&asked, `^black\.`), Pre: rewrites(`^old\. = new.`)}
	f := startDaemon(t, Deps{Spec: since1970, Names: func() *NameRules { return rules }, Clock: func() time.Time { return time.Unix(testNow, 0) }}, func(o *conf.Options) { o.FutureLimit, o.MaxCreates = time.Hour, 0 })
	atWork(f)
	g := func(what, contentType, body string, accepted int, wantErr string) {
		t.Helper()
		n, err := f.Ingest(t.Context(), contentType, []byte(body))
		if err == nil {
			err = errors.New("")
		}
		if n != accepted || err.Error() != wantErr {
			t.Errorf("%s: %d accepted, %v; want %d, %s", what, n, err, accepted, wantErr)
		}
	}
	g("nothing", "", "", 0, "")
	g("a line", "text/plain; charset=utf-8", "a.b 1 1700000000", 1, "")
	g("lines", "text/plain", "a.b 1 1700000000\n\nc 2 -1\r\nold.x 1 -1\n", 3, "")
	g("what is not meant to be", "text/plain", "black.b 1 -1\nn nan -1\na 1 -1\n", 1, `2 left out as asked for, the first for blacklisted: "black.b"`)
	g("what is and is not meant to be", "text/plain", "black.b 1 -1\nc d -1\na 1 -1\n", 1, `line 2: bad_value: "c d -1"; 1 refused in all`)
	g("bad lines", "text/plain", "a 1 -1\n\nb x -1\nc 1\nd 1 -1\ne..f 1 -1\n", 2, `line 3: bad_value: "b x -1"; 3 refused in all`)
	g("a bad name first", "text/plain", "e..f 1 -1\na 1 -1\nb\n", 1, `line 1: bad_name: "e..f"; 2 refused in all`)
	g("far ahead", "text/plain", fmt.Sprintf("a 1 %d\nb 1 %d\n", testNow+3600, testNow+3601), 1, `line 2: in_future: "b"; 1 refused in all`)
	g("a long line", "text/plain", "a 1 -1\n"+strings.Repeat("x", wire.MaxLine+1)+"\nb 1 -1", 2, `line 2: line_too_long: "`+strings.Repeat("x", wire.RejectText)+`"; 1 refused in all`)
	g("many bad lines", "text/plain", strings.Repeat("a 1 -1\nbad\n", 5000), 5000, `line 2: bad_line: "bad"; 5000 refused in all`)
	g("a slash", "text/plain", "a 1 -1\n/tmp.used 1 -1\n", 1, `line 2: bad_name: "/tmp.used"; 1 refused in all; `+wire.SlashCure)
	g("many bad names", "text/plain", strings.Repeat("a 1 -1\na..b 1 -1\n", 5000), 5000, `line 2: bad_name: "a..b"; 5000 refused in all`)
	g("a pickle", "application/python-pickle", "(lp0\n(S'p'\n(I1000\nF4.5\ntta(S'q'\n(I1000\nF4.5\ntta.", 2, "")
	g("a pickle with a bad point", "application/python-pickle", "(lp0\n(S'p'\n(I1000\nF4.5\ntta(S'q'\n(I1000\nS'x'\ntta(S'r..r'\n(I1000\nF4.5\ntta.", 1, `item 2: bad_value: "q"; 2 refused in all`)
	g("no pickle", "application/python-pickle", "hello", 0, "body: bad_pickle")
	g("a long pickle", "application/python-pickle", string(somePickle(5000)), 5000, "")
	g("protobuf", "application/x-protobuf", string(wiretest.Protobuf(3000)), 3000, "")
	g("no protobuf", "application/protobuf", "hello", 0, "body: bad_protobuf")
	g("json", "application/json", "{}", 0, `cannot read a body of type "application/json": `+ErrContentType.Error())
	for name, want := range map[string]int{"metric.4999": 2, "new.x": 1, "old.x": 0} {
		if got := f.cache.Lookup([]byte(name)); (got != nil) != (want > 0) {
			t.Errorf("series %s: %v", name, got != nil)
		}
	}
	if n := f.Stats().Received.Load(); n != 1+3+1+1+2+1+1+2+1+5000+5000+2+1+5000+3000 {
		t.Errorf("%d points are counted", n)
	}
	if n := f.Stats().Dropped(wire.BadLine); n != 5002 {
		t.Errorf("%d bad lines are counted", n)
	}
	var typed *IngestError
	if _, err := f.Ingest(t.Context(), "", []byte("bad\n")); !errors.As(err, &typed) || typed.Item != 1 || !typed.Line || typed.Reason != wire.BadLine {
		t.Errorf("got %#v", err)
	}
}

// TestIngestTooOld: what no file would keep is not acknowledged, whether there is a file yet or
// not, and whatever the rules say now.
func TestIngestTooOld(t *testing.T) {
	now := time.Now().Unix()
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCreates = 0 })
	atWork(f)
	reach := testSpec("a").Archives
	oldest := reach[len(reach)-1].Retention()
	g := func(metric string, age int64, want string) {
		t.Helper()
		n, err := f.Ingest(t.Context(), "", fmt.Appendf(nil, "%s 1 %d\n", metric, now-age))
		if want == "" && (n != 1 || err != nil) || want != "" && (n != 0 || err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s, %d s old: %d accepted, %v", metric, age, n, err)
		}
	}
	g("a.new", oldest+10, `line 1: too_old: "a.new"`)
	g("a.new", oldest-100, "")
	short := whisper.Spec{Archives: []whisper.Archive{{Step: 1, Points: 60}}, Method: whisper.Average}
	if err := whisper.Create(osFS(), naming.FilePath(f.o.LocalDataDir, "a.short", true), short, now, nil, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
	g("a.short", 1000, `line 1: too_old: "a.short"`)
	g("a.short", 1, "")
	if n := f.Stats().Dropped(wire.TooOld); n != 2 {
		t.Errorf("%d points are counted as too old", n)
	}
}

// TestSmallestCache: however small the cache is, points go through it.
func TestSmallestCache(t *testing.T) {
	for _, limit := range []float64{0.5, 1, 1.5, 2} {
		f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCacheSize = limit })
		atWork(f)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		for i := range 3 {
			if n, err := f.Ingest(ctx, "", fmt.Appendf(nil, "s%d 1 -1\n", i)); n != 1 || err != nil {
				t.Errorf("MAX_CACHE_SIZE = %v, point %d: %d accepted, %v", limit, i, n, err)
			}
		}
		cancel()
		f.stop()
	}
}

// atWork waits until the daemon takes points in.
func atWork(f *fixture) {
	f.t.Helper()
	f.until("running", func() bool {
		_, err := f.Ingest(f.t.Context(), "", nil)
		return err == nil
	})
}

// TestIngestWaits fills the cache: Ingest waits as TCP does, until its caller or the daemon gives
// up.
func TestIngestWaits(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCacheSize, o.MaxUpdates, o.DrainOnStop = 100, 0.001, true })
	atWork(f)
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "s%d 1 -1\n", i)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var leaves sync.WaitGroup
	leaves.Go(func() {
		for end := time.Now().Add(time.Minute); f.cache.Size() < 100 && time.Now().Before(end); { // until the cache is full
			time.Sleep(time.Millisecond)
		}
		cancel()
	})
	n, err := f.Ingest(ctx, "", []byte(b.String()))
	leaves.Wait()
	if !errors.Is(err, context.Canceled) || n >= 5000 || n < 100 {
		t.Errorf("%d accepted, %v", n, err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if n, err := f.Ingest(t.Context(), "", []byte(b.String())); !errors.Is(err, ErrNotRunning) || n >= 5000 {
			t.Errorf("at the end: %d accepted, %v", n, err)
		}
	})
	f.stop()
	wg.Wait()
	if n, err := f.Ingest(t.Context(), "", []byte("a 1 -1")); !errors.Is(err, ErrNotRunning) || n != 0 {
		t.Errorf("after the end: %d accepted, %v", n, err)
	}
	if got, want := f.Stats().Committed.Load(), f.Stats().Received.Load(); got != want {
		t.Errorf("%d points were accepted, %d are in files", want, got)
	}
}

func FuzzIngest(f *testing.F) {
	for i, body := range []string{"a 1 -1\nb x\n\n", string(somePickle(3)), string(wiretest.Protobuf(3))} {
		f.Add(uint8(i), []byte(body))
	}
	c := testCache()
	in := testIntake(f, c)
	x := testIngester(f, in)
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		before := in.stats.Received.Load()
		n, err := x.Ingest(t.Context(), []string{"", "application/python-pickle", "application/protobuf"}[kind%3], body)
		if got := in.stats.Received.Load() - before; got != int64(n) {
			t.Errorf("%d accepted, %d counted, %v", n, got, err)
		}
	})
}

func BenchmarkIngest(b *testing.B) {
	c := testCache()
	in := testIntake(b, c)
	x := testIngester(b, in)
	var body []byte
	for i := range 1000 {
		body = fmt.Appendf(body, "servers.web%d.cpu.load %d 1700000000\n", i, i)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := x.Ingest(b.Context(), "", body); n != 1000 || err != nil {
			b.Fatal(n, err)
		}
	}
}

// testIngester returns one that takes points into an intake, and does not look at files.
func testIngester(t testing.TB, in *intake) *Ingester {
	var now running
	now.open(t.Context())
	spec := func(name string) (whisper.Spec, bool) { return testSpec(name), true }
	return newIngester(func(<-chan struct{}) *intake { return in }, now.begin, func() error { return nil }, spec, false)
}

// somePickle returns a pickle of n points.
func somePickle(n int) []byte {
	b := []byte("(l")
	for i := range n {
		b = fmt.Appendf(b, "(S'metric.%d'\n(I%d\nF1\ntta", i, 1000+i)
	}
	return append(b, '.')
}
