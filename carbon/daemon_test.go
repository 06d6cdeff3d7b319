package carbon

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/listen"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testSpec lays all files of these tests out.
func testSpec(string) whisper.Spec {
	return whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 360}, {Step: 60, Points: 1440}}, Method: whisper.Average, XFilesFactor: 0}
}

// fixture is a daemon that runs, with everything on free ports of the loopback.
type fixture struct {
	*Daemon
	t    *testing.T
	log  *strings.Builder
	stop func()
}

// anyPort is a free port that only this machine reaches.
var anyPort = listen.Address{Interface: "127.0.0.1", Port: listen.Free}

// startDaemon runs a daemon in a folder of its own; change edits its options. It ends with the
// test, or with stop.
func startDaemon(t *testing.T, deps Deps, change func(*conf.Options)) *fixture {
	t.Helper()
	o := conf.DefaultOptions()
	o.WriteDelay = 0
	o.LineAddr, o.PickleAddr, o.QueryAddr, o.UDPAddr, o.UDP = anyPort, anyPort, anyPort, anyPort, true
	o.LocalDataDir, o.MaxUpdates, o.MetricInterval = t.TempDir(), math.Inf(1), 0
	if change != nil {
		change(&o)
	}
	if deps.FS == nil {
		deps.FS = vfs.OS{}
	}
	if deps.Spec == nil {
		deps.Spec = testSpec
	}
	if deps.Clock == nil {
		deps.Clock = time.Now
	}
	log := &strings.Builder{}
	deps.Log = zerolog.New(zerolog.SyncWriter(log))
	d, err := New(o, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	select {
	case <-d.Ready():
	case err := <-done:
		t.Fatalf("Run ended: %v", err)
	}
	stopped := false
	f := &fixture{Daemon: d, t: t, log: log}
	f.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(f.stop)
	return f
}

// send writes to a port and closes the connection.
func (f *fixture) send(port, text string) {
	f.t.Helper()
	if err := f.trySend(port, text); err != nil {
		f.t.Fatal(err)
	}
}

// trySend is send for other goroutines than the test's own.
func (f *fixture) trySend(port, text string) error {
	a := f.Addrs()[port]
	c, err := net.Dial(a.Network(), a.String())
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = io.WriteString(c, text)
	return err
}

// until waits for a condition that must come true; the limit is only reached when it does not.
func (f *fixture) until(what string, cond func() bool) {
	f.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if cond() {
			return
		}
	}
	f.t.Fatalf("%s: not within a minute", what)
}

func (f *fixture) received(n int64) {
	f.t.Helper()
	f.until(fmt.Sprintf("%d points received", n), func() bool { return f.Stats().Received.Load() >= n })
}

// values reads the points of a metric as the store sees them, from its file and the cache.
func (f *fixture) values(name string, from, until, now int64) map[int64]float64 {
	f.t.Helper()
	s, err := f.Store().Fetch(f.t.Context(), name, from, until, now)
	if err != nil && !errors.Is(err, whisper.ErrNoData) {
		f.t.Fatal(err)
	}
	got := map[int64]float64{}
	for i, v := range s.Values {
		if v == v {
			got[s.From+int64(i)*s.Step] = v
		}
	}
	return got
}

func TestDaemonAllReceivers(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix() / 10 * 10
	f.send("line", fmt.Sprintf("by.line 1.5 %d\nby.line 2.5 %d\n", now-10, now))
	f.send("udp", fmt.Sprintf("by.udp 3 %d", now))
	body := fmt.Appendf(nil, "(lp0\n(S'by.pickle'\np1\n(I%d\nF4.5\ntp2\ntp3\na.", now)
	f.send("pickle", string(binary.BigEndian.AppendUint32(nil, uint32(len(body))))+string(body))
	f.received(4)
	want := map[string]map[int64]float64{"by.line": {now - 10: 1.5, now: 2.5}, "by.udp": {now: 3}, "by.pickle": {now: 4.5}}
	check := func(when string) {
		t.Helper()
		for name, points := range want {
			if got := f.values(name, now-60, now, now); fmt.Sprint(got) != fmt.Sprint(points) {
				t.Errorf("%s: %s has %v, want %v", when, name, got, points)
			}
		}
	}
	check("at once")
	var found []string
	for path, leaf := range f.Store().Find(t.Context(), "by.*") {
		if leaf {
			found = append(found, path)
		}
	}
	if !slices.Equal(found, []string{"by.line", "by.pickle", "by.udp"}) {
		t.Errorf("found %v", found)
	}
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })
	check("written")
	f.stop()
	if c := f.Stats().Committed.Load(); c != 4 {
		t.Errorf("%d points committed, want 4", c)
	}
	again := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir = f.o.LocalDataDir })
	f.Daemon = again.Daemon
	check("after a start")
}

