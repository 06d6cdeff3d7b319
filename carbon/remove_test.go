package carbon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
	"graphited/whisper/vfs"
)

// leaves returns the leaves that a pattern finds.
func (f *fixture) leaves(pattern string) (found []string) {
	for path, leaf := range f.Store().Find(f.t.Context(), pattern) {
		if leaf {
			found = append(found, strings.Clone(path))
		}
	}
	return found
}

// trashed returns the paths of what is in the trash, each below the folder of its removal, sorted.
func trashed(t *testing.T, root string) (paths []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, trashFolder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range files {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				rel, _ := filepath.Rel(dir, path)
				paths = append(paths, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(paths)
	return paths
}

func TestRemove(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix() / 10 * 10
	tagged := "m;a=1;b=2"
	f.send("line", fmt.Sprintf("a.b.c 1 %d\na.b.d 2 %d\na.keep 3 %d\nm;b=2;a=1 4 %d\n", now, now, now, now))
	f.received(4)
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })

	got, err := f.Remove(t.Context(), []string{"a.b.c", "a.b.d", "no.such", tagged})
	if err != nil || !slices.Equal(got, []string{"a.b.c", "a.b.d", tagged}) {
		t.Fatalf("removed %q, %v", got, err)
	}
	if got := f.leaves("a.**"); !slices.Equal(got, []string{"a.keep"}) {
		t.Errorf("found afterwards: %q", got)
	}
	if names, err := f.Tags().Find([]string{"a=1"}); err != nil || len(names) != 0 {
		t.Errorf("tagged afterwards: %q, %v", names, err)
	}
	if got, want := trashed(t, f.o.LocalDataDir), []string{naming.RelativePath(tagged, true) + ".wsp", "a/b/c.wsp", "a/b/d.wsp"}; !slices.Equal(got, want) {
		t.Errorf("in the trash: %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(f.o.LocalDataDir, "a", "b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder is still there: %v", err)
	}
	if n := f.Cache().Known(); n != 1 {
		t.Errorf("%d series are known, want 1", n)
	}

	// A point that comes later begins anew, at once, on whatever connection and under whatever
	// spelling.
	f.send("line", fmt.Sprintf("a.b.c 5 %d\nm;b=2;a=1 6 %d\n", now, now))
	f.received(6)
	if got := f.leaves("a.b.*"); !slices.Equal(got, []string{"a.b.c"}) {
		t.Errorf("found after a new point: %q", got)
	}
	if names, _ := f.Tags().Find([]string{"a=1"}); !slices.Equal(names, []string{tagged}) {
		t.Errorf("tagged after a new point: %q", names)
	}
	if got, want := f.values("a.b.c", now-60, now, now), map[int64]float64{now: 5}; !maps.Equal(got, want) {
		t.Errorf("a.b.c has %v, want %v", got, want)
	}
	f.until("the new points are written", func() bool { return f.Cache().Size() == 0 })
	if got, want := f.values(tagged, now-60, now, now), map[int64]float64{now: 6}; !maps.Equal(got, want) {
		t.Errorf("%s has %v, want %v", tagged, got, want)
	}
}

// TestRemoveByFileName: find shows the file of a tagged series under a name of its own.
func TestRemoveByFileName(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", fmt.Sprintf("m;a=1 4 %d\n", time.Now().Unix()))
	f.received(1)
	names := f.leaves("_tagged.**")
	if len(names) != 1 {
		t.Fatalf("found %q", names)
	}
	if got, err := f.Remove(t.Context(), names); err != nil || !slices.Equal(got, []string{"m;a=1"}) {
		t.Errorf("removed %q, %v", got, err)
	}
	if got := slices.Collect(f.names.Names()); len(got) != 0 {
		t.Errorf("found afterwards: %q", got)
	}
}

// TestRemoveDropsWaitingPoints: they are counted, and make no file.
func TestRemoveDropsWaitingPoints(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxCreates = 0 }) // no file is made
	f.send("line", fmt.Sprintf("a 1 %d\na 2 %d\nb 1 %d\n", time.Now().Unix()-10, time.Now().Unix(), time.Now().Unix()))
	f.received(3)
	if got, err := f.Remove(t.Context(), []string{"a"}); err != nil || !slices.Equal(got, []string{"a"}) {
		t.Errorf("removed %q, %v", got, err)
	}
	if n, size := f.Stats().Dropped(wire.Removed), f.Cache().Size(); n != 2 || size != 1 {
		t.Errorf("%d points dropped and %d left, want 2 and 1", n, size)
	}
}

