//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package vfs

import (
	"errors"
	"io/fs"
	"syscall"
)

func (f *osFile) open(name string, flag int, perm fs.FileMode) (int, error) {
	for {
		fd, err := syscall.Open(name, flag|syscall.O_CLOEXEC, uint32(perm.Perm()))
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

// RenameNew implements FS.
func (OS) RenameNew(oldname, newname string) error { return linkNew(oldname, newname) }

func fdatasync(fd int) error { return fsync(fd) }

func fallocate(int, int64, int64) error { return errors.ErrUnsupported }

func fadvise(int, Advice) error { return nil }
