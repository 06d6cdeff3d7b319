package vfs

import (
	"errors"
	"io/fs"
	"os"
)

// OS is the operating system's file system. On Linux and the BSDs its files go around Go's poller and finalizers: a file costs
// open, the reads and writes themselves and close, and no allocation. A File that is not closed is a leaked descriptor.
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

// linkNew is RenameNew by means of a second name. Between its two steps the file has both names, which harms nobody.
// File systems without links get a look before the rename, which another process may slip by.
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
