//go:build linux || darwin || freebsd

package vfs

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// Space implements FS with statfs(2).
func (OS) Space(name string) (Space, error) {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Statfs(name, &st) }); err != nil {
		return Space{}, &fs.PathError{Op: "statfs", Path: name, Err: err}
	}
	block := uint64(st.Bsize)
	return Space{
		Free: uint64(max(0, st.Bavail)) * block, Total: uint64(st.Blocks) * block,
		FreeFiles: uint64(max(0, st.Ffree)), TotalFiles: uint64(st.Files),
	}, nil
}
