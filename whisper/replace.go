package whisper

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"graphited/whisper/vfs"
)

// newContent creates a file beside path and lets write write its content. It syncs and closes the
// file. The file gets the owner and permissions of like, where the system allows it, and a
// temporary name that vfs.IsTemp recognizes.
func newContent(fsys vfs.FS, path string, like vfs.Info, write func(vfs.File) error) (temp string, err error) {
	h, temp, err := vfs.CreateTemp(fsys, filepath.Dir(path), 0o644)
	if err != nil {
		return "", err
	}
	if like.Mode != 0 {
		if err = h.Chown(int(like.UID), int(like.GID)); errors.Is(err, fs.ErrPermission) {
			err = nil
		}
		if err == nil {
			err = h.Chmod(like.Mode)
		}
	}
	if err == nil {
		err = write(h)
	}
	if err == nil {
		err = h.Sync()
	}
	if cerr := h.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", errors.Join(err, fsys.Remove(temp))
	}
	return temp, nil
}

// backUp gives the file at path a second name, path.bak. An existing file of that name is removed.
func backUp(fsys vfs.FS, path string) error {
	bak := path + ".bak"
	if err := fsys.Remove(bak); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fsys.Link(path, bak)
}

// errChanging reports that somebody else kept writing to a file that was to be replaced.
var errChanging = errors.New("it is being written to")

// replace replaces the file open as f atomically: a reader sees either the old or the new file.
// write writes the new content from what it reads from f. replace calls it again when the old file
// has changed meanwhile. What is written between the last check and the rename is lost, unless the
// writer uses Options.Lock as f does.
func (f *File) replace(fsys vfs.FS, backup bool, write func(vfs.File) error) error {
	for range 5 {
		before, err := f.h.Stat()
		if err != nil {
			return err
		}
		temp, err := newContent(fsys, f.path, before, write)
		if err != nil {
			return err
		}
		after, err := f.h.Stat()
		if err == nil && after.Mtime == before.Mtime && after.Size == before.Size {
			if backup {
				err = backUp(fsys, f.path)
			}
			if err == nil {
				err = fsys.Rename(temp, f.path)
			}
			if err == nil {
				return nil
			}
		}
		if rerr := fsys.Remove(temp); err != nil || rerr != nil {
			return errors.Join(err, rerr)
		}
	}
	return fmt.Errorf("it cannot be replaced: %w", errChanging)
}
