//go:build openbsd || dragonfly

package vfs

import "syscall"

func mtime(st *syscall.Stat_t) int64 { return st.Mtim.Nano() }

func fsync(fd int) error { return syscall.Fsync(fd) }
