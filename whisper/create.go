package whisper

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"graphited/whisper/vfs"
)

// Create creates a file that contains the points already, and the folders above it, as
// whisper.create and update_many do. The file appears complete under its name or not at all. Create
// never replaces a file: the error wraps fs.ErrExist when path exists. A crash can leave a
// temporary file that vfs.IsTemp recognizes. Without Options.Autoflush, a power cut soon afterwards
// may leave the file short or empty.
func Create(fsys vfs.FS, path string, spec Spec, now int64, pts []Point, o Options) error {
	if err := spec.Validate(); err != nil {
		return fmt.Errorf("cannot create whisper file %q: %w", path, err)
	}
	if _, err := fsys.Stat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	dir := filepath.Dir(path)
	h, temp, err := vfs.CreateTemp(fsys, dir, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err = fsys.MkdirAll(dir, 0o755); err == nil {
			h, temp, err = vfs.CreateTemp(fsys, dir, 0o644)
		}
	}
	if err != nil {
		return err
	}
	err = fill(h, temp, newLayout(spec), now, pts, o)
	if err == nil {
		err = fsys.RenameNew(temp, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot create whisper file %q: %w", path, err), fsys.Remove(temp))
	}
	if o.Autoflush {
		return fsys.SyncDir(dir)
	}
	return nil
}

// Renew writes some parts of a file again, unchanged: the header, the first slot of each archive,
// which determines the slots of all times, and the last byte. Call it, and Update with all points
// that the file has received since it was created, after the system has lost what Create wrote. The
// next sync then makes the whole file durable. Nobody may change the file meanwhile.
func Renew(fsys vfs.FS, path string) error {
	f, err := Open(fsys, path, Options{})
	if err != nil {
		return err
	}
	l := f.layout
	err = cmp.Or(f.complete(), f.rewrite(0, l.offsets[0]))
	for _, off := range l.offsets {
		err = cmp.Or(err, f.rewrite(off, pointSize))
	}
	if err = cmp.Or(err, f.rewrite(l.size-1, 1)); err != nil {
		err = f.failed("renew", path, err)
	}
	return errors.Join(err, f.Close())
}

// rewrite reads n bytes and writes them again.
func (f *File) rewrite(off, n int64) error {
	b := make([]byte, n)
	_, err := f.h.ReadAt(b, off)
	if err == nil {
		_, err = f.h.WriteAt(b, off)
	}
	return err
}

// fill turns an empty file into a whisper file and closes it.
func fill(h vfs.File, path string, l *layout, now int64, pts []Point, o Options) error {
	f := newFileOf(h, path, l, o)
	err := f.format(o)
	if err == nil {
		err = f.update(now, pts)
	}
	if err == nil && o.Autoflush {
		err = f.h.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// format writes the header and gives the file its size: by reserving the space, as a sparse file,
// or by writing zeros.
func (f *File) format(o Options) error {
	l := f.layout
	f.out = l.appendHeader(f.out[:0])
	if o.Fallocate {
		err := f.h.Fallocate(0, l.size)
		if err == nil {
			return f.write(f.out, 0)
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if o.Sparse {
		if err := f.h.Truncate(l.size); err != nil {
			return err
		}
		return f.write(f.out, 0)
	}
	if err := f.write(f.out, 0); err != nil {
		return err
	}
	for off := int64(len(f.out)); off < l.size; {
		n, err := f.h.WriteAt(zeros[:min(l.size-off, int64(len(zeros)))], off)
		if err != nil {
			return err
		}
		off += int64(n)
	}
	return nil
}

// zeros is written in one piece. It never changes.
var zeros [128 << 10]byte
