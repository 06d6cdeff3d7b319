package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	tempPrefix = ".graphited-"
	tempSuffix = ".tmp"
)

// IsTemp reports whether base is the base name of a temporary file of CreateTemp. A process that
// ended early may have left it behind. Walks ignore such files. One that no running process can be
// writing may be removed.
func IsTemp(base string) bool {
	return strings.HasPrefix(base, tempPrefix) && strings.HasSuffix(base, tempSuffix)
}

// CreateTemp creates an empty file in dir, open for reading and writing, with a unique name that
// IsTemp recognizes. The caller renames it to its final name or removes it.
func CreateTemp(fsys FS, dir string, perm fs.FileMode) (f File, name string, err error) {
	for range 100 {
		name = filepath.Join(dir, tempPrefix+strconv.FormatUint(rand.Uint64(), 36)+tempSuffix)
		f, err = fsys.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, name, err
}

// WriteFile replaces the named file atomically and durably by one with the given content: after a
// crash the file has its old content or the new one, and the new one once WriteFile has returned.
// It makes two syncs.
func WriteFile(fsys FS, name string, data []byte, perm fs.FileMode) error {
	f, temp, err := CreateTemp(fsys, filepath.Dir(name), perm)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		err = &fs.PathError{Op: "write", Path: temp, Err: err}
	} else if err = fsys.Rename(temp, name); err == nil {
		return fsys.SyncDir(filepath.Dir(name))
	}
	return errors.Join(err, fsys.Remove(temp))
}

// Move renames a file, also to another file system. If free is set, it never replaces another file,
// like RenameNew. To another file system it copies the file, and removes the old file when the copy
// is durable.
func Move(fsys FS, oldname, newname string, free bool) error {
	rename := fsys.Rename
	if free {
		rename = fsys.RenameNew
	}
	err := rename(oldname, newname)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	if _, err := fsys.Stat(newname); free && err == nil {
		return &fs.PathError{Op: "rename", Path: newname, Err: fs.ErrExist}
	}
	data, err := ReadFile(fsys, oldname)
	if err == nil {
		err = WriteFile(fsys, newname, data, 0o644)
	}
	if err != nil {
		return err
	}
	return fsys.Remove(oldname)
}

// maxRead is the largest size in bytes of a file that ReadFile reads.
const maxRead = math.MaxInt/4 - 1

// ReadFile returns the content of the named file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("is a directory")
	case info.Size > maxRead:
		err = fmt.Errorf("%d bytes are too many", info.Size)
	}
	var data []byte
	if err == nil {
		data = make([]byte, info.Size)
		_, err = f.ReadAt(data, 0)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}
