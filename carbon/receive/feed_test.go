package receive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/carbon/wire/wiretest"
)

// runFeed lets a feed read what write puts into its connection, and returns the points, lines such
// as "name value time", the counts of what was refused, and the feed's error.
func runFeed(t *testing.T, dec wire.Decoder, change func(*feed), write func(net.Conn)) (points []string, dropped [wire.NumReasons]int, err error) {
	t.Helper()
	client, server := net.Pipe()
	in := make(chan *wire.Batch, 1)
	f := &feed{conn: server, in: server, dec: dec, src: &wire.Source{In: in}, patience: time.Minute, wait: func() {}}
	if change != nil {
		change(f)
	}
	done := make(chan error, 1)
	go func() {
		done <- f.run(t.Context())
		server.Close()
		close(in)
	}()
	go func() {
		write(client)
		client.Close()
	}()
	for b := range in {
		for _, p := range b.Points {
			points = append(points, fmt.Sprintf("%s %v %d", p.Name, p.Value, p.Time))
		}
		for r, n := range b.Dropped {
			dropped[r] += n
		}
		b.Release()
	}
	return points, dropped, <-done
}

// TestFeedPieces sends the same input in pieces of all sizes: nothing is lost, doubled or out of
// order.
func TestFeedPieces(t *testing.T) {
	f := func(what string, dec func() wire.Decoder, input []byte, want []string, most int) {
		t.Helper()
		for seed := range uint64(12) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			got, dropped, err := runFeed(t, dec(), nil, func(c net.Conn) {
				for rest := input; len(rest) > 0; {
					n := min(len(rest), 1+rnd.IntN(1<<rnd.IntN(most)))
					if _, err := c.Write(rest[:n]); err != nil {
						t.Error(err)
						return
					}
					rest = rest[n:]
				}
			})
			if err != nil || dropped != [wire.NumReasons]int{} || !slices.Equal(got, want) {
				t.Fatalf("%s, seed %d: %d points, want %d; refused %v, error %v", what, seed, len(got), len(want), dropped, err)
			}
		}
	}
	var lines strings.Builder
	var want []string
	for i := range 9000 {
		want = append(want, fmt.Sprintf("%s.m%d %d %d", strings.Repeat("n", i%300), i, i, 1000+i))
		lines.WriteString(want[i] + "\n")
	}
	f("lines", func() wire.Decoder { return wire.NewLineDecoder() }, []byte(lines.String()), want, 20)
	var frames []byte
	want = want[:0]
	for _, n := range []int{1, 2, 500, 1, 20000, 3} { // one of them of some 400 KB
		frames = append(frames, wiretest.Frame(pointsPickle(n))...)
		for i := range n {
			want = append(want, fmt.Sprintf("metric.%d 1 %d", i, 1000+i))
		}
	}
	f("pickles", func() wire.Decoder { return wire.NewPickleDecoder(1 << 20) }, frames, want, 18)
}

// pointsPickle makes a pickle of n points.
func pointsPickle(n int) []byte {
	b := []byte("(l")
	for i := range n {
		b = fmt.Appendf(b, "(S'metric.%d'\n(I%d\nF1\ntta", i, 1000+i)
	}
	return append(b, '.')
}

func TestFeedEnds(t *testing.T) {
	f := func(what string, change func(*feed), write func(net.Conn), points int, why wire.Reason, n int) {
		t.Helper()
		got, dropped, err := runFeed(t, wire.NewLineDecoder(), change, write)
		if err != nil && !errors.Is(err, errTooSlow) || len(got) != points || dropped[why] != n {
			t.Errorf("%s: points %v, refused %v, error %v", what, got, dropped, err)
		}
	}
	send := func(texts ...string) func(net.Conn) {
		return func(c net.Conn) {
			for _, text := range texts {
				if _, err := io.WriteString(c, text); err != nil {
					t.Error(err)
				}
			}
		}
	}
	untilClosed := func(c net.Conn) { io.Copy(io.Discard, c) }
	f("nothing", nil, func(net.Conn) {}, 0, wire.Truncated, 0)
	f("whole lines", nil, send("a 1 1\nb 1 1\n"), 2, wire.Truncated, 0)
	f("half a line", nil, send("a 1 1\nb 1"), 1, wire.Truncated, 1)
	f("half a line in two", nil, send("a 1 1\nb", " 1"), 1, wire.Truncated, 1)
	short := func(f *feed) { f.patience = 20 * time.Millisecond }
	f("begun and not completed", short, func(c net.Conn) { send("a 1 1\nb 1")(c); untilClosed(c) }, 1, wire.TooSlow, 1)
	f("trickled", short, func(c net.Conn) {
		for i := 0; ; i++ {
			if _, err := c.Write([]byte{'x'}); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}, 0, wire.TooSlow, 1)
	f("silent between lines", short, func(c net.Conn) { send("a 1 1\n")(c); time.Sleep(100 * time.Millisecond); send("b 1 1\n")(c) }, 2, wire.TooSlow, 0)
	// A sender of ours that has to wait for the processor longer than it may is no fault: it gets
	// more time.
	patiently := func(what string, change func(f *feed, d time.Duration), write func(net.Conn)) {
		t.Helper()
		for d := 20 * time.Millisecond; ; d *= 2 {
			got, dropped, err := runFeed(t, wire.NewLineDecoder(), func(f *feed) { change(f, d) }, write)
			if err == nil && len(got) == 1 && dropped[wire.TooSlow] == 0 && dropped[wire.Truncated] == 0 {
				return
			}
			if d > 5*time.Second {
				t.Fatalf("%s: points %v, refused %v, error %v", what, got, dropped, err)
			}
		}
	}
	pieces := func(c net.Conn) {
		for _, text := range []string{"a", " 1 ", "1", "\n"} {
			_, _ = io.WriteString(c, text)
		}
	}
	patiently("paused by us", func(f *feed, d time.Duration) { f.patience, f.wait = d, func() { time.Sleep(d + d/2) } }, pieces)
	patiently("idle", func(f *feed, d time.Duration) { f.idle = d }, func(c net.Conn) { _, _ = io.WriteString(c, "a 1 1\n"); untilClosed(c) })
}

// TestFeedStops holds that a daemon that ends does not wait for a sender who goes on, nor for one
// who is silent.
func TestFeedStops(t *testing.T) {
	for _, talks := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		client, server := net.Pipe()
		in := make(chan *wire.Batch, 1)
		f := &feed{conn: server, in: server, dec: wire.NewLineDecoder(), src: &wire.Source{In: in}, patience: time.Minute, idle: time.Hour, wait: func() {}}
		stop := context.AfterFunc(ctx, func() { server.SetReadDeadline(time.Now().Add(stopGrace)) })
		done := make(chan error, 1)
		go func() {
			done <- f.run(ctx)
			server.Close()
			close(in)
		}()
		go func() {
			for range in {
			}
		}()
		written := make(chan struct{})
		go func() {
			defer close(written)
			for talks {
				if _, err := io.WriteString(client, "a 1 1\nb 1"); err != nil {
					return
				}
			}
		}()
		time.Sleep(10 * time.Millisecond)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("talks %v: %v", talks, err)
		}
		client.Close()
		<-written
		stop()
	}
}

