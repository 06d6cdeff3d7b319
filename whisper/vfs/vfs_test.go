package vfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// each runs a test with every implementation, in an empty folder.
func each(t *testing.T, f func(t *testing.T, fsys FS, dir string)) {
	t.Run("os", func(t *testing.T) { f(t, OS{}, t.TempDir()) })
	t.Run("mem", func(t *testing.T) { f(t, NewMem(), ".") })
	t.Run("fail", func(t *testing.T) { f(t, &Fail{FS: NewMem()}, "/") })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, fsys FS, name string, flag int) File {
	t.Helper()
	f, err := fsys.Open(name, flag, 0o644)
	must(t, err)
	return f
}

func write(t testing.TB, fsys FS, name, content string) {
	t.Helper()
	f := open(t, fsys, name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	n, err := f.WriteAt([]byte(content), 0)
	must(t, err)
	if n != len(content) {
		t.Fatal(n)
	}
	must(t, f.Close())
}

func content(t testing.TB, fsys FS, name string) string {
	t.Helper()
	b, err := ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "-"
	}
	must(t, err)
	return string(b)
}

func TestFileBytes(t *testing.T) {
	each(t, func(t *testing.T, fsys FS, dir string) {
		name := filepath.Join(dir, "f")
		f := open(t, fsys, name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		_, err := f.WriteAt([]byte("hello"), 3)
		must(t, err)
		b := make([]byte, 8)
		if n, err := f.ReadAt(b, 0); n != 8 || err != nil || string(b) != "\x00\x00\x00hello" {
			t.Errorf("%d %v %q", n, err, b)
		}
		if n, err := f.ReadAt(b, 5); n != 3 || err != io.EOF || string(b[:3]) != "llo" {
			t.Errorf("%d %v %q", n, err, b)
		}
		if n, err := f.ReadAt(b, 100); n != 0 || err != io.EOF {
			t.Error(n, err)
		}
		must(t, f.Truncate(4))
		must(t, f.Truncate(6))
		if got := content(t, fsys, name); got != "\x00\x00\x00h\x00\x00" {
			t.Errorf("%q", got)
		}
		if err := f.Fallocate(4, 6); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		} else if got := content(t, fsys, name); err == nil && got != "\x00\x00\x00h\x00\x00\x00\x00\x00\x00" {
			t.Errorf("%q", got)
		}
		must(t, f.Sync())
		must(t, f.SyncData())
		must(t, f.Fadvise(Random))
		must(t, f.Chmod(0o600))
		info, err := f.Stat()
		must(t, err)
		named, err := fsys.Stat(name)
		must(t, err)
		if info != named || info.Mode != 0o600 || info.IsDir() || info.Links != 1 || info.Inode == 0 || info.Mtime == 0 {
			t.Errorf("%+v, by name %+v", info, named)
		}
		must(t, f.Chown(int(info.UID), int(info.GID)))
		must(t, f.Chown(-1, -1))
		must(t, f.Close())

		r := open(t, fsys, name, os.O_RDONLY)
		if _, err := r.WriteAt([]byte("x"), 0); err == nil {
			t.Error("wrote to a file that is open for reading")
		}
		must(t, r.Close())
	})
}

