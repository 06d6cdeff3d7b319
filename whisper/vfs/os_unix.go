//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package vfs

import (
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// osFile is a file descriptor. Reads and writes are plain blocking system calls: regular files are
// always ready, so the poller would not help.
type osFile struct {
	fd   int
	path []byte // scratch space for the name as a C string
}

// osFiles recycles Files because every update of every series opens one.
var osFiles = sync.Pool{New: func() any { return &osFile{fd: -1} }}

// Open implements FS.
func (OS) Open(name string, flag int, perm fs.FileMode) (File, error) {
	f := osFiles.Get().(*osFile)
	fd, err := f.open(name, flag, perm)
	if err != nil {
		osFiles.Put(f)
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f.fd = fd
	return f, nil
}

// Stat implements FS.
func (OS) Stat(name string) (Info, error) {
	var st syscall.Stat_t
	if err := retry(func() error { return syscall.Stat(name, &st) }); err != nil {
		return Info{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return infoOf(&st), nil
}

// SyncDir implements FS.
func (OS) SyncDir(name string) error {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err == nil {
		err = syscall.Fsync(fd)
		if cerr := syscall.Close(fd); err == nil {
			err = cerr
		}
	}
	if err != nil {
		return &fs.PathError{Op: "sync", Path: name, Err: err}
	}
	return nil
}

// ReadAt implements File.
func (f *osFile) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := syscall.Pread(f.fd, p[done:], off+int64(done))
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return done, err
		case n == 0:
			return done, io.EOF
		default:
			done += n
		}
	}
	return done, nil
}

// WriteAt implements File.
func (f *osFile) WriteAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := syscall.Pwrite(f.fd, p[done:], off+int64(done))
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return done, err
		case n == 0:
			return done, io.ErrShortWrite
		default:
			done += n
		}
	}
	return done, nil
}

// Stat implements File.
func (f *osFile) Stat() (Info, error) {
	var st syscall.Stat_t
	for {
		err := syscall.Fstat(f.fd, &st)
		if err == nil {
			return infoOf(&st), nil
		}
		if err != syscall.EINTR {
			return Info{}, err
		}
	}
}

// Truncate implements File.
func (f *osFile) Truncate(size int64) error {
	return retry(func() error { return syscall.Ftruncate(f.fd, size) })
}

// Sync implements File.
func (f *osFile) Sync() error { return retry(func() error { return fsync(f.fd) }) }

// SyncData implements File.
func (f *osFile) SyncData() error { return retry(func() error { return fdatasync(f.fd) }) }

// Fallocate implements File.
func (f *osFile) Fallocate(off, n int64) error {
	return retry(func() error { return fallocate(f.fd, off, n) })
}

// Lock implements File.
func (f *osFile) Lock(shared bool) error {
	return retry(func() error { return syscall.Flock(f.fd, lockMode(shared)) })
}

// TryLock implements File.
func (f *osFile) TryLock(shared bool) (bool, error) {
	err := retry(func() error { return syscall.Flock(f.fd, lockMode(shared)|syscall.LOCK_NB) })
	if err == syscall.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

func lockMode(shared bool) int {
	if shared {
		return syscall.LOCK_SH
	}
	return syscall.LOCK_EX
}

// Fadvise implements File.
func (f *osFile) Fadvise(a Advice) error { return fadvise(f.fd, a) }

// Chmod implements File.
func (f *osFile) Chmod(mode fs.FileMode) error {
	m := uint32(mode.Perm())
	for _, b := range specialBits {
		if mode&b.mode != 0 {
			m |= b.bit
		}
	}
	return retry(func() error { return syscall.Fchmod(f.fd, m) })
}

// Chown implements File.
func (f *osFile) Chown(uid, gid int) error {
	return retry(func() error { return syscall.Fchown(f.fd, uid, gid) })
}

// Close implements File. The descriptor is closed whatever close(2) returns, so Close never tries
// again.
func (f *osFile) Close() error {
	fd := f.fd
	if fd < 0 {
		return fs.ErrClosed
	}
	f.fd = -1
	osFiles.Put(f)
	return syscall.Close(fd)
}

// retry repeats a call while a signal interrupts it.
func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}

var specialBits = [...]struct {
	mode fs.FileMode
	bit  uint32
}{{fs.ModeSetuid, syscall.S_ISUID}, {fs.ModeSetgid, syscall.S_ISGID}, {fs.ModeSticky, syscall.S_ISVTX}}

func infoOf(st *syscall.Stat_t) Info {
	mode := fs.FileMode(st.Mode & 0o777)
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
	case syscall.S_IFDIR:
		mode |= fs.ModeDir
	case syscall.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	for _, b := range specialBits {
		if uint32(st.Mode)&b.bit != 0 {
			mode |= b.mode
		}
	}
	return Info{
		Size: int64(st.Size), Disk: int64(st.Blocks) * 512, Inode: uint64(st.Ino), Dev: uint64(st.Dev), Mtime: mtime(st), Links: uint64(st.Nlink),
		UID: st.Uid, GID: st.Gid, Mode: mode,
	}
}
