package whisper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"graphited/whisper/vfs"
)

// Slot is one place in an archive as it is in the file. Time 0 is an empty one.
type Slot struct {
	Time  uint32
	Value float64
}

// Slots calls yield with each slot of an archive, in the order of the file, until it returns false.
func (f *File) Slots(archive int, yield func(i int64, s Slot) bool) error {
	a, off := f.layout.Archives[archive], f.layout.offsets[archive]
	for i := int64(0); i < a.Points; {
		n := min(a.Points-i, chunk)
		f.in = grow(f.in, int(n*pointSize))
		if _, err := f.h.ReadAt(f.in, off+i*pointSize); err != nil {
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

// Offset is where an archive begins in the file.
func (f *File) Offset(archive int) int64 { return f.layout.offsets[archive] }

// Size is the file's size when it was opened.
func (f *File) Size() int64 { return f.size }

// Health is what Verify finds in a file with a sound header.
type Health struct {
	Points    int64 // slots with a value that is in its place
	Misplaced int64 // slots that hold a time which belongs elsewhere: they are never read, and the next lap overwrites them
	NaN       int64 // values that are no number
	Extra     int64 // bytes after the last archive
}

// Verify reads a whole file. What is no sound whisper file is a *CorruptError.
func Verify(fsys vfs.FS, path string) (Health, error) {
	f, err := OpenRead(fsys, path, nil)
	if err != nil {
		return Health{}, err
	}
	h := Health{Extra: f.size - f.layout.size}
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

// Repair makes a sound file of a corrupt one where the points can be saved: a file cut short with a sound header gets its missing end as empty slots;
// a damaged header is written anew when the file has exactly the size of a file of the given spec (nil: not known).
// Other files are left as they are, and the error is the *CorruptError that Open gives. repaired is what was done, "" when there was nothing to do.
func Repair(fsys vfs.FS, path string, spec *Spec) (repaired string, err error) {
	f, err := Open(fsys, path, nil, Options{Lock: true})
	if err == nil {
		return "", f.Close()
	}
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) {
		return "", err
	}
	info, rerr := fsys.Stat(path)
	if rerr == nil && info.Size > math.MaxUint32 {
		return "", err // longer than any whisper file
	}
	var data []byte
	if rerr == nil {
		data, rerr = vfs.ReadFile(fsys, path)
	}
	if rerr != nil {
		return "", rerr
	}
	l, perr := parseHeader(data, math.MaxInt64)
	switch {
	case perr == nil && int64(len(data)) > l.offsets[0]:
		repaired = fmt.Sprintf("the last %d of %d bytes were missing", l.size-int64(len(data)), l.size)
		data = data[:int64(len(data))-(int64(len(data))-l.offsets[0])%pointSize] // a point cut in half is none
	case perr != nil && spec != nil && spec.Validate() == nil && spec.FileSize() == int64(len(data)):
		repaired = "the header was written anew"
		l = newLayout(*spec)
		l.appendHeader(data[:0])
	default:
		return "", err
	}
	temp, err := newContent(fsys, path, info, func(h vfs.File) error {
		if _, err := h.WriteAt(data, 0); err != nil {
			return err
		}
		return h.Truncate(l.size)
	})
	if err == nil {
		if err = fsys.Rename(temp, path); err != nil {
			_ = fsys.Remove(temp) // the first error is the one that counts
		}
	}
	if err != nil {
		return "", fmt.Errorf("cannot repair whisper file %q: %w", path, err)
	}
	return repaired, nil
}
