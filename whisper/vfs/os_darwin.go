package vfs

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func mtime(st *syscall.Stat_t) int64 { return st.Mtimespec.Nano() }

// fsync asks the drive to flush its cache, which fsync(2) alone does not do on this system.
func fsync(fd int) error {
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_FULLFSYNC, 0); err == nil {
		return nil
	}
	return syscall.Fsync(fd)
}
