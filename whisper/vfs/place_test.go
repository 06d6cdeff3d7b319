package vfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func taken(t *testing.T) (p *Place, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("this system cannot rename or remove a folder in use")
	}
	dir = filepath.Join(t.TempDir(), "data")
	ok(t, os.Mkdir(dir, 0o755))
	p, err := TakePlace(OS{}, dir, ".lock")
	ok(t, err)
	t.Cleanup(func() { _ = p.Close() })
	return p, dir
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails the test unless a second process cannot take the folder.
func refused(t *testing.T, when, dir string) {
	t.Helper()
	if q, err := TakePlace(OS{}, dir, ".lock"); !errors.Is(err, ErrLocked) {
		t.Errorf("%s a second process can take it: %v", when, err)
		if err == nil {
			_ = q.Close()
		}
	}
}

// TestPlaceKeepsOthersOut checks that a second process is kept out, also when the lock file or
// everything in the folder was removed, and while another folder has the name.
func TestPlaceKeepsOthersOut(t *testing.T) {
	p, dir := taken(t)
	refused(t, "at first", dir)
	ok(t, os.Remove(filepath.Join(dir, ".lock")))
	refused(t, "without the lock file", dir)
	ok(t, os.RemoveAll(filepath.Join(dir, ".lock"))) // created by the second process
	ok(t, p.Check())
	f, err := OS{}.Open(filepath.Join(dir, ".lock"), os.O_RDWR, 0)
	ok(t, err)
	if got, err := f.TryLock(false); err != nil || got {
		t.Errorf("an older version, which locks the file alone, gets the lock: %t, %v", got, err)
	}
	ok(t, f.Close())

	ok(t, os.Rename(dir, dir+".away"))
	if err := p.Check(); !errors.Is(err, ErrAway) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("when it is gone: %v", err)
	}
	ok(t, os.Mkdir(dir, 0o755))
	if err := p.Check(); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("when another folder has the name: %v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("that folder contains %v, %v", list, err)
	}
	refused(t, "where it was", dir)
	refused(t, "where it is", dir+".away")
	ok(t, os.RemoveAll(dir))
	ok(t, os.Rename(dir+".away", dir))
	ok(t, p.Check())
	if n := p.Returns(); n != 1 || p.Away() != nil {
		t.Errorf("it came back %d times, %v", n, p.Away())
	}
	refused(t, "at the end", dir)
}

// TestPlaceThatAnotherProcessHas checks that the folder is not used, and the error says why, when
// another process has taken it meanwhile.
func TestPlaceThatAnotherProcessHas(t *testing.T) {
	p, dir := taken(t)
	ok(t, os.RemoveAll(dir))
	ok(t, os.Mkdir(dir, 0o755))
	q, err := TakePlace(OS{}, dir, ".lock")
	ok(t, err)
	if err := p.Check(); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("another process was faster: %v", err)
	}
	ok(t, q.Check())
	ok(t, q.Close())
	if err := p.Check(); !errors.Is(err, ErrAway) {
		t.Errorf("when that process has ended: %v", err)
	}
	refused(t, "then", dir)
}

// TestPlaceMountedAgain checks a folder that has another inode and the same lock file, as after a
// network file system was mounted again.
func TestPlaceMountedAgain(t *testing.T) {
	p, dir := taken(t)
	id, err := os.ReadFile(filepath.Join(dir, ".lock"))
	ok(t, err)
	ok(t, os.Rename(dir, dir+".away"))
	if err := p.Here(); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
	ok(t, os.Mkdir(dir, 0o755))
	ok(t, os.WriteFile(filepath.Join(dir, ".lock"), id, 0o644))
	ok(t, p.Here())
	if p.Returns() != 1 {
		t.Errorf("it came back %d times", p.Returns())
	}
	refused(t, "after that", dir)
}

