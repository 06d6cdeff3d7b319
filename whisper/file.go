package whisper

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"graphited/whisper/vfs"
)

// Options say how files are created and written. The zero value is carbon's default.
type Options struct {
	Sparse        bool // Create does not reserve the disk space; otherwise it writes zeros
	Fallocate     bool // Create reserves the disk space without writing it, if the file system can; wins over Sparse
	Autoflush     bool // Create and Update sync the file before they return
	Lock          bool // Open takes an exclusive flock on the file, which Close releases
	FadviseRandom bool // Open tells the system not to read ahead
}

// keptBases is the number of archives whose bases are kept between two reads of the header.
const keptBases = 5

// File is an open whisper file. It belongs to one goroutine, and must not be used after Close.
type File struct {
	h       vfs.File
	path    string
	options Options
	layout  *layout
	inode   uint64
	size    int64             // the size when the header was read
	whole   int64             // the end of the last complete slot, which in a short file is before the end of the last archive
	bases   [keptBases]uint32 // 0: unknown, or the archive is empty
	fresh   bool              // the header has been read and no update or fetch has used it yet

	// scratch buffers, reused for other files
	points    []Point
	intervals []int64
	values    []float64
	in, out   []byte
	word      [4]byte
}

// Files are recycled with their buffers, because every update of a series opens one.
var files = sync.Pool{New: func() any { return new(File) }}

// Open opens a file for updates and fetches. The error may wrap fs.ErrNotExist or be a
// *CorruptError, among others. A file that is short at its end is not an error: see File.Missing.
//
// Open reads the header, and an update or fetch reads where the rings of the archives begin.
// Nothing is remembered from one Open to the next, because another program may change the content
// of a file at any time. Neither the inode nor the size need change then. The times are no help: on
// most file systems they stand still for some milliseconds. Open costs an open, an fstat and one
// read.
func Open(fsys vfs.FS, path string, o Options) (*File, error) {
	for {
		h, err := fsys.Open(path, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		f, err := newFile(h, path, o)
		if err != nil {
			return nil, err
		}
		if !o.Lock {
			return f, nil
		}
		// The previous owner of the lock may have replaced the file meanwhile.
		if info, err := fsys.Stat(path); err == nil && info.Inode == f.inode {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// OpenRead opens a file for fetches only.
func OpenRead(fsys vfs.FS, path string) (*File, error) {
	h, err := fsys.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return newFile(h, path, Options{})
}

// newFile takes over h, and closes it when it returns an error.
func newFile(h vfs.File, path string, o Options) (*File, error) {
	f := files.Get().(*File)
	f.h, f.path, f.options = h, path, o
	if err := f.prepare(); err != nil {
		f.Close()
		return nil, f.failed("open", path, err)
	}
	return f, nil
}

func (f *File) prepare() error {
	if f.options.Lock {
		if err := f.h.Lock(false); err != nil {
			return err
		}
	}
	if f.options.FadviseRandom {
		if err := f.h.Fadvise(vfs.Random); err != nil {
			return err
		}
	}
	if err := f.readHeader(); err != nil {
		return err
	}
	f.fresh = true
	return nil
}

// readHeader reads the current header.
func (f *File) readHeader() error {
	info, err := f.h.Stat()
	if err != nil {
		return err
	}
	l, base, buf, err := readHeader(f.h, info.Size, f.in)
	f.in = buf
	if err != nil {
		return err
	}
	f.layout, f.inode, f.size, f.whole, f.bases = l, info.Inode, info.Size, l.whole(info.Size), [keptBases]uint32{}
	f.keepBase(0, base)
	return nil
}

// refresh begins an update or fetch. The first one uses the header that Open has read.
func (f *File) refresh() error {
	if f.fresh {
		f.fresh = false
		return nil
	}
	return f.readHeader()
}

// Spec returns the spec of the file. The archives are shared: do not change them.
func (f *File) Spec() Spec { return f.layout.Spec }

// Close closes the file and releases its lock. It does not sync the file. The File must not be used
// afterwards.
func (f *File) Close() error {
	if f.h == nil {
		return fmt.Errorf("cannot close whisper file %q: %w", f.path, os.ErrClosed)
	}
	err := f.h.Close()
	if err != nil {
		err = f.failed("close", f.path, err)
	}
	f.recycle()
	return err
}

// recycle releases the File for reuse without closing h.
func (f *File) recycle() {
	const keep = 256 << 10 // larger buffers come from rare operations
	if cap(f.in) > keep {
		f.in = nil
	}
	if cap(f.out) > keep || cap(f.points) > keep/16 {
		f.out, f.points, f.intervals = nil, nil, nil
	}
	if cap(f.values) > keep/8 {
		f.values = nil
	}
	f.h, f.layout, f.fresh = nil, nil, false
	files.Put(f)
}

// newFileOf returns a File for an empty open file that is about to get the given layout.
func newFileOf(h vfs.File, path string, l *layout, o Options) *File {
	f := files.Get().(*File)
	f.h, f.path, f.options, f.layout, f.bases = h, path, o, l, [keptBases]uint32{}
	f.size, f.whole = l.size, l.size
	return f
}

// failed wraps an error. It sets the path of a CorruptError and returns it unwrapped.
func (f *File) failed(verb, path string, err error) error {
	var corrupt *CorruptError
	if errors.As(err, &corrupt) {
		corrupt.Path = path
		return corrupt
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("cannot %s whisper file %q: %w", verb, path, err)
}

// keepBase keeps a base for the rest of the update or fetch. A base that is not a multiple of the
// step is damaged. It is not kept, because the next lap of the ring may repair it.
func (f *File) keepBase(archive int, base uint32) {
	if archive < keptBases && int64(base)%f.layout.Archives[archive].Step == 0 {
		f.bases[archive] = base
	}
}
