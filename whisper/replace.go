package whisper

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"graphited/whisper/vfs"
)

// newContent makes a file beside path out of what write puts into it, durable and closed, with the
// owner and permissions of like where that can be had. Its name is one that vfs.IsTemp knows.
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

// backUp gives the file at path a second name, path.bak, which may have been another file's.
func backUp(fsys vfs.FS, path string) error {
	bak := path + ".bak"
	if err := fsys.Remove(bak); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fsys.Link(path, bak)
}

// errChanging says that somebody else kept writing to a file that was to be replaced.
var errChanging = errors.New("it is being written to")

// replace puts another file in the place of the one open as f, atomically: a reader sees the old or
// the new. write makes the new content of what it reads from f. It is called again when the old
// file has been written to meanwhile. What is written between the last look and the rename is lost,
// unless the writer uses Options.Lock as f does.
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
