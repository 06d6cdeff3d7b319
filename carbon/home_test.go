package carbon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/carbon/facts"
	"graphited/whisper/vfs"
)

// swapped is a folder that is taken away, as by umount, and comes back.
type swapped struct {
	t   *testing.T
	dir string
}

func newSwapped(t *testing.T) *swapped {
	if runtime.GOOS == "windows" {
		t.Skip("a folder in use cannot be renamed here")
	}
	return &swapped{t, filepath.Join(t.TempDir(), "whisper")}
}

func (s *swapped) must(err error) {
	if err != nil {
		s.t.Helper()
		s.t.Error(err)
	}
}

// leave puts a bare folder in its place.
func (s *swapped) leave() {
	s.must(os.Rename(s.dir, s.dir+".away"))
	s.must(os.Mkdir(s.dir, 0o755))
}

// bare fails if anything was made in the bare folder.
func (s *swapped) bare(when string) {
	s.t.Helper()
	list, err := os.ReadDir(s.dir)
	if err != nil || len(list) > 0 {
		s.t.Errorf("%s: in the bare folder there are %v, %v", when, list, err)
	}
}

// back puts it back.
func (s *swapped) back() {
	s.t.Helper()
	s.bare("before it is back")
	s.must(os.Remove(s.dir))
	s.must(os.Rename(s.dir+".away", s.dir))
}

func (f *fixture) folder() facts.Condition {
	for _, c := range f.Health() {
		if c.Name == "folder" {
			return c
		}
	}
	f.t.Fatal("no condition of the folder")
	return facts.Condition{}
}

// TestFolderThatIsUnmounted under a daemon that runs: it says so, makes nothing where the folder
// was, keeps what comes, acknowledges nothing, keeps others out, and goes on when the folder is
// back.
func TestFolderThatIsUnmounted(t *testing.T) {
	s := newSwapped(t)
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir = s.dir })
	now := time.Now().Unix() / 10 * 10
	f.send("line", fmt.Sprintf("old 1 %d\nt;a=1 1 %d\n", now-40, now-40))
	f.received(2)
	f.until("the first points are written", func() bool { return f.Cache().Size() == 0 })
	if c := f.folder(); !c.OK {
		t.Fatalf("at the beginning: %+v", c)
	}

	s.leave()
	if n, err := f.Ingest(t.Context(), "", fmt.Appendf(nil, "ingested 1 %d\n", now)); n != 0 || !errors.Is(err, ErrAway) {
		t.Errorf("the folder is away and Ingest says %d, %v", n, err)
	}
	if c := f.folder(); c.OK || !strings.Contains(c.Detail, "another folder has the name") {
		t.Errorf("when it is away: %+v", c)
	}
	if err := f.Backup(t.Context(), io.Discard, nil); !errors.Is(err, ErrAway) {
		t.Errorf("a backup of what is there instead: %v", err)
	}
	f.send("line", fmt.Sprintf("old 2 %d\nnew 2 %d\nu;a=2 2 %d\n", now-20, now-20, now-20))
	f.received(5)
	rounds := f.writer.unwritable.status
	f.until("the writer tells that it waits", func() bool { return rounds().Series == 3 })
	if why := rounds().Reasons; len(why) != 1 || why[0].Reason != ErrAway.Error() {
		t.Errorf("reasons: %+v", why)
	}
	f.kept.keep()
	if _, err := f.journal.log.Prune(f.journal.syncData); err != nil && !errors.Is(err, ErrAway) {
		t.Error(err)
	}
	if f.Cache().Size() != 3 || !f.names.Has("old") || !f.tags.Has("t;a=1") {
		t.Errorf("%d points wait, want 3; the names are %v and %v", f.Cache().Size(), f.names.Len(), f.tags.Names())
	}
	o := f.o
	o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.UDP = 0, 0, 0, false
	if err := tryStart(t, o); !errors.Is(err, ErrLocked) {
		t.Errorf("a second process where the folder was: %v", err)
	}
	s.back()

	if n, err := f.Ingest(t.Context(), "", fmt.Appendf(nil, "ingested 3 %d\n", now)); n != 1 || err != nil {
		t.Fatalf("the folder is back and Ingest says %d, %v", n, err)
	}
	if c := f.folder(); !c.OK {
		t.Errorf("when it is back: %+v", c)
	}
	if n := countSegments(t, s.dir); n < 2 {
		t.Errorf("%d segments; a new one was to be begun", n)
	}
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })
	for name, want := range map[string]float64{"old": 2, "new": 2, "u;a=2": 2} {
		if got := f.values(name, now-60, now, now); got[now-20] != want {
			t.Errorf("%s has %v", name, got)
		}
	}
	f.stop()
	for _, what := range []string{"is not where it was", "is back"} {
		if n := strings.Count(f.log.String(), "the folder of the whisper files "+what); n != 1 {
			t.Errorf("%d lines that it %s:\n%s", n, what, f.log)
		}
	}
}

