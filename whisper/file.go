package whisper

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"graphited/whisper/vfs"
)

// Options are how files are made and written. The zero value is carbon's default.
type Options struct {
	Sparse        bool // Create leaves the disk space to be found when points come; otherwise zeros are written
	Fallocate     bool // Create reserves the disk space without writing it, where the file system can; wins over Sparse
	Autoflush     bool // Create and Update return only when everything is durable: a sync each
	Lock          bool // Open takes the file's exclusive flock and keeps it until Close
	FadviseRandom bool // Open tells the system not to read ahead
}

// keptBases is how many archives have their base kept between two reads of the header.
const keptBases = 5

// File is an open whisper file. It belongs to one goroutine, and to nobody after Close.
type File struct {
	h       vfs.File
	path    string
	options Options
	layout  *layout
	inode   uint64
	size    int64             // when the header was read
	whole   int64             // where the last whole slot ends: before the end of the last archive in a file that is short
	bases   [keptBases]uint32 // 0: not known, or the archive is empty
	fresh   bool              // the header has been read and not used yet

	// scratch, kept from file to file
	points    []Point
	intervals []int64
	values    []float64
	in, out   []byte
	word      [4]byte
}

// Files are recycled with their buffers, because one is opened for every update of every series.
var files = sync.Pool{New: func() any { return new(File) }}

// Open opens a file for updates and fetches. The error wraps fs.ErrNotExist or is a *CorruptError,
// among others. A file that is short at its end is no error: see File.Missing.
//
// Open reads the header, and an update or fetch reads where the rings of its archives begin;
// nothing is remembered of a file from one opening to the next. Another program may put other
// content into a file at any time, and neither the inode nor the size need change then. Nor do the
// times tell: they stand still for some milliseconds on most file systems. Costs open, fstat and
// one read.
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
		// Who had the lock may have put another file in this one's place meanwhile.
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

// newFile takes over h: it is closed when there is an error.
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

// readHeader reads what the file is now.
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

// refresh begins an update or fetch: what Open has read is good for the first one.
func (f *File) refresh() error {
	if f.fresh {
		f.fresh = false
		return nil
	}
	return f.readHeader()
}

// Spec returns what the file is made to. The archives are shared: do not change them.
func (f *File) Spec() Spec { return f.layout.Spec }

// Close closes the file and releases its lock. It makes nothing durable. The File must not be used
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

// recycle gives up the File, not what is open in it.
func (f *File) recycle() {
	const keep = 256 << 10 // larger scratch was for something rare
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

// newFileOf makes a File of an empty open file that is about to get the given layout.
func newFileOf(h vfs.File, path string, l *layout, o Options) *File {
	f := files.Get().(*File)
	f.h, f.path, f.options, f.layout, f.bases = h, path, o, l, [keptBases]uint32{}
	f.size, f.whole = l.size, l.size
	return f
}

// failed puts an error into words. A CorruptError learns its path and stays what it is.
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

// keepBase keeps a base for the rest of the update or fetch. One that is not on a step is damage,
// and the next lap of the ring may repair it.
func (f *File) keepBase(archive int, base uint32) {
	if archive < keptBases && int64(base)%f.layout.Archives[archive].Step == 0 {
		f.bases[archive] = base
	}
}