func TestDaemonWritesEverythingAtTheEnd(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxUpdates, o.WAL = 1, false }) // the writer is held back; with a log the end would not wait for it
	now := time.Now().Unix()
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "s%d.x 7 %d\n", i, now)
	}
	f.send("line", b.String())
	f.received(2000)
	f.stop()
	if n := f.Stats().Committed.Load(); n != 2000 || f.Cache().Size() != 0 {
		t.Errorf("%d points committed and %d left in the cache, want 2000 and 0", n, f.Cache().Size())
	}
	files, err := filepath.Glob(filepath.Join(f.o.LocalDataDir, "*", "x.wsp"))
	if err != nil || len(files) != 2000 {
		t.Errorf("%d files, want 2000 (%v)", len(files), err)
	}
}

func TestDaemonRefusesBadNamesAlone(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix()
	bad := []string{"a\x00b", strings.Repeat("n", 300), strings.Repeat("n.", 2500) + "n", "..", "a..b", ".a", "a.", "/abs/x.y", "a/../../../esc.x", "x;t", "x;=v", "x;t="}
	var b strings.Builder
	for range 100 {
		for i, name := range bad {
			fmt.Fprintf(&b, "%s 1 %d\ngood.m%d 1 %d\n", name, now, i, now)
		}
	}
	f.send("line", b.String())
	f.received(int64(100 * len(bad)))
	f.stop()
	if n := f.Stats().Dropped(wire.BadName); n != int64(100*len(bad)) {
		t.Errorf("%d bad names counted, want %d", n, 100*len(bad))
	}
	for i := range bad {
		if got := f.values(fmt.Sprintf("good.m%d", i), now-20, now, now); len(got) != 1 {
			t.Errorf("good.m%d has %v, want one point", i, got)
		}
	}
	if n := strings.Count(f.log.String(), `"reason":"bad_name"`); n == 0 || n > 100 {
		t.Errorf("%d log lines for %d refusals", n, 100*len(bad))
	}
	entries, err := os.ReadDir(f.o.LocalDataDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "good" && !strings.HasPrefix(e.Name(), ".graphited.") {
			t.Errorf("%q was made in the data folder", e.Name())
		}
	}
}

func TestDaemonFlowControl(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCacheSize, o.MaxUpdates = 1000, 2000 })
	now := time.Now().Unix() / 10 * 10
	const series, rounds = 500, 20
	var b strings.Builder
	for r := range rounds {
		for i := range series {
			fmt.Fprintf(&b, "s%d %d %d\n", i, r, now-int64(rounds-r)*10)
		}
	}
	most := int64(0)
	sent := make(chan error, 1)
	go func() { sent <- f.trySend("line", b.String()) }()
	f.until("everything received", func() bool {
		most = max(most, f.Cache().Size())
		return f.Stats().Received.Load() == series*rounds
	})
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if f.cache.Pauses() == 0 {
		t.Error("the receiver was never paused")
	}
	if over := int64(1000 + intakeStep*len(f.in)); most > over {
		t.Errorf("%d points in a cache for 1000", most)
	}
	if n := f.Stats().Dropped(wire.CacheFull); n != 0 {
		t.Errorf("%d points dropped over TCP", n)
	}
	f.stop()
	for _, i := range []int{0, 1, series - 1} {
		if got := f.values(fmt.Sprintf("s%d", i), now-(rounds+1)*10, now, now); len(got) != rounds {
			t.Errorf("s%d has %d points, want %d", i, len(got), rounds)
		}
	}
}

