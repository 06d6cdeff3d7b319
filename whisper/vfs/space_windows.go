package vfs

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// Space implements FS.
func (OS) Space(name string) (Space, error) {
	var s Space
	path, err := windows.UTF16PtrFromString(name)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(path, &s.Free, &s.Total, nil)
	}
	if err != nil {
		return Space{}, &fs.PathError{Op: "statfs", Path: name, Err: err}
	}
	return s, nil
}
