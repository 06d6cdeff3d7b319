package carbon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"graphited/carbon/conf"
	"graphited/carbon/wire"
	"graphited/carbon/wire/wiretest"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// pack packs text in two pieces with a flush between them, as a sender does that keeps its
// connection.
func pack(t *testing.T, compression, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w interface {
		io.WriteCloser
		Flush() error
	}
	switch compression {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "snappy":
		w = s2.NewWriter(&b, s2.WriterSnappyCompat())
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	for _, part := range []string{text[:len(text)/2], text[len(text)/2:]} {
		if _, err := io.WriteString(w, part); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPackedLines(t *testing.T) {
	for _, compression := range []string{"gzip", "snappy", "zstd"} {
		f := startDaemon(t, Deps{}, func(o *conf.Options) { o.LineCompression = compression })
		now := time.Now().Unix() / 10 * 10
		var b strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&b, "%s.m%d %d %d\n", compression, i%20, i, now)
		}
		packed := pack(t, compression, b.String())
		if len(packed) > b.Len()/2 {
			t.Fatalf("%s: %d bytes are packed to %d", compression, b.Len(), len(packed))
		}
		f.send("line", packed)
		f.received(5000)
		// What arrives is taken in when it can be unpacked, not only at the end of the stream.
		c, err := net.Dial("tcp", f.Addrs()["line"].String())
		if err != nil {
			t.Fatal(err)
		}
		half := pack(t, compression, strings.Repeat(fmt.Sprintf("half 1 %d\n", now), 50))
		if _, err := io.WriteString(c, half[:len(half)-1]); err != nil {
			t.Fatal(err)
		}
		f.received(5025)
		c.Close()
		bad := func() int64 { return f.Stats().Dropped(wire.Truncated) + f.Stats().Dropped(wire.BadCompression) }
		f.until("the cut stream is counted", func() bool { return bad() == 1 }) // not each format tells a cut stream from a bad one
		f.send("line", "plain 1 1\nplain 2 1\n")                                // is no packed stream: the connection ends
		f.until("the stream that is none is counted", func() bool {
			return bad() == 2 && f.Stats().Dropped(wire.BadCompression) >= 1 && f.Stats().Conns.Load() == 0
		})
		if got := f.values(compression+".m19", now-60, now, now); len(got) != 1 || got[now] != 4999 {
			t.Errorf("%s: got %v", compression, got)
		}
		if f.cache.Lookup([]byte("plain")) != nil {
			t.Error("an unpacked line was taken in")
		}
		f.stop()
	}
	o := conf.DefaultOptions()
	o.WriteDelay = 0
	o.LineCompression, o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port = "lz4", t.TempDir(), 0, 0, 0
	if err := tryStart(t, o); err == nil || !strings.Contains(err.Error(), "lz4") {
		t.Errorf("an unknown compression: %v", err)
	}
}

// tryStart starts a daemon that is expected to fail at it, and ends it otherwise.
func tryStart(t *testing.T, o conf.Options) error {
	d, err := New(o, Deps{FS: osFS(), Spec: testSpec, Clock: time.Now})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-d.Ready():
		case <-ctx.Done():
		}
		cancel()
	}()
	return d.Run(ctx)
}

func TestPackedBomb(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.LineCompression = "gzip" })
	f.send("line", pack(t, "gzip", strings.Repeat("x", 20<<20)+"\na 1 -1\n"))
	f.received(1)
	if n := f.Stats().Dropped(wire.LineTooLong); n != 1 {
		t.Errorf("%d long lines counted, want 1", n)
	}
}

func TestLineSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Skip("no Unix sockets here:", err)
	}
	left.SetUnlinkOnClose(false)
	left.Close() // what a process leaves that was killed
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.LineSocket = path })
	f.send("line_socket", "by.socket 1 -1\n")
	f.received(1)
	f.send("line_socket", "bad\n")
	f.until("the bad line is counted", func() bool { return f.Stats().Dropped(wire.BadLine) == 1 })
	o := f.o
	o.LocalDataDir, o.LineAddr, o.UDP = t.TempDir(), anyPort, false
	if err := tryStart(t, o); err == nil || !strings.Contains(err.Error(), path) || errors.Is(err, ErrLocked) {
		t.Errorf("a socket in use: %v, want an error about the socket, not about the folder", err)
	}
	f.stop()
	if !strings.Contains(f.log.String(), path) {
		t.Error("the log does not say where the bad line came from")
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket stays behind")
	}
	if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tryStart(t, o); err == nil {
		t.Error("a file was taken for a socket that was left behind")
	}
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	l.Close()
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.LineAddr.Interface, o.UDPAddr.Interface = "::1", "[::1]" })
	f.send("line", "a 1 -1\n")
	f.send("udp", "b 1 -1\n")
	f.received(2)
}

func TestProtobufReceiver(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.ProtobufAddr = anyPort })
	f.send("protobuf", string(wiretest.Frame(wiretest.Protobuf(1000))))
	f.received(1000)
	if got := f.cache.Pending("metric.999"); len(got) > 1 || len(got) == 1 && got[0] != (whisper.Point{Time: 1999, Value: 1}) {
		t.Errorf("metric.999 has %v", got)
	}
	if f.cache.Lookup([]byte("metric.999")) == nil {
		t.Error("metric.999 is unknown")
	}
}

func TestMetadata(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a.b 1 -1\ncpu;z=1;a=2 1 -1\n")
	f.until("written", func() bool { return f.Stats().Committed.Load() == 2 })
	md := f.metadata()
	ok := func(metric, want string) {
		t.Helper()
		if got, err := md.Get(metric, "aggregationMethod"); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", metric, got, err, want)
		}
	}
	ok("a.b", "average")
	for _, metric := range []string{"a.b", "cpu;z=1;a=2"} {
		if old, err := md.Set(metric, "aggregationMethod", "max"); err != nil || old != "average" {
			t.Errorf("%s: was %q, %v", metric, old, err)
		}
	}
	ok("a.b", "max")
	ok("cpu;a=2;z=1", "max")
	for _, bad := range [][3]string{{"a.b", "xFilesFactor", "1"}, {"a.b", "aggregationMethod", "median"}, {"none", "aggregationMethod", "max"}, {"../a", "aggregationMethod", "max"}, {"", "aggregationMethod", "max"}} {
		if _, err := md.Set(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("set %q worked", bad)
		}
		if _, err := md.Get(bad[0], bad[1]); err == nil && bad[2] != "median" {
			t.Errorf("get %q worked", bad)
		}
	}
	if runtime.GOOS == "windows" {
		return // where a file that is open cannot be changed by others
	}
	f.send("line", "a.b 3 -1\n")
	f.until("written again", func() bool { return f.Stats().Committed.Load() == 3 })
	ok("a.b", "max") // the writer, which remembers the header, does not write it back
}

func osFS() vfs.FS { return vfs.OS{} }
