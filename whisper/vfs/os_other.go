//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package vfs

import (
	"errors"
	"io/fs"
	"os"
)

// osFile is an *os.File, for systems on which we make no system calls ourselves.
type osFile struct{ *os.File }

// Open implements FS.
func (OS) Open(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Stat implements FS.
func (o OS) Stat(name string) (Info, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return Info{}, err
	}
	if fi.IsDir() {
		return Info{Size: fi.Size(), Mtime: fi.ModTime().UnixNano(), Mode: fi.Mode()}, nil
	}
	f, err := o.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	return f.Stat()
}

// RenameNew implements FS.
func (OS) RenameNew(oldname, newname string) error { return linkNew(oldname, newname) }

// SyncDir implements FS. Folders cannot be synced on these systems.
func (OS) SyncDir(string) error { return nil }

// Stat implements File.
func (f osFile) Stat() (Info, error) {
	fi, err := f.File.Stat()
	if err != nil {
		return Info{}, err
	}
	dev, inode := identity(f.File)
	return Info{Size: fi.Size(), Dev: dev, Inode: inode, Mtime: fi.ModTime().UnixNano(), Links: 1, Mode: fi.Mode()}, nil
}

// Fallocate implements File.
func (f osFile) Fallocate(int64, int64) error { return errors.ErrUnsupported }

// SyncData implements File.
func (f osFile) SyncData() error { return f.Sync() }

// Fadvise implements File.
func (f osFile) Fadvise(Advice) error { return nil }

// Chown implements File. Files have no owners on these systems.
func (f osFile) Chown(int, int) error { return nil }
