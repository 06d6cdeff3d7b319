package vfs

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// open calls openat(2) with a C string in the file's own buffer: package syscall would allocate one
// for every open.
func (f *osFile) open(name string, flag int, perm fs.FileMode) (int, error) {
	if strings.IndexByte(name, 0) >= 0 {
		return -1, syscall.EINVAL
	}
	f.path = append(append(f.path[:0], name...), 0)
	cwd := unix.AT_FDCWD
	for {
		fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, uintptr(cwd), uintptr(unsafe.Pointer(&f.path[0])),
			uintptr(flag|syscall.O_CLOEXEC|unix.O_LARGEFILE), uintptr(perm.Perm()), 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case syscall.EINTR:
		default:
			return -1, errno
		}
	}
}

// RenameNew implements FS with one renameat2(2) if the file system supports it.
func (OS) RenameNew(oldname, newname string) error {
	err := unix.Renameat2(unix.AT_FDCWD, oldname, unix.AT_FDCWD, newname, unix.RENAME_NOREPLACE)
	switch err {
	case nil:
		return nil
	case syscall.EINVAL, syscall.ENOSYS, syscall.EPERM:
		return linkNew(oldname, newname)
	}
	return &os.LinkError{Op: "rename", Old: oldname, New: newname, Err: err}
}

// SyncFS implements FS with syncfs(2).
func (OS) SyncFS(name string) error {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err == nil {
		err = retry(func() error { return unix.Syncfs(fd) })
		if cerr := syscall.Close(fd); err == nil {
			err = cerr
		}
	}
	if err != nil {
		return &fs.PathError{Op: "syncfs", Path: name, Err: err}
	}
	return nil
}

func mtime(st *syscall.Stat_t) int64 { return st.Mtim.Nano() }

func fsync(fd int) error { return syscall.Fsync(fd) }

func fdatasync(fd int) error { return syscall.Fdatasync(fd) }

func fallocate(fd int, off, n int64) error {
	err := syscall.Fallocate(fd, 0, off, n)
	if err == syscall.EOPNOTSUPP || err == syscall.ENOSYS {
		return errors.ErrUnsupported
	}
	return err
}

var advices = [...]int{Normal: unix.FADV_NORMAL, Random: unix.FADV_RANDOM, Sequential: unix.FADV_SEQUENTIAL, DontNeed: unix.FADV_DONTNEED}

func fadvise(fd int, a Advice) error { return unix.Fadvise(fd, 0, 0, advices[a]) }
