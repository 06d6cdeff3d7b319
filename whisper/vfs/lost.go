package vfs

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// LostFound reports whether a folder that could not be read because of why is the lost+found of a
// file system. Only root may read such a folder, and it contains none of our files. It is in the
// folder root, where a walk began, or at the root of any file system.
func LostFound(fsys FS, root, path string, why error) bool {
	if filepath.Base(path) != "lost+found" || !errors.Is(why, fs.ErrPermission) {
		return false
	}
	in := filepath.Dir(filepath.Clean(path))
	if in == filepath.Clean(root) {
		return true
	}
	info, err := fsys.Stat(in)
	if err != nil {
		return false
	}
	up, err := fsys.Stat(filepath.Join(in, ".."))
	return err == nil && info.Dev != up.Dev
}
