package carbon

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

// doubtful is a daemon whose files could not be synced.
type doubtful struct {
	*killed
	dir   string
	now   int64
	fails map[string]int // how often an operation is yet to fail
}

func newDoubtful(t *testing.T, dir string) *doubtful {
	d := &doubtful{dir: dir, now: benchTime, fails: map[string]int{}}
	spec := func(string) whisper.Spec {
		return whisper.Spec{Archives: []whisper.Archive{{Step: 1, Points: 60}, {Step: 10, Points: 360}}, Method: whisper.Average, XFilesFactor: 0.5}
	}
	fsys := &vfs.Fail{FS: vfs.OS{}, Hook: func(op vfs.Op) error {
		if d.fails[op.Kind] > 0 {
			d.fails[op.Kind]--
			return syscall.EIO
		}
		return nil
	}}
	d.killed = newKilledWith(t, dir, Deps{FS: fsys, Spec: spec, Clock: func() time.Time { return time.Unix(d.now, 0) }, Log: zerolog.Nop()}, nil)
	t.Cleanup(d.Close)
	d.running.open(t.Context())
	return d
}

// minute brings a minute of points and writes them.
func (d *doubtful) minute(names ...string) {
	d.now += 60
	var b strings.Builder
	for t := d.now - 59; t <= d.now; t++ {
		for i, name := range names {
			fmt.Fprintf(&b, "%s %d %d\n", name, t%977+int64(i), t)
		}
	}
	d.take(b.String())
	d.write()
}

func (d *doubtful) write() { d.writer.round(d.t.Context(), d.cache.Round("sorted", always)) }

func (d *doubtful) prune() (removed int, err error) { return d.journal.log.Prune(d.journal.syncData) }

// failSync is a sync of the files that fails.
func (d *doubtful) failSync() {
	d.t.Helper()
	d.fails["SyncFS"] = 1
	if _, err := d.prune(); !errors.Is(err, syscall.EIO) {
		d.t.Errorf("the failed sync: %v", err)
	}
	if ok, detail := d.journal.condition(); ok || !strings.Contains(detail, "sync of the files has failed") {
		d.t.Errorf("health says %t, %s", ok, detail)
	}
	if n, err := d.prune(); n != 0 || err != nil {
		d.t.Errorf("before the log is written again: %d segments removed, %v", n, err)
	}
}

// healed expects that all is written again and the log goes.
func (d *doubtful) healed() {
	d.t.Helper()
	d.writer.rewrite(d.t.Context())
	if n, err := d.prune(); n == 0 || err != nil {
		d.t.Errorf("after the log was written again: %d segments removed, %v", n, err)
	}
	if ok, detail := d.journal.condition(); !ok {
		d.t.Errorf("health says %s", detail)
	}
}

// files returns the whisper files.
func (d *doubtful) files() map[string][]byte {
	d.t.Helper()
	all := map[string][]byte{}
	list, err := filepath.Glob(filepath.Join(d.dir, "*.wsp"))
	for _, f := range list {
		if all[f], err = os.ReadFile(f); err != nil {
			break
		}
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// TestRewrite: whatever the disk has kept of the last minutes, the files are as if no sync had
// failed, although the fine archive reaches back a minute only.
func TestRewrite(t *testing.T) {
	for kept := range 5 {
		d := newDoubtful(t, t.TempDir())
		var disk, want map[string][]byte
		for i := range 5 {
			d.minute("a", "b")
			if want = d.files(); i == kept {
				disk = want
			}
		}
		if len(want) != 2 {
			t.Fatalf("%d files", len(want))
		}
		d.failSync()
		for f, content := range disk {
			if err := os.WriteFile(f, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		d.take(fmt.Sprintf("a 5000 %d\n", d.now)) // waits in the cache
		d.healed()
		for f, content := range d.files() {
			if f != filepath.Join(d.dir, "a.wsp") && !bytes.Equal(content, want[f]) {
				t.Errorf("minute %d was on the disk: %s is not what it was", kept, f)
			}
		}
		d.write()
		if got := d.values("a", d.now-10, d.now, d.now); len(got) != 10 || got[d.now] != 5000 || got[d.now-1] != float64((d.now-1)%977) {
			t.Errorf("a has %v, want 5000 last", got)
		}
		if got, want := d.journal.rewritten.Load(), int64(601); got != want {
			t.Errorf("%d points rewritten, want %d", got, want)
		}
	}
}

func (d *doubtful) values(name string, from, until, now int64) map[int64]float64 {
	d.t.Helper()
	return (&fixture{Daemon: d.Daemon, t: d.t}).values(name, from, until, now)
}

// TestRewriteOfRemoved: points of before a removal do not come back, neither with a file that is
// there again nor without one.
func TestRewriteOfRemoved(t *testing.T) {
	d := newDoubtful(t, t.TempDir())
	d.minute("gone", "again", "stays", "deleted")
	if got, err := d.Remove(t.Context(), []string{"gone", "again"}); err != nil || len(got) != 2 {
		t.Fatalf("removed %v, %v", got, err)
	}
	d.now += 10
	d.take(fmt.Sprintf("again 1 %d\n", d.now))
	d.write()
	if err := os.Remove(filepath.Join(d.dir, "deleted.wsp")); err != nil {
		t.Fatal(err)
	}
	d.failSync()
	d.healed()
	if got, want := d.values("again", d.now-60, d.now, d.now), map[int64]float64{d.now: 1}; !maps.Equal(got, want) {
		t.Errorf("again has %v, want %v", got, want)
	}
	if got := len(d.values("stays", d.now-60, d.now, d.now)); got != 50 {
		t.Errorf("stays has %d points, want 50", got)
	}
	if got := len(d.files()); got != 2 {
		t.Errorf("%d files, want those of again and stays", got)
	}
}

// TestRewriteThatFails is tried again, and until then nothing of the log goes; and so is one whose
// sync fails.
func TestRewriteThatFails(t *testing.T) {
	d := newDoubtful(t, t.TempDir())
	d.minute("a", "b")
	d.failSync()
	if d.journal.doubted() {
		t.Error("the next try is not put off")
	}
	for range 2 {
		d.fails["WriteAt"] = 1
		d.writer.rewrite(t.Context())
		if n, err := d.prune(); n != 0 || err != nil {
			t.Errorf("%d segments removed, %v", n, err)
		}
	}
	if wait := d.journal.doubt.wait; wait != 4*time.Second {
		t.Errorf("the next try is to be after %v, want 4 s", wait)
	}
	d.writer.rewrite(t.Context())
	d.failSync()
	d.journal.doubt.at = time.Time{}
	if !d.journal.doubted() {
		t.Error("a sync that failed again needs no other try")
	}
	d.healed()
	if d.journal.doubted() {
		t.Error("it is to be written again although all is well")
	}
}

// TestDoubtAtTheEnd: a process that ends before the log was written again leaves it to the next
// one.
func TestDoubtAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	d := newDoubtful(t, dir)
	d.minute("s")
	d.failSync()
	if err := d.endJournal(); err != nil {
		t.Error(err)
	}
	d.Close()
	if err := os.Remove(filepath.Join(dir, "s.wsp")); err != nil {
		t.Fatal(err) // what was never on the disk
	}
	d = newDoubtful(t, dir)
	if got := d.values("s", benchTime, benchTime+60, benchTime+60); len(got) != 60 {
		t.Errorf("after the next start %v", got)
	}
	if ok, detail := d.journal.condition(); !ok {
		t.Errorf("after the next start health says %s", detail)
	}
}
