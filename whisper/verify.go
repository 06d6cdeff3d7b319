package whisper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"graphited/whisper/vfs"
)

// Slot is one slot of an archive as it is in the file. Time 0 means that it is empty.
type Slot struct {
	Time  uint32
	Value float64
}

// Slots calls yield with each slot of an archive, in the order of the file, until yield returns
// false.
func (f *File) Slots(archive int, yield func(i int64, s Slot) bool) error {
	a, off := f.layout.Archives[archive], f.layout.offsets[archive]
	for i := int64(0); i < a.Points; {
		n := min(a.Points-i, chunk)
		f.in = grow(f.in, int(n*pointSize))
		if err := f.readSlots(f.in, off+i*pointSize); err != nil {
			return f.failed("read", f.path, err)
		}
		for k := range n {
			p := f.in[k*pointSize:]
			if !yield(i+k, Slot{binary.BigEndian.Uint32(p), math.Float64frombits(binary.BigEndian.Uint64(p[4:]))}) {
				return nil
			}
		}
		i += n
	}
	return nil
}

// Offset returns the position of an archive in the file.
func (f *File) Offset(archive int) int64 { return f.layout.offsets[archive] }

// Size returns the file's size when its header was read.
func (f *File) Size() int64 { return f.size }

// Health is the result of Verify for a file with a sound header.
type Health struct {
	Points    int64 // slots whose value is in its place
	Misplaced int64 // slots with a time that belongs elsewhere: nobody reads them, and the next lap overwrites them
	NaN       int64 // values that are NaN
	Extra     int64 // bytes after the last archive
	Missing   int64 // bytes missing at the end: those slots are empty
}

// Verify reads and checks a whole file. A file that is not a sound whisper file causes a
// *CorruptError.
func Verify(fsys vfs.FS, path string) (Health, error) {
	f, err := OpenRead(fsys, path)
	if err != nil {
		return Health{}, err
	}
	h := Health{Extra: max(f.size-f.layout.size, 0), Missing: f.Missing()}
	for i, a := range f.Spec().Archives {
		base := int64(0)
		err = errors.Join(err, f.Slots(i, func(k int64, s Slot) bool {
			t := int64(s.Time)
			if k == 0 {
				base = t
			}
			switch {
			case t == 0:
			case t%a.Step != 0 || base == 0 || a.slot(base, t) != k:
				h.Misplaced++
			default:
				h.Points++
				if s.Value != s.Value {
					h.NaN++
				}
			}
			return true
		}))
	}
	return h, errors.Join(err, f.Close())
}

// Repair repairs a file whose points can be saved. A file that is short at its end gets its missing
// slots, empty. A damaged header is written again if the file has exactly the size of a file with
// the given spec (nil: not known). Other damaged files are not changed, and the error is the
// *CorruptError that Open returns. repaired says what was done. It is "" when there was nothing to
// do.
func Repair(fsys vfs.FS, path string, spec *Spec) (repaired string, err error) {
	f, err := Open(fsys, path, Options{Lock: true})
	var corrupt *CorruptError
	switch {
	case err == nil:
		return f.repair()
	case errors.As(err, &corrupt) && spec != nil && spec.Validate() == nil:
		return repairHeader(fsys, path, newLayout(*spec), err)
	}
	return "", err
}

// repair completes a short file and closes it.
func (f *File) repair() (repaired string, err error) {
	if n := f.Missing(); n > 0 {
		repaired = fmt.Sprintf("the last %d of %d bytes were missing", n, f.layout.size)
		if err = f.complete(); err == nil {
			err = f.h.Sync()
		}
		if err != nil {
			repaired, err = "", f.failed("repair", f.path, err)
		}
	}
	return repaired, errors.Join(err, f.Close())
}

// repairHeader replaces a file by one with a new header, if the file has the right size. Otherwise
// it returns why.
func repairHeader(fsys vfs.FS, path string, l *layout, why error) (repaired string, err error) {
	info, err := fsys.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size != l.size {
		return "", why
	}
	data, err := vfs.ReadFile(fsys, path)
	if err != nil {
		return "", err
	}
	if int64(len(data)) != l.size {
		return "", why
	}
	l.appendHeader(data[:0])
	temp, err := newContent(fsys, path, info, func(h vfs.File) error {
		_, err := h.WriteAt(data, 0)
		return err
	})
	if err == nil {
		if err = fsys.Rename(temp, path); err != nil {
			_ = fsys.Remove(temp) // the first error is the one that counts
		}
	}
	if err != nil {
		return "", fmt.Errorf("cannot repair whisper file %q: %w", path, err)
	}
	return "the header was written again", nil
}
