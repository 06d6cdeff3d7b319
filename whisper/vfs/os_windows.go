package vfs

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

func identity(f *os.File) (dev, inode uint64) {
	var fi windows.ByHandleFileInformation
	if windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &fi) != nil {
		return 0, 0
	}
	return uint64(fi.VolumeSerialNumber), uint64(fi.FileIndexHigh)<<32 | uint64(fi.FileIndexLow)
}

// Lock implements File.
func (f osFile) Lock(shared bool) error { return f.lock(shared, 0) }

// TryLock implements File.
func (f osFile) TryLock(shared bool) (bool, error) {
	err := f.lock(shared, windows.LOCKFILE_FAIL_IMMEDIATELY)
	if err == windows.ERROR_LOCK_VIOLATION {
		return false, nil
	}
	return err == nil, err
}

// lock locks a byte at the largest offset: locks are mandatory on this system and must not block
// readers.
func (f osFile) lock(shared bool, flags uint32) error {
	if !shared {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: math.MaxUint32 - 1, OffsetHigh: math.MaxInt32})
}
