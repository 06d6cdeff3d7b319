package vfs

import (
	"errors"
	"io/fs"
	"os"
)

// OS is the operating system's file system. On Linux and the BSDs its files bypass Go's poller and
// finalizers: using a file costs the system calls to open, read, write and close it, and no
// allocation. A File that is not closed leaks its descriptor.
type OS struct{}

// ReadDir implements FS.
func (OS) ReadDir(name string) ([]Entry, error) {
	list, err := os.ReadDir(name)
	entries := make([]Entry, len(list))
	for i, e := range list {
		entries[i] = Entry{Name: e.Name(), Type: e.Type()}
	}
	return entries, err
}

// MkdirAll implements FS.
func (OS) MkdirAll(name string, perm fs.FileMode) error { return os.MkdirAll(name, perm) }

// Rename implements FS.
func (OS) Rename(oldname, newname string) error { return os.Rename(oldname, newname) }

// Link implements FS.
func (OS) Link(oldname, newname string) error { return os.Link(oldname, newname) }

// Remove implements FS.
func (OS) Remove(name string) error { return os.Remove(name) }

// linkNew implements RenameNew by means of a second name. Between its two steps the file has both
// names, which is harmless. On file systems without links it checks whether the name exists and
// renames, which is not atomic.
func linkNew(oldname, newname string) error {
	err := os.Link(oldname, newname)
	switch {
	case err == nil:
		return os.Remove(oldname)
	case errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist):
		return err
	}
	if _, serr := os.Lstat(newname); serr == nil {
		return &fs.PathError{Op: "rename", Path: newname, Err: fs.ErrExist}
	}
	return os.Rename(oldname, newname)
}
