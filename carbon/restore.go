package carbon

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

// ErrNotEmpty tells that a folder to restore into has whisper files already.
var ErrNotEmpty = errors.New("it is not empty")

// Restore reads a tar that Backup has written into the folder of whisper files, and makes it
// durable. No daemon may use the folder: the error wraps ErrLocked otherwise. Unless over is true
// the folder must not hold anything but what begins with a dot; the error wraps ErrNotEmpty
// otherwise. With over files of the same name are replaced, and others stay. told is called after
// each file. It does not return a nil error for a backup that is not whole.
func Restore(fsys vfs.FS, o conf.Options, r io.Reader, over bool, told func(name string, bytes int64)) (sum BackupSummary, err error) {
	place, err := takeFolder(fsys, o.LocalDataDir)
	if err != nil {
		return sum, err
	}
	defer place.Close()
	if err := mayRestore(fsys, o.LocalDataDir, over); err != nil {
		return sum, err
	}
	files, whole := 0, false
	in := tar.NewReader(r)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return sum, fmt.Errorf("cannot read the backup: %w", err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return sum, fmt.Errorf("cannot read %q of the backup: %w", h.Name, err)
		}
		if h.Name == BackupEnd {
			whole = json.Unmarshal(data, &sum) == nil
			continue
		}
		if err := restoreFile(fsys, o.LocalDataDir, h.Name, data); err != nil {
			return sum, err
		}
		if strings.HasSuffix(h.Name, naming.FileSuffix) || strings.HasSuffix(h.Name, naming.PackedSuffix) {
			files++
		}
		told(h.Name, int64(len(data)))
	}
	if !whole || files != sum.Files {
		return sum, fmt.Errorf("the backup is not whole: it has %d whisper files and %d are expected, or its end is missing", files, sum.Files)
	}
	if err := fsys.SyncFS(o.LocalDataDir); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return sum, fmt.Errorf("cannot make the files durable: %w", err)
	}
	return sum, nil
}

// mayRestore says whether a folder is empty enough.
func mayRestore(fsys vfs.FS, dir string, over bool) error {
	list, err := fsys.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !over && !strings.HasPrefix(e.Name, ".") && e.Name != "lost+found" { // which a new file system has
			return fmt.Errorf("cannot restore into %q: %w", dir, ErrNotEmpty)
		}
	}
	return nil
}

// restoreFile writes one file. A name that leads out of the folder is refused.
func restoreFile(fsys vfs.FS, dir, name string, data []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("cannot restore %q: the name leads out of the folder", name)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := fsys.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cannot restore %q: %w", name, err)
	}
	f, temp, err := vfs.CreateTemp(fsys, filepath.Dir(path), 0o644)
	if err != nil {
		return fmt.Errorf("cannot restore %q: %w", name, err)
	}
	_, err = f.WriteAt(data, 0)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = fsys.Rename(temp, path)
	}
	if err != nil {
		return fmt.Errorf("cannot restore %q: %w", name, errors.Join(err, fsys.Remove(temp)))
	}
	return nil
}

// OpenBackup opens a backup for Restore: the tar in a file, as it is, or the files in a folder that
// the command backup has made.
func OpenBackup(path string) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return os.Open(path)
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(tarFolder(w, path)) }()
	return r, nil
}

// tarFolder writes the files of a folder as Backup would, the end last.
func tarFolder(w io.Writer, dir string) error {
	t := tar.NewWriter(w)
	add := func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil {
			err = t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(rel), Size: int64(len(data)), Mode: 0o644})
		}
		if err == nil {
			_, err = t.Write(data)
		}
		return err
	}
	end := filepath.Join(dir, BackupEnd)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path == end {
			return err
		}
		return add(path)
	})
	if err == nil {
		err = add(end)
	}
	if err == nil {
		err = t.Close()
	}
	return err
}
