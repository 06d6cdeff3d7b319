package vfs

import (
	"io/fs"
	"sync/atomic"
)

// Op is one operation on a file system or an open file, as a Hook sees it.
type Op struct {
	N    int64  // the number of operations so far, including this one
	Kind string // the method's name: "Open", "WriteAt", ...
	Name string // the file's name, the old one if there are two
}

// Fail is a file system in which a test makes operations fail. It may be used by many goroutines if
// its Hook may.
type Fail struct {
	FS    FS             // the file system that does the work
	Hook  func(Op) error // called before each operation, which fails with its error; may be nil. Close closes the file even if it fails
	Short bool           // a WriteAt that fails writes the first half of its bytes

	ops atomic.Int64
}

// FailNth returns a Fail whose n-th operation, counted from 1, fails with err. If forever is set,
// all later operations fail, too.
func FailNth(fsys FS, n int64, forever bool, err error) *Fail {
	return &Fail{FS: fsys, Hook: func(op Op) error {
		if op.N == n || forever && op.N > n {
			return err
		}
		return nil
	}}
}

// Ops returns the number of operations so far.
func (f *Fail) Ops() int64 { return f.ops.Load() }

// check counts an operation and calls the hook.
func (f *Fail) check(kind, name string) error {
	n := f.ops.Add(1)
	if f.Hook == nil {
		return nil
	}
	return f.Hook(Op{N: n, Kind: kind, Name: name})
}

func (f *Fail) named(kind, name string) error {
	if err := f.check(kind, name); err != nil {
		return &fs.PathError{Op: kind, Path: name, Err: err}
	}
	return nil
}

// Open implements FS.
func (f *Fail) Open(name string, flag int, perm fs.FileMode) (File, error) {
	if err := f.named("Open", name); err != nil {
		return nil, err
	}
	h, err := f.FS.Open(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &failFile{f, h, name}, nil
}

// Stat implements FS.
func (f *Fail) Stat(name string) (Info, error) {
	if err := f.named("Stat", name); err != nil {
		return Info{}, err
	}
	return f.FS.Stat(name)
}

// ReadDir implements FS.
func (f *Fail) ReadDir(name string) ([]Entry, error) {
	if err := f.named("ReadDir", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name)
}

// MkdirAll implements FS.
func (f *Fail) MkdirAll(name string, perm fs.FileMode) error {
	if err := f.named("MkdirAll", name); err != nil {
		return err
	}
	return f.FS.MkdirAll(name, perm)
}

// Rename implements FS.
func (f *Fail) Rename(oldname, newname string) error {
	if err := f.named("Rename", oldname); err != nil {
		return err
	}
	return f.FS.Rename(oldname, newname)
}

// RenameNew implements FS.
func (f *Fail) RenameNew(oldname, newname string) error {
	if err := f.named("RenameNew", oldname); err != nil {
		return err
	}
	return f.FS.RenameNew(oldname, newname)
}

// Link implements FS.
func (f *Fail) Link(oldname, newname string) error {
	if err := f.named("Link", oldname); err != nil {
		return err
	}
	return f.FS.Link(oldname, newname)
}

// Remove implements FS.
func (f *Fail) Remove(name string) error {
	if err := f.named("Remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// SyncDir implements FS.
func (f *Fail) SyncDir(name string) error {
	if err := f.named("SyncDir", name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

// SyncFS implements FS.
func (f *Fail) SyncFS(name string) error {
	if err := f.named("SyncFS", name); err != nil {
		return err
	}
	return f.FS.SyncFS(name)
}

// Space implements FS.
func (f *Fail) Space(name string) (Space, error) {
	if err := f.named("Space", name); err != nil {
		return Space{}, err
	}
	return f.FS.Space(name)
}

type failFile struct {
	fail *Fail
	h    File
	name string
}

func (f *failFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fail.check("ReadAt", f.name); err != nil {
		return 0, err
	}
	return f.h.ReadAt(p, off)
}

func (f *failFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fail.check("WriteAt", f.name); err != nil {
		n := 0
		if f.fail.Short {
			n, _ = f.h.WriteAt(p[:len(p)/2], off) // the injected error is returned
		}
		return n, err
	}
	return f.h.WriteAt(p, off)
}

func (f *failFile) Stat() (Info, error) {
	if err := f.fail.check("Stat", f.name); err != nil {
		return Info{}, err
	}
	return f.h.Stat()
}

func (f *failFile) Truncate(size int64) error {
	if err := f.fail.check("Truncate", f.name); err != nil {
		return err
	}
	return f.h.Truncate(size)
}

func (f *failFile) Fallocate(off, n int64) error {
	if err := f.fail.check("Fallocate", f.name); err != nil {
		return err
	}
	return f.h.Fallocate(off, n)
}

func (f *failFile) Sync() error {
	if err := f.fail.check("Sync", f.name); err != nil {
		return err
	}
	return f.h.Sync()
}

func (f *failFile) SyncData() error {
	if err := f.fail.check("SyncData", f.name); err != nil {
		return err
	}
	return f.h.SyncData()
}

func (f *failFile) Lock(shared bool) error {
	if err := f.fail.check("Lock", f.name); err != nil {
		return err
	}
	return f.h.Lock(shared)
}

func (f *failFile) TryLock(shared bool) (bool, error) {
	if err := f.fail.check("TryLock", f.name); err != nil {
		return false, err
	}
	return f.h.TryLock(shared)
}

func (f *failFile) Fadvise(a Advice) error {
	if err := f.fail.check("Fadvise", f.name); err != nil {
		return err
	}
	return f.h.Fadvise(a)
}

func (f *failFile) Chmod(mode fs.FileMode) error {
	if err := f.fail.check("Chmod", f.name); err != nil {
		return err
	}
	return f.h.Chmod(mode)
}

func (f *failFile) Chown(uid, gid int) error {
	if err := f.fail.check("Chown", f.name); err != nil {
		return err
	}
	return f.h.Chown(uid, gid)
}

func (f *failFile) Close() error {
	err := f.fail.check("Close", f.name)
	if cerr := f.h.Close(); err == nil {
		err = cerr
	}
	return err
}
