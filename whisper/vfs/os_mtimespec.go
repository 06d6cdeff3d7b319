//go:build freebsd || netbsd

package vfs

import "syscall"

func mtime(st *syscall.Stat_t) int64 { return st.Mtimespec.Nano() }

func fsync(fd int) error { return syscall.Fsync(fd) }
