//go:build !(linux || darwin || freebsd || windows)

package vfs

import (
	"errors"
	"io/fs"
)

// Space implements FS for systems without a supported call.
func (OS) Space(name string) (Space, error) {
	return Space{}, &fs.PathError{Op: "statfs", Path: name, Err: errors.ErrUnsupported}
}
