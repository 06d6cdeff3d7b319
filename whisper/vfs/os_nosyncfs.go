//go:build !linux

package vfs

import (
	"errors"
	"io/fs"
)

// SyncFS implements FS for systems whose call does not report whether it worked.
func (OS) SyncFS(name string) error {
	return &fs.PathError{Op: "syncfs", Path: name, Err: errors.ErrUnsupported}
}
