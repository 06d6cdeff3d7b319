//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package vfs

import "os"

func identity(*os.File) (dev, inode uint64) { return 0, 0 }

// Lock implements File. These systems have no locks.
func (f osFile) Lock(bool) error { return nil }

// TryLock implements File. These systems have no locks.
func (f osFile) TryLock(bool) (bool, error) { return true, nil }
