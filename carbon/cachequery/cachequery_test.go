package cachequery

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"graphited/carbon/pickle"
	"graphited/carbon/wire"
	"graphited/carbon/wire/wiretest"
	"graphited/whisper"
)

// testPending knows three metrics; c has points that came late and twice.
func testPending(metric string) []whisper.Point {
	switch metric {
	case "a.b":
		return []whisper.Point{{Time: 1700000040, Value: 1.5}, {Time: 1700000100, Value: -2}}
	case "carbon.agents.a.size":
		return []whisper.Point{{Time: 60, Value: 5}, {Time: 120, Value: 6}}
	case "c":
		return []whisper.Point{{Time: 60, Value: 1}, {Time: 1<<32 - 1, Value: 2}, {Time: 120, Value: 3}, {Time: 60, Value: 4}}
	}
	return nil
}

func testMetadata() Metadata {
	return Metadata{
		Get: func(metric, key string) (string, error) {
			if metric != "a.b" || key != "aggregationMethod" {
				return "", errors.New("no such thing")
			}
			return "average", nil
		},
		Set: func(metric, key, value string) (string, error) {
			if value != "max" {
				return "", fmt.Errorf("unknown method %q", value)
			}
			return "average", nil
		},
	}
}

// startQuery runs a server until the test ends, and checks that it leaves no goroutine behind.
func startQuery(t *testing.T, change func(*Server)) *Server {
	t.Helper()
	ignore := goleak.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	q := New(l, testPending, testMetadata(), zerolog.Nop())
	if change != nil {
		change(q)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if n := q.conns.Load(); n != 0 {
			t.Errorf("%d connections after Run", n)
		}
		goleak.VerifyNone(t, ignore)
	})
	return q
}

// queryClient is one connection to a server.
type queryClient struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dialQuery(t testing.TB, q *Server) *queryClient {
	t.Helper()
	c, err := net.Dial("tcp", q.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute)) // only a test that fails waits so long
	return &queryClient{t, c, bufio.NewReader(c)}
}

