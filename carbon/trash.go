package carbon

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"graphited/whisper/vfs"
)

const (
	trashFolder   = ".trash"           // below the whisper files; no metric's name leads into it
	trashStamp    = "20060102T150405Z" // of the folders in it, one for each removal
	trashInterval = time.Hour          // between two looks for folders that are old enough to go for good
)

// trash is a folder for the files of one removal. Below it they have the paths that they had
// before, so that moving it back restores them.
type trash struct {
	fsys    vfs.FS
	root    string // of the whisper files
	folder  string
	emptied map[string]bool // folders from which something was taken
}

func newTrash(fsys vfs.FS, root string, now time.Time) *trash {
	return &trash{fsys: fsys, root: root, folder: filepath.Join(root, trashFolder, now.UTC().Format(trashStamp)), emptied: map[string]bool{}}
}

// take moves a file, whose path below the whisper files is given, to the trash; false when there is
// none. Of two that were removed within a second under the same name the later one stays.
func (t *trash) take(path string) (bool, error) {
	from, to := filepath.Join(t.root, filepath.FromSlash(path)), filepath.Join(t.folder, filepath.FromSlash(path))
	err := vfs.Move(t.fsys, from, to, false)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := t.fsys.Stat(from); errors.Is(gone, fs.ErrNotExist) {
			return false, nil
		}
		if err = t.fsys.MkdirAll(filepath.Dir(to), 0o755); err == nil {
			err = vfs.Move(t.fsys, from, to, false)
		}
	}
	if err != nil {
		return false, err
	}
	t.emptied[filepath.Dir(from)] = true
	return true, nil
}

// tidy removes the folders that have become empty.
func (t *trash) tidy() {
	for dir := range t.emptied {
		for ; dir != t.root; dir = filepath.Dir(dir) {
			// Looking first keeps a symbolic link that leads to a folder with something in it.
			if left, err := t.fsys.ReadDir(dir); err != nil || len(left) > 0 || t.fsys.Remove(dir) != nil {
				break
			}
		}
	}
}

// emptyTrash removes for good what was removed before a time. What does not look like one of our
// folders stays.
func emptyTrash(fsys vfs.FS, root string, before time.Time) (files int, err error) {
	top := filepath.Join(root, trashFolder)
	folders, err := fsys.ReadDir(top)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return 0, err
	}
	for _, e := range folders {
		if at, err := time.Parse(trashStamp, e.Name); err != nil || !at.Before(before) || !e.Type.IsDir() {
			continue
		}
		n, failed := removeAll(fsys, filepath.Join(top, e.Name))
		files += n
		err = errors.Join(err, failed)
	}
	return files, err
}

// removeAll removes a folder and all that is in it. It follows no symbolic links.
func removeAll(fsys vfs.FS, dir string) (files int, err error) {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name)
		if e.Type.IsDir() {
			var n int
			n, err = removeAll(fsys, path)
			files += n
		} else if err = fsys.Remove(path); err == nil {
			files++
		}
		if err != nil {
			return files, err
		}
	}
	return files, fsys.Remove(dir)
}