// TestRemovedStaysRemoved: neither a removed series nor its points come back out of the log, and
// what came after the removal does.
func TestRemovedStaysRemoved(t *testing.T) {
	dir, now := t.TempDir(), int64(benchTime)
	k := newKilled(t, dir, now, nil)
	k.running.open(t.Context())
	k.take(fmt.Sprintf("gone 1 %d\nagain 1 %d\nstays 1 %d\n", now-20, now-20, now-20))
	if got, err := k.Remove(t.Context(), []string{"gone", "again"}); err != nil || len(got) != 2 {
		t.Fatalf("removed %q, %v", got, err)
	}
	k.take(fmt.Sprintf("again 2 %d\n", now-10))
	k.Close()

	k = newKilled(t, dir, now, nil)
	defer k.Close()
	f := fixture{Daemon: k.Daemon, t: t}
	if got := f.leaves("*"); !slices.Equal(got, []string{"again", "stays"}) {
		t.Errorf("found after the start: %q", got)
	}
	for name, want := range map[string]map[int64]float64{"gone": {}, "again": {now - 10: 2}, "stays": {now - 20: 1}} {
		if got := k.points(name, now); !maps.Equal(got, want) {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
	if n := k.Cache().Size(); n != 2 {
		t.Errorf("%d points in the cache, want 2", n)
	}
}

// TestRemoveWhileWritten: however a removal meets senders and the writer, every point that was
// received is in a file, in the trash, or counted.
func TestRemoveWhileWritten(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix()
	names := make([]string, 50)
	for i := range names {
		names[i] = fmt.Sprintf("busy.n%d.x", i)
	}
	const rounds = 200
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() {
			for n := range int64(rounds) {
				var b strings.Builder
				for _, name := range names {
					fmt.Fprintf(&b, "%s %d %d\n", name, n, now-n)
				}
				if err := f.trySend("line", b.String()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { senders.Wait(); close(done) }()
	for removing := true; removing; {
		select {
		case <-done:
			removing = false
		default:
		}
		if _, err := f.Remove(t.Context(), names); err != nil {
			t.Error(err)
		}
		f.cache.Wake()
	}
	f.received(2 * rounds * int64(len(names)))
	f.send("line", fmt.Sprintf("%s 1 %d\n", names[0], now))
	f.received(2*rounds*int64(len(names)) + 1)
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })
	s := f.Stats()
	if got := s.Committed.Load() + s.Dropped(wire.Removed); got != s.Received.Load() {
		t.Errorf("%d points received, %d committed and %d removed", s.Received.Load(), s.Committed.Load(), s.Dropped(wire.Removed))
	}
	if got := f.leaves("busy.n0.x"); len(got) != 1 {
		t.Errorf("found %q, want the series that came last", got)
	}
}

func TestStale(t *testing.T) {
	clock := time.Now()
	f := startDaemon(t, Deps{Clock: func() time.Time { return clock }}, func(o *conf.Options) { o.StaleAfter = 24 * time.Hour })
	f.send("line", fmt.Sprintf("old.a 1 %d\nnew.a 1 %d\nm;t=old 1 %d\n", clock.Unix(), clock.Unix(), clock.Unix()))
	f.received(3)
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })
	before := clock.Add(-25 * time.Hour)
	for _, path := range []string{"old/a", naming.RelativePath("m;t=old", true)} {
		if err := os.Chtimes(filepath.Join(f.o.LocalDataDir, path+".wsp"), before, before); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.removeStale(t.Context()); n != 2 {
		t.Errorf("%d series removed, want 2", n)
	}
	if got := slices.Collect(f.names.Names()); !slices.Equal(got, []string{"new.a"}) {
		t.Errorf("found afterwards: %q", got)
	}
	if n, err := emptyTrash(f.fsys, f.o.LocalDataDir, clock.Add(-time.Second)); n != 0 || err != nil {
		t.Errorf("%d files of a second ago removed for good, %v", n, err)
	}
	if n, err := emptyTrash(f.fsys, f.o.LocalDataDir, clock.Add(time.Minute)); n != 2 || err != nil {
		t.Errorf("%d files removed for good, %v, want 2", n, err)
	}
	if got := trashed(t, f.o.LocalDataDir); len(got) != 0 {
		t.Errorf("left in the trash: %q", got)
	}
}

func TestStaleFiles(t *testing.T) {
	root, now := t.TempDir(), time.Now()
	old := now.Add(-48 * time.Hour)
	for path, at := range map[string]time.Time{"a/old.wsp": old, "b/old.wsp": old, "b/new.wsp": now, "b/old.txt": old, ".trash/x/old.wsp": old} {
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("1234"), 0o644), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	since := now.Add(-24 * time.Hour).Unix()
	for _, remove := range []bool{false, true} {
		found, err := Stale(vfs.OS{}, root, since, remove, now)
		want := []StaleFile{{"a/old.wsp", 4, old.Unix()}, {"b/old.wsp", 4, old.Unix()}}
		if err != nil || !slices.Equal(found, want) {
			t.Errorf("found %v, %v, want %v", found, err, want)
		}
	}
	if left, err := Stale(vfs.OS{}, root, since, false, now); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(root, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder is still there: %v", err)
	}
	place, err := lockFolder(vfs.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	if _, err := Stale(vfs.OS{}, root, since, true, now); !errors.Is(err, ErrLocked) {
		t.Errorf("beside a server: %v", err)
	}
}