// TestPlaceRestored checks that a removed folder is created again only if its parent still exists.
func TestPlaceRestored(t *testing.T) {
	p, dir := taken(t)
	ok(t, os.RemoveAll(dir))
	ok(t, p.Restore())
	refused(t, "made again,", dir)
	up := filepath.Dir(dir)
	ok(t, os.Rename(up, up+".away"))
	defer func() { ok(t, os.RemoveAll(up+".away")) }()
	ok(t, os.Mkdir(up, 0o755))
	if err := p.Restore(); !errors.Is(err, ErrAway) {
		t.Errorf("created in another folder: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

// TestGuard checks that a Guard refuses everything that creates, changes or removes names, and
// nothing else.
func TestGuard(t *testing.T) {
	p, dir := taken(t)
	g := &Guard{OS{}, p}
	in := func(name string) string { return filepath.Join(dir, name) }
	ok(t, WriteFile(g, in("a"), []byte("x"), 0o644))
	ok(t, os.Rename(dir, dir+".away"))
	ok(t, os.Mkdir(dir, 0o755))
	ok(t, os.WriteFile(in("other"), []byte("y"), 0o644))
	_, create := g.Open(in("new"), os.O_CREATE|os.O_RDWR, 0o644)
	_, update := g.Open(in("other"), os.O_RDWR, 0)
	for what, err := range map[string]error{
		"create": create, "update": update, "WriteFile": WriteFile(g, in("b"), nil, 0o644), "mkdir": g.MkdirAll(in("d/e"), 0o755), "rename": g.Rename(in("other"), in("b")),
		"renamenew": g.RenameNew(in("other"), in("b")), "link": g.Link(in("other"), in("b")), "remove": g.Remove(in("other")), "syncdir": g.SyncDir(dir), "syncfs": g.SyncFS(dir),
	} {
		if !errors.Is(err, ErrAway) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if list, err := g.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("the files there cannot be read: %v, %v", list, err)
	}
	ok(t, os.RemoveAll(dir))
	ok(t, os.Rename(dir+".away", dir))
	ok(t, g.Rename(in("a"), in("b")))
}

// BenchmarkPlace measures the check that precedes the creation of each file.
func BenchmarkPlace(b *testing.B) {
	p, err := TakePlace(OS{}, b.TempDir(), ".lock")
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = p.Here()
		}
	})
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = p.Check()
		}
	})
}

// mounted is a file system in which some folders and their content have another device.
type mounted struct {
	FS
	at map[string]uint64
}

func (m *mounted) Stat(name string) (Info, error) {
	info, err := m.FS.Stat(name)
	for path, dev := range m.at {
		if name == path || strings.HasPrefix(name, path+"/") {
			info.Dev, info.Inode = dev, info.Inode+dev
		}
	}
	return info, err
}

// TestPlaceWithMountsBelow checks that nothing is created where a file system was unmounted, and
// that everything else still works.
func TestPlaceWithMountsBelow(t *testing.T) {
	m := NewMem()
	ok(t, m.MkdirAll("/d/a/b", 0o755))
	ok(t, m.MkdirAll("/d/ab", 0o755))
	fsys := &mounted{m, map[string]uint64{"/d/a": 7}}
	p, err := TakePlace(fsys, "/d", ".lock")
	ok(t, err)
	defer p.Close()
	g := &Guard{fsys, p}
	look := func(begins bool) error {
		info, err := fsys.Stat("/d/a")
		ok(t, err)
		return p.Below("/d/a", info, begins)
	}
	write := func(name string) error { return WriteFile(g, name, nil, 0o644) }
	ok(t, look(true))
	ok(t, write("/d/a/b/1"))
	delete(fsys.at, "/d/a")
	if err := look(false); !errors.Is(err, ErrAway) {
		t.Errorf("Below: %v", err)
	}
	if err := p.HereFor("/d/a/"); !errors.Is(err, ErrAway) {
		t.Errorf("the folder: %v", err)
	}
	ok(t, p.HereFor("/d/ab/"))
	for what, err := range map[string]error{"create": write("/d/a/2"), "below": write("/d/a/b/2"), "mkdir": g.MkdirAll("/d/a/c", 0o755),
		"rename": g.Rename("/d/a/b/1", "/d/1"), "rename of what is not there": g.Rename("/d/a/b/9", "/d/1"), "rename to a new name": g.RenameNew("/d/a/b/1", "/d/1")} {
		if !errors.Is(err, ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ok(t, write("/d/2"))
	ok(t, write("/d/ab/2"))
	ok(t, p.Away())
	fsys.at["/d/a"] = 9 // mounted again
	ok(t, write("/d/a/b/3"))
	ok(t, look(true))
	delete(fsys.at, "/d/a")
	for _, name := range []string{"/d/a/b/1", "/d/a/b/3", "/d/a/b", "/d/a"} {
		ok(t, m.Remove(name))
	}
	ok(t, g.MkdirAll("/d/a/b", 0o755)) // the folder was removed, not unmounted
	ok(t, write("/d/a/b/4"))
}