// TestAcknowledgedWhenTheFolderIsBack: what was acknowledged before the folder went and after it
// came back is there after kill -9.
func TestAcknowledgedWhenTheFolderIsBack(t *testing.T) {
	s := newSwapped(t)
	k := newKilled(t, s.dir, benchTime, nil)
	k.running.open(t.Context())
	ingest := func(name string) error {
		_, err := k.Ingest(t.Context(), "", fmt.Appendf(nil, "%s 1 %d\n", name, benchTime-10))
		return err
	}
	s.must(ingest("before"))
	s.leave()
	if err := ingest("meanwhile"); !errors.Is(err, ErrAway) {
		t.Errorf("acknowledged while the folder is away: %v", err)
	}
	s.back()
	s.must(ingest("after"))
	k.Close() // as by kill: nothing was written to files
	k = newKilled(t, s.dir, benchTime, nil)
	defer k.Close()
	for _, name := range []string{"before", "after"} {
		if got := k.points(name, benchTime); len(got) != 1 {
			t.Errorf("%s has %v", name, got)
		}
	}
}

// TestFolderThatGoesAtAnyMoment: before each operation of the writer, the log and the index once;
// nothing is made in the bare folder, and all is written when it is back.
func TestFolderThatGoesAtAnyMoment(t *testing.T) {
	done := false
	for n := int64(1); !done; n++ {
		s := newSwapped(t)
		fsys := &vfs.Fail{FS: vfs.OS{}}
		o := conf.DefaultOptions()
		o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.MetricInterval, o.Workers, o.WriteDelay = s.dir, 0, 0, 0, 0, 1, 0
		d, err := New(o, Deps{FS: fsys, Spec: testSpec, Clock: func() time.Time { return time.Unix(benchTime, 0) }, Log: zerolog.Nop()})
		if err == nil {
			err = d.load(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		k := &killed{d, t}
		k.take(fmt.Sprintf("a.b 1 %d\nt;x=1 1 %d\n", benchTime-20, benchTime-20))
		k.writer.round(t.Context(), k.writer.next())
		end := fsys.Ops() + n
		fsys.Hook = func(op vfs.Op) error {
			if op.N == end {
				s.leave()
			}
			return nil
		}
		k.take(fmt.Sprintf("a.b 2 %d\na.c 2 %d\nd.e 2 %d\nt;x=2 2 %d\n", benchTime-10, benchTime-10, benchTime-10, benchTime-10))
		k.writer.round(t.Context(), k.writer.next())
		k.kept.keep()
		_ = k.scanner.scan()
		if done = fsys.Ops() < end; done {
			s.leave()
		}
		fsys.Hook = nil
		if err := k.home.look(); !errors.Is(err, ErrAway) {
			t.Fatalf("operation %d: %v", n, err)
		}
		k.writer.round(t.Context(), k.writer.next())
		s.back()
		s.must(k.home.look())
		k.writer.writeAll(context.Background(), pass{clock: k.clock})
		if k.cache.Size() != 0 {
			t.Errorf("operation %d: %d points are not written", n, k.cache.Size())
		}
		for _, name := range []string{"a.b", "a.c", "d.e", "t;x=2"} {
			if got := k.points(name, benchTime); got[benchTime-10] != 2 {
				t.Errorf("operation %d: %s has %v", n, name, got)
			}
		}
		if !k.names.Has("a.b") || !k.tags.Has("t;x=1") {
			t.Errorf("operation %d: a name is lost", n)
		}
		k.Close()
		if t.Failed() {
			return
		}
	}
}
