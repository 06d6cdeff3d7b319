package wal

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"graphited/whisper/vfs"
)

// TestFolderThatGoes: while the folder is away no segment is begun or removed where it was, the
// open one goes on, and when it is back there is a new one. Nothing that was appended is lost.
func TestFolderThatGoes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder in use cannot be renamed here")
	}
	done := false
	for n := int64(1); !done; n++ {
		dir := filepath.Join(t.TempDir(), "log")
		fsys := &vfs.Fail{FS: vfs.OS{}}
		l := open(t, fsys, Options{Dir: dir, Sync: Interval, SegmentSize: 200, SegmentAge: 60e9})
		s, want := newSender(), map[sample]bool{}
		now := int64(1000)
		add := func() {
			now += 7
			p := samples(1, 3, uint32(now))
			seg, err := s.send(l, now, p...)
			if err != nil && !errors.Is(err, vfs.ErrAway) {
				t.Fatal(err)
			}
			for _, p := range p {
				want[p] = want[p] || err == nil
			}
			l.Release(seg)
		}
		end := fsys.Ops() + n
		away := func() {
			must(t, os.Rename(dir, dir+".away"))
			must(t, os.Mkdir(dir, 0o755))
		}
		fsys.Hook = func(op vfs.Op) error {
			if op.N == end {
				away()
			}
			return nil
		}
		for range 10 {
			add()
		}
		_ = l.Sync() // the folder is away, or it is not
		if done = fsys.Ops() < end; done {
			away()
		}
		fsys.Hook = nil
		if err := l.Check(); !errors.Is(err, vfs.ErrAway) {
			t.Fatalf("operation %d: %v", n, err)
		}
		add()
		_ = l.Sync()
		if _, err := l.Prune(func() error { return nil }); err != nil && !errors.Is(err, vfs.ErrAway) {
			t.Fatal(err)
		}
		list, err := os.ReadDir(dir)
		if err != nil || len(list) > 0 {
			t.Fatalf("operation %d: in the bare folder there are %v, %v", n, list, err)
		}
		must(t, os.Remove(dir))
		must(t, os.Rename(dir+".away", dir))
		must(t, l.Check())
		before := l.next
		add()
		if l.next <= before {
			t.Errorf("operation %d: no new segment was begun", n)
		}
		must(t, l.Sync())
		must(t, l.place.Close()) // as the end of the process does
		l = open(t, vfs.OS{}, Options{Dir: dir, Sync: Interval})
		got, _ := replay(t, l)
		for _, p := range got {
			delete(want, p)
		}
		for p, logged := range want {
			if logged {
				t.Errorf("operation %d: %v is lost", n, p)
			}
		}
		must(t, l.Close(false))
		if t.Failed() {
			return
		}
	}
}