// TestFeedMemory holds what a connection keeps when it is silent, and what a promise of a large
// frame costs.
func TestFeedMemory(t *testing.T) {
	client, server := net.Pipe()
	in := make(chan *wire.Batch, 10)
	f := &feed{conn: server, in: server, dec: wire.NewPickleDecoder(1 << 20), src: &wire.Source{In: in}, patience: time.Minute, wait: func() {}}
	check := func(when string, most int) {
		t.Helper()
		if len(f.own) > most {
			t.Errorf("%s: %d bytes are held, want %d at most", when, len(f.own), most)
		}
	}
	done := make(chan error, 1)
	go func() { done <- f.run(t.Context()) }()
	frame := wiretest.Frame(pointsPickle(20000))
	client.Write(frame[:100])
	client.Write(frame[100:101]) // is read only after the first write has been dealt with
	check("after 100 bytes of a frame of 400 KB", idleBuffer)
	client.Write(frame[101:])
	client.Write([]byte{0})
	client.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	check("after the frame", 2*idleBuffer)
}

// BenchmarkIdleConnections opens connections that have sent a line each and are silent now, and
// reports what one of them costs in memory, both of its ends being in this process.
func BenchmarkIdleConnections(b *testing.B) {
	const n = 5000
	for b.Loop() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		o := conf.DefaultOptions()
		o.WriteDelay = 0
		o.LogConnect = false
		c := cache.New(cache.Options{Limit: o.MaxCacheSize, FlowControl: o.FlowControl}, nil, nil)
		r := New(o, Deps{In: []chan *wire.Batch{make(chan *wire.Batch, 1), make(chan *wire.Batch, 1)}, Wait: c.Wait, Stats: new(tally.Stats), Logs: tally.NewLogs(zerolog.Nop())})
		served := make(chan error, 1)
		go func() {
			served <- r.servePort(ctx, port{listener: l, decoder: func() wire.Decoder { return wire.NewLineDecoder() }})
		}()
		before := usedMemory()
		conns := make([]net.Conn, n)
		for i := range conns {
			if conns[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
				b.Fatal(err)
			}
			if _, err := io.WriteString(conns[i], "a 1 1\n"); err != nil {
				b.Fatal(err)
			}
			(<-r.in[0]).Release()
		}
		b.ReportMetric(float64(usedMemory()-before)/n, "B/connection")
		cancel()
		for range conns {
			(<-r.in[0]).Release()
		}
		if err := <-served; err != nil {
			b.Fatal(err)
		}
		for _, c := range conns {
			c.Close()
		}
	}
}

func usedMemory() uint64 {
	runtime.GC()
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	return ms.HeapInuse + ms.StackInuse
}

// BenchmarkFeed reads lines from a connection and drops them.
func BenchmarkFeed(b *testing.B) {
	line := bytes.Repeat([]byte("servers.web01.cpu.load 1.25 1700000000\n"), 1000)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	in := make(chan *wire.Batch, 32)
	f := &feed{conn: server, in: server, dec: wire.NewLineDecoder(), src: &wire.Source{In: in}, patience: time.Minute, wait: func() {}}
	done := make(chan error, 1)
	go func() {
		done <- f.run(b.Context())
		server.Close()
		close(in)
	}()
	go func() {
		for range b.N {
			client.Write(line)
		}
		client.Close()
	}()
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	points, batches := 0, 0
	b.ResetTimer()
	for batch := range in {
		points += len(batch.Points)
		batches++
		batch.Release()
	}
	if err := <-done; err != nil || points != 1000*b.N {
		b.Errorf("%d points of %d: %v", points, 1000*b.N, err)
	}
	b.ReportMetric(float64(points)/float64(batches), "points/batch")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(points), "ns/point")
}