func TestNames(t *testing.T) {
	each(t, func(t *testing.T, fsys FS, dir string) {
		at := func(name string) string { return filepath.Join(dir, name) }
		is := func(err, want error, name string) {
			t.Helper()
			if !errors.Is(err, want) || !strings.Contains(err.Error(), at(name)) {
				t.Errorf("got %v, want %v of %s", err, want, name)
			}
		}
		_, err := fsys.Open(at("none"), os.O_RDWR, 0)
		is(err, fs.ErrNotExist, "none")
		_, err = fsys.Open(at("none/f"), os.O_RDWR|os.O_CREATE, 0o644)
		is(err, fs.ErrNotExist, "none/f")
		_, err = fsys.Stat(at("none"))
		is(err, fs.ErrNotExist, "none")
		is(fsys.Remove(at("none")), fs.ErrNotExist, "none")
		is(fsys.Rename(at("none"), at("x")), fs.ErrNotExist, "none")
		is(fsys.RenameNew(at("none"), at("x")), fs.ErrNotExist, "none")
		_, err = fsys.ReadDir(at("none"))
		is(err, fs.ErrNotExist, "none")
		is(fsys.SyncDir(at("none")), fs.ErrNotExist, "none")

		must(t, fsys.MkdirAll(at("a/b"), 0o755))
		must(t, fsys.MkdirAll(at("a/b"), 0o755))
		if info, err := fsys.Stat(at("a")); err != nil || !info.IsDir() {
			t.Error(info, err)
		}
		write(t, fsys, at("a/f"), "one")
		write(t, fsys, at("a/g"), "two")
		_, err = fsys.Open(at("a/f"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		is(err, fs.ErrExist, "a/f")
		is(fsys.RenameNew(at("a/f"), at("a/g")), fs.ErrExist, "a/g")
		is(fsys.Link(at("a/f"), at("a/g")), fs.ErrExist, "a/g")
		must(t, fsys.RenameNew(at("a/f"), at("a/b/h")))
		old := open(t, fsys, at("a/g"), os.O_RDONLY)
		must(t, fsys.Rename(at("a/b/h"), at("a/g")))
		if got := content(t, fsys, at("a/g")); got != "one" {
			t.Error(got)
		}
		b := make([]byte, 3)
		if _, err := old.ReadAt(b, 0); err != nil || string(b) != "two" {
			t.Error(string(b), err)
		}
		if info, err := old.Stat(); err != nil || info.Links != 0 {
			t.Error(info, err)
		}
		must(t, old.Close())
		must(t, fsys.Link(at("a/g"), at("a/i")))
		if info, err := fsys.Stat(at("a/i")); err != nil || info.Links != 2 {
			t.Error(info, err)
		}
		list, err := fsys.ReadDir(at("a"))
		must(t, err)
		if want := []Entry{{"b", fs.ModeDir}, {"g", 0}, {"i", 0}}; !slices.Equal(list, want) {
			t.Error(list)
		}
		if err := fsys.Remove(at("a")); err == nil {
			t.Error("removed a folder with files")
		}
		must(t, fsys.Remove(at("a/b")))
		must(t, fsys.Remove(at("a/g")))
		must(t, fsys.SyncDir(at("a")))
		if got := content(t, fsys, at("a/i")) + content(t, fsys, at("a/g")); got != "one-" {
			t.Error(got)
		}
		if _, err := ReadFile(fsys, at("a")); err == nil || !strings.Contains(err.Error(), at("a")) {
			t.Error(err)
		}
	})
}

func TestLocks(t *testing.T) {
	each(t, func(t *testing.T, fsys FS, dir string) {
		name := filepath.Join(dir, "f")
		write(t, fsys, name, "x")
		a, b := open(t, fsys, name, os.O_RDWR), open(t, fsys, name, os.O_RDWR)
		try := func(f File, shared, want bool) {
			t.Helper()
			if got, err := f.TryLock(shared); got != want || err != nil {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
		must(t, a.Lock(true))
		try(b, true, true)
		try(a, false, false)
		must(t, b.Close())
		b = open(t, fsys, name, os.O_RDWR)
		must(t, a.Lock(false))
		try(b, true, false)
		try(b, false, false)
		got := make(chan error)
		go func() { got <- b.Lock(false) }()
		select {
		case <-got:
			t.Error("Lock did not wait")
		case <-time.After(10 * time.Millisecond):
		}
		must(t, a.Close())
		must(t, <-got)
		must(t, b.Close())
	})
}

func TestWriteFile(t *testing.T) {
	each(t, func(t *testing.T, fsys FS, dir string) {
		name := filepath.Join(dir, "f")
		for _, want := range []string{"first", "", "another"} {
			must(t, WriteFile(fsys, name, []byte(want), 0o644))
			if got := content(t, fsys, name); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if list, err := fsys.ReadDir(dir); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		if err := WriteFile(fsys, filepath.Join(dir, "none", "f"), nil, 0o644); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

// TestWriteFileCrash cuts the power after each operation. The file must be old or new, and new if
// WriteFile has returned.
func TestWriteFileCrash(t *testing.T) {
	for seed := range uint64(300) {
		m := NewMem()
		must(t, WriteFile(m, "f", []byte("old"), 0o644))
		r := rand.New(rand.NewPCG(seed, 1))
		got := map[string]bool{}
		fsys := &Fail{FS: m, Hook: func(Op) error {
			got[content(t, m.Crash(r), "f")] = true
			return nil
		}}
		must(t, WriteFile(fsys, "f", []byte("new content"), 0o644))
		if s := content(t, m.Crash(r), "f"); s != "new content" {
			t.Fatalf("seed %d: %q after a crash", seed, s)
		}
		delete(got, "old")
		delete(got, "new content")
		if len(got) > 0 {
			t.Fatalf("seed %d: %v", seed, got)
		}
	}
}

func TestWriteFileFaults(t *testing.T) {
	broken := errors.New("broken")
	for n := int64(1); ; n++ {
		m := NewMem()
		must(t, WriteFile(m, "f", []byte("old"), 0o644))
		fsys := FailNth(m, n, false, broken)
		err := WriteFile(fsys, "f", []byte("new"), 0o644)
		if err == nil {
			if n != fsys.Ops()+1 {
				t.Errorf("operation %d failed without an error", n)
			}
			break
		}
		if got := content(t, m, "f"); !errors.Is(err, broken) || got != "old" && got != "new" {
			t.Errorf("operation %d: %v, %q", n, err, got)
		}
		if names := m.Names(); len(names) != 3 {
			t.Errorf("operation %d leaves %v", n, names)
		}
	}
}

func TestTempNames(t *testing.T) {
	m := NewMem()
	f, name, err := CreateTemp(m, ".", 0o600)
	must(t, err)
	must(t, f.Close())
	if !IsTemp(filepath.Base(name)) {
		t.Error(name)
	}
	for _, name := range []string{"m.wsp", "m.tmp", ".graphited-x.wsp", ""} {
		if IsTemp(name) {
			t.Error(name)
		}
	}
}

// TestCrash checks that many seeds produce every possible outcome of a crash and no impossible one.
func TestCrash(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(2000) {
		m := NewMem()
		must(t, WriteFile(m, "kept", []byte("aaaaaaaa"), 0o644))
		f := open(t, m, "kept", os.O_RDWR)
		_, err := f.WriteAt([]byte("bb"), 2)
		must(t, err)
		_, err = f.WriteAt([]byte("cc"), 8)
		must(t, err)
		must(t, m.Rename("kept", "moved"))
		c := m.Crash(rand.New(rand.NewPCG(seed, 2)))
		old, moved := content(t, c, "kept"), content(t, c, "moved")
		if (old == "-") == (moved == "-") {
			t.Fatalf("seed %d: %v", seed, c.Names())
		}
		got := strings.Trim(old+moved, "-")
		if got[:2] != "aa" || got[4:8] != "aaaa" || len(got) > 10 {
			t.Fatalf("seed %d: %q", seed, got)
		}
		switch got {
		case "aaaaaaaa", "aabbaaaacc", "aabbaaaa", "aaaaaaaacc", "aabaaaaa":
			outcomes[got]++
		default:
			outcomes["garbled"]++
		}
		if old != "-" {
			outcomes["not moved"]++
		}
		if got := content(t, m, "moved"); got != "aabbaaaacc" {
			t.Fatalf("Crash changed the original: %q", got)
		}
	}
	if len(outcomes) != 7 {
		t.Error(outcomes)
	}
}

func TestSyncFS(t *testing.T) {
	each(t, func(t *testing.T, fsys FS, dir string) {
		if err := fsys.SyncFS(dir); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		if err := fsys.SyncFS(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none") {
			t.Error(err)
		}
	})
	for seed := range uint64(100) {
		m := NewMem()
		write(t, m, "a", "content")
		write(t, m, "b", "other")
		must(t, m.SyncFS("."))
		if c := m.Crash(rand.New(rand.NewPCG(seed, 8))); content(t, c, "a")+content(t, c, "b") != "contentother" {
			t.Fatalf("seed %d: %v", seed, c.Names())
		}
	}
}

// TestFailWriteback checks that writes given up can be read but no later sync makes them durable,
// that one sync returns the error, and that later writes become durable.
func TestFailWriteback(t *testing.T) {
	broken, outcomes := errors.New("broken"), map[string]int{}
	for seed := range uint64(200) {
		m, r := NewMem(), rand.New(rand.NewPCG(seed, 9))
		write(t, m, "f", "old")
		must(t, m.SyncFS("."))
		f := open(t, m, "f", os.O_RDWR)
		_, err := f.WriteAt([]byte("n"), 0)
		must(t, err)
		_, err = f.WriteAt([]byte("w"), 2)
		must(t, err)
		m.FailWriteback(r, broken)
		lost := m.lost != nil
		for try := range 2 {
			want := error(nil)
			if lost && try == 0 {
				want = broken
			}
			if err := m.SyncFS("."); err != want {
				t.Fatalf("seed %d, try %d: SyncFS says %v, want %v", seed, try, err, want)
			}
			if err := f.Sync(); err != want {
				t.Fatalf("seed %d, try %d: Sync says %v, want %v", seed, try, err, want)
			}
		}
		if got := content(t, m, "f"); got != "nlw" {
			t.Fatalf("seed %d: it reads as %q", seed, got)
		}
		got := content(t, m.Crash(r), "f")
		if outcomes[got]++; lost == (got == "nlw") {
			t.Fatalf("seed %d: lost %t, the file is %q after the crash", seed, lost, got)
		}
		_, err = f.WriteAt([]byte("new"), 0)
		must(t, err)
		must(t, f.Sync())
		if got := content(t, m.Crash(r), "f"); got != "new" {
			t.Fatalf("seed %d: the file is %q after the later write and a crash", seed, got)
		}
	}
	if len(outcomes) != 4 {
		t.Error(outcomes)
	}
}

func TestFail(t *testing.T) {
	broken := errors.New("broken")
	fsys := FailNth(NewMem(), 2, true, broken)
	fsys.Short = true
	f := open(t, fsys, "f", os.O_RDWR|os.O_CREATE)
	if n, err := f.WriteAt([]byte("abcd"), 0); n != 2 || err != broken {
		t.Error(n, err)
	}
	for name, err := range map[string]error{
		"Stat": second(fsys.Stat("f")), "ReadDir": second(fsys.ReadDir("f")), "MkdirAll": fsys.MkdirAll("f", 0), "Rename": fsys.Rename("f", "g"),
		"RenameNew": fsys.RenameNew("f", "g"), "Link": fsys.Link("f", "g"), "Remove": fsys.Remove("f"), "SyncDir": fsys.SyncDir("f"), "SyncFS": fsys.SyncFS("f"),
		"Open": second(fsys.Open("f", 0, 0)),
	} {
		var p *fs.PathError
		if !errors.As(err, &p) || p.Op != name || p.Path != "f" || p.Err != broken {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i, err := range []error{
		second(f.ReadAt(nil, 0)), second(f.Stat()), f.Truncate(0), f.Fallocate(0, 1), f.Sync(), f.SyncData(), f.Lock(true), second(f.TryLock(true)),
		f.Fadvise(Normal), f.Chmod(0), f.Chown(0, 0), f.Close(),
	} {
		if err != broken {
			t.Error(i, err)
		}
	}
	if fsys.Ops() != 24 {
		t.Error(fsys.Ops())
	}
	if got := content(t, fsys.FS, "f"); got != "ab" {
		t.Error(got)
	}
}

func second[T any](_ T, err error) error { return err }

func BenchmarkOpenWriteClose(b *testing.B) {
	name := filepath.Join(b.TempDir(), "f")
	must(b, WriteFile(OS{}, name, bytes.Repeat([]byte("x"), 1<<16), 0o644))
	p := make([]byte, 12)
	b.ReportAllocs()
	for b.Loop() {
		f, err := OS{}.Open(name, os.O_RDWR, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.WriteAt(p, 4000); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMove checks that Move also moves a file to another file system, where the system cannot
// rename it.
func TestMove(t *testing.T) {
	for _, across := range []bool{false, true} {
		fsys := &Fail{FS: NewMem(), Hook: func(op Op) error {
			if across && strings.HasPrefix(op.Kind, "Rename") && op.Name == "/a/x" {
				return syscall.EXDEV
			}
			return nil
		}}
		put := func(name, text string) { ok(t, WriteFile(fsys, name, []byte(text), 0o644)) }
		has := func(name, want string) {
			t.Helper()
			if got, err := ReadFile(fsys, name); want == "" && !errors.Is(err, fs.ErrNotExist) || string(got) != want {
				t.Errorf("across %v: %s has %q (%v), want %q", across, name, got, err, want)
			}
		}
		ok(t, fsys.MkdirAll("/a", 0o755))
		ok(t, fsys.MkdirAll("/b", 0o755))
		put("/a/x", "1")
		ok(t, Move(fsys, "/a/x", "/b/x", true))
		has("/a/x", "")
		has("/b/x", "1")
		put("/a/x", "2")
		if err := Move(fsys, "/a/x", "/b/x", true); !errors.Is(err, fs.ErrExist) {
			t.Errorf("across %v: onto a file: %v", across, err)
		}
		has("/a/x", "2")
		ok(t, Move(fsys, "/a/x", "/b/x", false))
		has("/a/x", "")
		has("/b/x", "2")
	}
}