func (c *queryClient) send(b []byte) {
	c.t.Helper()
	if _, err := c.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

func (c *queryClient) receive() []byte {
	c.t.Helper()
	var header [wire.FrameHeader]byte
	if _, err := io.ReadFull(c.r, header[:]); err != nil {
		c.t.Fatalf("no reply: %v", err)
	}
	reply := make([]byte, binary.BigEndian.Uint32(header[:]))
	if _, err := io.ReadFull(c.r, reply); err != nil {
		c.t.Fatalf("half a reply: %v", err)
	}
	return reply
}

// ask sends a pickle and decodes the reply.
func (c *queryClient) ask(request []byte) any {
	c.t.Helper()
	c.send(wiretest.Frame(request))
	v, err := pickle.Decode(c.receive())
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// wantClosed waits until the server has closed the connection, without a reply.
func (c *queryClient) wantClosed() {
	c.t.Helper()
	b, err := c.r.ReadByte()
	if err == nil || errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "timeout") {
		c.t.Fatalf("byte %q, error %v instead of a closed connection", b, err)
	}
}

func datapoints(p ...float64) []any {
	out := []any{}
	for i := 0; i < len(p); i += 2 {
		out = append(out, []any{int64(p[i]), p[i+1]})
	}
	return out
}

func TestCacheQuery_Recorded(t *testing.T) {
	recorded := wiretest.Pickles(t)
	q := startQuery(t, nil)
	c := dialQuery(t, q)
	asked := 0
	f := func(prefix string, want any) {
		t.Helper()
		n := 0
		for name, r := range recorded {
			if strings.HasPrefix(name, prefix) {
				n++
				if got := c.ask(r.Data); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
		}
		if n == 0 {
			t.Errorf("nothing recorded for %s", prefix)
		}
		asked += n
	}
	ab := datapoints(1700000040, 1.5, 1700000100, -2)
	f("query-one-p", map[string]any{"datapoints": ab}) // of protocols 0 to 5 and of Python 2
	f("query-unknown", map[string]any{"datapoints": datapoints()})
	f("query-bulk-p", map[string]any{"datapointsByMetric": map[string]any{"a.b": ab, "no.such": datapoints(), "c": datapoints(60, 4, 1<<32-1, 2, 120, 3)}})
	f("query-get", map[string]any{"value": "average"})
	f("query-set", map[string]any{"old_value": "average", "new_value": "max"})
	f("query-invalid", map[string]any{"error": `Invalid request type "sing"`})
	if asked < 15 || q.bad.Load() != 0 {
		t.Errorf("%d requests, %d of them bad", asked, q.bad.Load())
	}
}

// TestCacheQuery_Bytes holds the reply to what every reader of pickles takes, those that only know
// the shape of go-carbon's included.
func TestCacheQuery_Bytes(t *testing.T) {
	c := dialQuery(t, startQuery(t, nil))
	c.send(wiretest.Frame(wiretest.Pickles(t)["query-one-p4"].Data))
	want := "\x80\x02}X\x0a\x00\x00\x00datapoints](" +
		"J\x28\xf1\x53\x65G\x3f\xf8\x00\x00\x00\x00\x00\x00\x86" + "J\x64\xf1\x53\x65G\xc0\x00\x00\x00\x00\x00\x00\x00\x86" + "es."
	if got := c.receive(); string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCacheQuery_Closed: after what cannot be answered the connection is closed.
func TestCacheQuery_Closed(t *testing.T) {
	recorded := wiretest.Pickles(t)
	q := startQuery(t, nil)
	bad := int64(0)
	f := func(src []byte) {
		t.Helper()
		c := dialQuery(t, q)
		c.send(src)
		c.wantClosed()
		if bad++; q.bad.Load() != bad {
			t.Errorf("%.40q: %d bad requests, want %d", src, q.bad.Load(), bad)
		}
	}
	for _, name := range []string{"query-no-type-p2", "query-no-metric-p2", "query-bulk-text-p2", "query-bulk-number-p2", "query-list-p2", "refused-global", "broken-half", "broken-empty", "bomb-laughs"} {
		f(wiretest.Frame(recorded[name].Data))
	}
	f(binary.BigEndian.AppendUint32(nil, maxQueryFrame+1))
	f([]byte("GET / HTTP/1.1\r\n\r\n"))
}

func TestCacheQuery_Metadata(t *testing.T) {
	request := func(kind, key string, value any) []byte {
		return append(pickle.Append([]byte("\x80\x02"), map[string]any{"type": kind, "metric": "a.b", "key": key, "value": value}), '.')
	}
	f := func(md Metadata, request []byte, want map[string]any) {
		t.Helper()
		c := dialQuery(t, startQuery(t, func(q *Server) { q.metadata = md }))
		for range 2 { // an error leaves the connection open
			if got := c.ask(request); !reflect.DeepEqual(got, any(want)) {
				t.Errorf("%v, want %v", got, want)
			}
		}
	}
	const key = "aggregationMethod"
	f(testMetadata(), request("get-metadata", key, ""), map[string]any{"value": "average"})
	f(testMetadata(), request("set-metadata", key, "max"), map[string]any{"old_value": "average", "new_value": "max"})
	f(testMetadata(), request("get-metadata", "color", ""), map[string]any{"error": `cannot serve metadata "color" of "a.b": no such thing`})
	f(testMetadata(), request("set-metadata", key, "mex"), map[string]any{"error": `cannot serve metadata "aggregationMethod" of "a.b": unknown method "mex"`})
	f(testMetadata(), request("set-metadata", key, int64(5)), map[string]any{"error": `cannot serve metadata "aggregationMethod" of "a.b": a value that is no text`})
	f(Metadata{}, request("get-metadata", key, ""), map[string]any{"error": `cannot serve metadata "aggregationMethod" of "a.b": unsupported operation`})
	f(Metadata{}, request("set-metadata", key, "max"), map[string]any{"error": `cannot serve metadata "aggregationMethod" of "a.b": unsupported operation`})
}

// TestCacheQuery_Pieces sends requests byte by byte and several at once.
func TestCacheQuery_Pieces(t *testing.T) {
	c := dialQuery(t, startQuery(t, nil))
	one := wiretest.Frame(wiretest.Pickles(t)["query-one-p2"].Data)
	for i := range one {
		c.send(one[i : i+1])
	}
	first := c.receive()
	c.send(bytes.Repeat(one, 50))
	for range 50 {
		if got := c.receive(); !bytes.Equal(got, first) {
			t.Fatalf("%q, want %q", got, first)
		}
	}
	big := map[string]any{"type": "cache-query-bulk", "metrics": []any{}}
	for i := range 30000 {
		big["metrics"] = append(big["metrics"].([]any), fmt.Sprintf("metric.%d", i), "a.b")
	}
	reply, ok := c.ask(append(pickle.Append([]byte("\x80\x02"), big), '.')).(map[string]any)
	if byMetric, _ := reply["datapointsByMetric"].(map[string]any); !ok || len(byMetric) != 30001 {
		t.Errorf("a reply for %d metrics, want 30001", len(byMetric))
	}
}

// TestCacheQuery_HalfFrame: a request must end some time after it has begun, while a silent
// connection stays.
func TestCacheQuery_HalfFrame(t *testing.T) {
	q := startQuery(t, func(q *Server) { q.timeout = time.Second })
	one := wiretest.Frame(wiretest.Pickles(t)["query-one-p2"].Data)
	silent := dialQuery(t, q)
	silent.send(one)
	first := silent.receive()
	var halves []*queryClient
	for _, n := range []int{1, wire.FrameHeader, len(one) - 1} {
		c := dialQuery(t, q)
		c.send(one[:n])
		halves = append(halves, c)
	}
	for _, c := range halves {
		c.wantClosed()
	}
	if q.bad.Load() != 0 {
		t.Errorf("%d bad requests", q.bad.Load())
	}
	silent.send(one)
	if got := silent.receive(); !bytes.Equal(got, first) {
		t.Errorf("%q after a pause, want %q", got, first)
	}
}

func TestCacheQuery_TooManyConnections(t *testing.T) {
	q := startQuery(t, func(q *Server) { q.maxConns = 2 })
	one := wiretest.Pickles(t)["query-one-p2"].Data
	a, b := dialQuery(t, q), dialQuery(t, q)
	a.ask(one)
	b.ask(one)
	dialQuery(t, q).wantClosed()
	if q.refused.Load() != 1 {
		t.Errorf("%d connections refused, want 1", q.refused.Load())
	}
	a.ask(one)
	b.Close()
	for q.conns.Load() > 1 { // until the server has seen it
		time.Sleep(time.Millisecond)
	}
	dialQuery(t, q).ask(one)
}

// TestCacheQuery_Stop ends the server while one connection is silent, one is within a request and
// one waits for its answer.
func TestCacheQuery_Stop(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, answer := make(chan bool), make(chan bool)
	q := New(l, func(string) []whisper.Point {
		asked <- true
		<-answer
		return nil
	}, Metadata{}, zerolog.Nop())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	one := wiretest.Frame(wiretest.Pickles(t)["query-one-p2"].Data)
	silent, half, waiting := dialQuery(t, q), dialQuery(t, q), dialQuery(t, q)
	half.send(one[:10])
	waiting.send(one)
	<-asked
	cancel()
	waiting.wantClosed()
	select {
	case err := <-done:
		t.Fatalf("Run returned %v with a goroutine still at work", err)
	default:
	}
	close(answer)
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	silent.wantClosed()
	half.wantClosed()
}

func TestCacheQuery_ListenerClosed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := New(l, testPending, Metadata{}, zerolog.Nop()).Run(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run: %v, want net.ErrClosed", err)
	}
}

const graphiteWebClient = `
import os, sys, warnings
warnings.simplefilter('ignore')
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'
from django.conf import settings
settings.LOG_DIR = sys.argv[2]
settings.LOG_FILE_INFO = settings.LOG_FILE_EXCEPTION = settings.LOG_FILE_CACHE = settings.LOG_FILE_RENDERING = '-'
settings.CARBONLINK_RETRY_DELAY = 0
from graphite.carbonlink import CarbonLinkPool
from graphite.logger import log
log.cache = lambda *a, **k: None
for protocol in (0, 2, 4, 5, -1):
    settings.CARBONLINK_PICKLE_PROTOCOL = protocol
    link = CarbonLinkPool([('127.0.0.1', int(sys.argv[1]), 'a')], 60)
    print(link.query('a.b'), link.query('no.such'), link.query('c'))
    print(link.get_metadata('a.b', 'aggregationMethod'), sorted(link.set_metadata('a.b', 'aggregationMethod', 'max').items()))
    try:
        link.get_metadata('no.such', 'aggregationMethod')
    except Exception as e:
        print(type(e).__name__, e)
    print(len(link.connections[('127.0.0.1', 'a')]), link.query('carbon.agents.a.size')) # asks all hosts
`

// TestCacheQuery_GraphiteWeb asks with graphite-web's own client.
func TestCacheQuery_GraphiteWeb(t *testing.T) {
	python := pythonWith(t, "graphite, django.conf")
	q := startQuery(t, nil)
	_, port, _ := net.SplitHostPort(q.listener.Addr().String())
	out, err := exec.Command(python, "-c", graphiteWebClient, port, t.TempDir()).CombinedOutput()
	one := "[(1700000040, 1.5), (1700000100, -2.0)] [] [(60, 4.0), (4294967295, 2.0), (120, 3.0)]\n" +
		"average [('new_value', 'max'), ('old_value', 'average')]\n" +
		`CarbonLinkRequestError cannot serve metadata "aggregationMethod" of "no.such": no such thing` + "\n" +
		"1 {60: 5.0, 120: 6.0}\n"
	if err != nil || !strings.HasPrefix(string(out), one) || strings.Count(string(out), one) != 5 {
		t.Errorf("error %v\n%s\nwant five times\n%s", err, out, one)
	}
}

func FuzzCacheQuery(f *testing.F) {
	for name, r := range wiretest.Pickles(f) {
		if strings.HasPrefix(name, "query-") {
			f.Add(r.Data)
		}
	}
	q := New(nil, testPending, testMetadata(), zerolog.Nop())
	f.Fuzz(func(t *testing.T, request []byte) {
		reply, err := q.appendReply(nil, request)
		if err != nil {
			return
		}
		m := &pickle.Machine{}
		root, err := m.Load(reply)
		if err != nil || root.Kind() != pickle.Dict {
			t.Fatalf("%q answered by %q, which is no dict: %v", request, reply, err)
		}
	})
}

func BenchmarkCacheQuery(b *testing.B) {
	points := make([]whisper.Point, 100)
	for i := range points {
		points[i] = whisper.Point{Time: int64(1700000000 + 10*i), Value: float64(i)}
	}
	q := New(nil, func(string) []whisper.Point { return points }, Metadata{}, zerolog.Nop())
	request := wiretest.Pickles(b)["query-one-p4"].Data
	var reply []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if reply, err = q.appendReply(reply[:0], request); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(reply)))
}

// pythonWith returns a Python interpreter that has a module, or skips the test.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	t.Skipf("no python3 with the module %s", module)
	return ""
}

func TestLongestQuery(t *testing.T) {
	for n, fails := range map[uint32]bool{maxQueryFrame: false, maxQueryFrame + 1: true} {
		var got bytes.Buffer
		err := readQuery(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, n), make([]byte, n)...)), &got)
		if (err != nil) != fails || err == nil && got.Len() != int(n) {
			t.Errorf("a request of %d bytes: %d are read, %v", n, got.Len(), err)
		}
	}
}
