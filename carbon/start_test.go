package carbon

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/whisper/vfs"
)

// TestReadsWhileReplaying holds the start in the middle of the log: what is there is answered,
// nothing is received, and an end at this time loses nothing.
func TestReadsWhileReplaying(t *testing.T) {
	dir, now := t.TempDir(), time.Now().Unix()/10*10
	k := newKilled(t, dir, now, nil)
	k.take(fmt.Sprintf("in.file 1 %d\n", now-20))
	k.writer.round(t.Context(), k.cache.Round("sorted", always))
	k.take(fmt.Sprintf("in.log 2 %d\nin.file 3 %d\n", now-10, now-10))
	k.Close()

	for _, end := range []bool{true, false} {
		var replaying atomic.Bool
		reached, goOn := make(chan struct{}), make(chan struct{})
		hook := func(op vfs.Op) error {
			if op.Kind == "ReadAt" && strings.HasSuffix(op.Name, ".wal") && replaying.CompareAndSwap(true, false) {
				close(reached)
				<-goOn
			}
			return nil
		}
		o := conf.DefaultOptions()
		o.LineAddr, o.PickleAddr.Port, o.QueryAddr, o.LocalDataDir, o.MetricInterval = anyPort, 0, anyPort, dir, 0
		d, err := New(o, Deps{FS: &vfs.Fail{FS: vfs.OS{}, Hook: hook}, Spec: testSpec, Clock: time.Now, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		replaying.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		<-reached
		f := fixture{Daemon: d, t: t}
		if s := d.Starting(); !strings.Contains(s, "log") {
			t.Errorf("the start is about %q", s)
		}
		if got := f.values("in.file", now-60, now, now); got[now-20] != 1 {
			t.Errorf("during the start in.file has %v", got)
		}
		if n := askCacheQuery(t, d.Addrs()["cache_query"]); n == 0 {
			t.Error("no answer at the cache query port")
		}
		if _, err := d.Ingest(t.Context(), "", []byte("a 1 -1\n")); err == nil {
			t.Error("points are taken in")
		}
		if end {
			cancel()
		}
		close(goOn)
		if !end {
			<-d.Ready()
			if s := d.Starting(); s != "" {
				t.Errorf("after the start: %q", s)
			}
			got, file := f.values("in.log", now-60, now, now), f.values("in.file", now-60, now, now)
			if got[now-10] != 2 || file[now-10] != 3 || file[now-20] != 1 {
				t.Errorf("after the start in.log has %v, in.file %v", got, file)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if n := countSegments(t, dir); end != (n > 0) {
			t.Errorf("ended during the start: %t; %d segments are left", end, n)
		}
	}
}

// askCacheQuery asks for a metric that is not there, and returns the length of the reply.
func askCacheQuery(t *testing.T, addr net.Addr) int {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := "(dp0\nS'type'\np1\nS'cache-query'\np2\nsS'metric'\np3\nS'no'\np4\ns."
	if _, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(ask))), ask...)); err != nil {
		t.Fatal(err)
	}
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		t.Fatal(err)
	}
	return int(binary.BigEndian.Uint32(head[:]))
}

// TestDamagedSegmentInTheMiddle: it is kept aside and the start goes on; WAL_STRICT stops it.
func TestDamagedSegmentInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	for i := range int64(3) {
		k := newKilled(t, dir, benchTime, nil)
		k.take(fmt.Sprintf("s%d 1 %d\n", i, benchTime-10))
		k.Close()
	}
	files, err := filepath.Glob(filepath.Join(dir, journalFolder, "*.wal"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%d segments, %v; want 3", len(files), err)
	}
	b, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(files[1], b, 0o644); err != nil {
		t.Fatal(err)
	}
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.WALStrict = dir, 0, 0, 0, true
	if err := tryStart(t, o); err == nil || !strings.Contains(err.Error(), filepath.Base(files[1])) {
		t.Errorf("WAL_STRICT: %v", err)
	}
	k := newKilled(t, dir, benchTime, nil)
	for i, want := range []int{1, 0, 1} {
		if got := k.points(fmt.Sprintf("s%d", i), benchTime); len(got) != want {
			t.Errorf("s%d has %v", i, got)
		}
	}
	if n := k.journal.log.Stats().Damaged; n != 1 {
		t.Errorf("%d damaged segments counted, want 1", n)
	}
	k.writer.drain()
	if err := k.endJournal(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(files[1] + ".corrupt"); err != nil || countSegments(t, dir) != 0 {
		t.Errorf("the damaged segment: %v; %d others are left", err, countSegments(t, dir))
	}
	k.Close()
}
