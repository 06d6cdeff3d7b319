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

// File is an open whisper file. It belongs to one goroutine, and to nobody after Close.
type File struct {
	h       vfs.File
	path    string
	options Options
	layout  *layout
	memo    *Memo // the caller's, or &own
	own     Memo
	size    int64 // as of Open

	// scratch, kept from file to file
	points    []Point
	intervals []int64
	values    []float64
	in, out   []byte
	word      [4]byte
}

// Files are recycled with their buffers, because one is opened for every update of every series.
var files = sync.Pool{New: func() any { return new(File) }}

// Open opens a file for updates and fetches. memo may be nil; otherwise it is the caller's note of this path, believed as far as it is fresh
// and brought up to date in place. Costs open and fstat, and one read when the memo does not know the header.
// The error wraps fs.ErrNotExist or is a *CorruptError, among others.
func Open(fsys vfs.FS, path string, memo *Memo, o Options) (*File, error) {
	for {
		h, err := fsys.Open(path, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		f, err := newFile(h, path, memo, o)
		if err != nil {
			return nil, err
		}
		if !o.Lock {
			return f, nil
		}
		// Who had the lock may have put another file in this one's place meanwhile.
		if info, err := fsys.Stat(path); err == nil && info.Inode == f.memo.inode {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// OpenRead opens a file for fetches only. memo is as for Open; a goroutine that reads beside a writer needs a memo of its own, or none.
func OpenRead(fsys vfs.FS, path string, memo *Memo) (*File, error) {
	h, err := fsys.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return newFile(h, path, memo, Options{})
}

// newFile takes over h: it is closed when there is an error.
func newFile(h vfs.File, path string, memo *Memo, o Options) (*File, error) {
	f := files.Get().(*File)
	f.h, f.path, f.options, f.memo = h, path, o, memo
	if memo == nil {
		f.own = Memo{}
		f.memo = &f.own
	}
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
	info, err := f.h.Stat()
	if err != nil {
		return err
	}
	f.size = info.Size
	if f.memo.fits(info) {
		f.layout = f.memo.layout
		return nil
	}
	*f.memo = Memo{inode: info.Inode}
	return f.readHeader()
}

func (f *File) readHeader() error {
	l, base, buf, err := readHeader(f.h, f.size, f.in)
	f.in = buf
	*f.memo = Memo{layout: l, inode: f.memo.inode}
	if err != nil {
		return err
	}
	f.layout = l
	f.keepBase(0, base)
	return nil
}

// refresh reads the header again when the memo has grown old. Update and Fetch begin with it, since only they know what time it is.
func (f *File) refresh(now int64) error {
	if f.memo.layout != nil && f.memo.fresh(now) {
		return nil
	}
	if err := f.readHeader(); err != nil {
		return err
	}
	f.memo.read = uint32(now)
	return nil
}

// Spec returns what the file is made to. The archives are shared: do not change them.
func (f *File) Spec() Spec { return f.layout.Spec }

// Memo returns what is worth remembering of the file: the memo given to Open, or a new one. It is valid after Close.
func (f *File) Memo() *Memo {
	if f.memo != &f.own {
		return f.memo
	}
	m := f.own
	return &m
}

// Close closes the file and releases its lock. It makes nothing durable. The File must not be used afterwards.
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
	f.h, f.layout, f.memo = nil, nil, nil
	files.Put(f)
}

// newFileOf makes a File of an empty open file that is about to get the given layout.
func newFileOf(h vfs.File, path string, l *layout, o Options) *File {
	f := files.Get().(*File)
	f.h, f.path, f.options, f.layout = h, path, o, l
	f.own = Memo{layout: l}
	f.memo = &f.own
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