func TestDaemonFullWithoutFlowControlDropsAndCounts(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCacheSize, o.FlowControl, o.MaxUpdates = 100, false, 0.001 })
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "s%d 1 -1\n", i)
	}
	f.send("line", b.String())
	f.until("all accounted for", func() bool { return f.Stats().Received.Load()+f.Stats().Dropped(wire.CacheFull) == 1000 })
	if f.Cache().Size() > 100 {
		t.Errorf("%d points in a cache for 100", f.Cache().Size())
	}
}

func TestDaemonLock(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	_, err := New(f.o, Deps{FS: vfs.OS{}, Spec: testSpec, Clock: time.Now, Log: zerolog.Nop()})
	if !errors.Is(err, ErrLocked) {
		t.Errorf("a second daemon on the same folder: %v, want ErrLocked", err)
	}
}

func TestDaemonSetsDamagedFileAside(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	path := filepath.Join(f.o.LocalDataDir, "a.wsp")
	if err := errors.Join(os.WriteFile(path, []byte("no whisper file"), 0o644), os.Chtimes(path, time.Time{}, time.Unix(benchTime, 0))); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	f.send("line", fmt.Sprintf("a 1 %d\n", now))
	f.until("the point is in a file", func() bool { return f.Stats().Committed.Load() == 1 })
	if b, err := os.ReadFile(filepath.Join(f.o.LocalDataDir, corruptFolder, "a.wsp")); err != nil || string(b) != "no whisper file" {
		t.Errorf("the damaged file was not kept: %v", err)
	}
	if got := f.values("a", now-20, now, now); len(got) != 1 {
		t.Errorf("a has %v, want one point", got)
	}
}

func TestDaemonSelfMetrics(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MetricInterval = 20 * time.Millisecond })
	f.send("line", "bad line\n")
	host, _ := os.Hostname()
	prefix := "carbon.agents." + strings.ReplaceAll(host, ".", "_") + "-a."
	f.until("self metrics", func() bool {
		n := 0
		for _, name := range []string{"metricsReceived", "cache.size", "cpuUsage", "memUsage", "dropped.bad_line", "updateOperations"} {
			for range f.Store().Find(t.Context(), prefix+name) {
				n++
			}
		}
		return n == 6
	})
}

func TestReceiverLimits(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxConnections = 1 })
	first, err := net.Dial("tcp", f.Addrs()["line"].String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	f.until("connected", func() bool { return f.Stats().Conns.Load() == 1 })
	second, err := net.Dial("tcp", f.Addrs()["line"].String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("a connection over the limit was served")
	}
	if f.Stats().Dropped(wire.ConnectionLimit) != 1 {
		t.Error("the refused connection was not counted")
	}
}

func TestIdleConnection(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.IdleTimeout = 20 * time.Millisecond })
	c, err := net.Dial("tcp", f.Addrs()["line"].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("an idle connection ends with %v, want EOF", err)
	}
}

func TestUnfinishedInputIsCounted(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a 1 -1\nb 1 17000")
	f.received(1)
	f.until("counted", func() bool { return f.Stats().Dropped(wire.Truncated) == 1 })
	if f.cache.Lookup([]byte("b")) != nil {
		t.Error("half a line became a point")
	}
}

// testNow is the time by testIntake's clock.
const testNow = 1_700_000_000

// testIntake returns an intake into c that stands alone, without a log.
func testIntake(t testing.TB, c *cache.Cache) *intake {
	t.Helper()
	names := index.New()
	tags := index.NewTags(names)
	tagged, err := openTagLog(vfs.OS{}, t.TempDir(), names, tags, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tagged.close() })
	tags.OnAdd(func(name string) { _ = tagged.add(name) })
	return &intake{
		cache: c, known: catalog{names, tags, true}, stats: new(tally.Stats), logs: tally.NewLogs(zerolog.Nop()), clock: func() time.Time { return time.Unix(testNow, 0) },
		rules: &namesInForce{cache: c}, done: make(chan struct{}),
	}
}
