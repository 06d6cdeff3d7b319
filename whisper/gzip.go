package whisper

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"

	"graphited/whisper/vfs"
)

// OpenGzip opens a whisper file packed by gzip, for fetches only, as graphite-web reads *.wsp.gz.
// The file is unpacked while it is read, so only the requested values take memory. Nothing behind
// the last archive in the header is read. The file may be read twice, or three times where a range
// wraps. A file that cannot be unpacked causes a *CorruptError.
func OpenGzip(fsys vfs.FS, path string) (*File, error) {
	h, err := fsys.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return newFile(&unpacked{File: h}, path, Options{})
}

// unpacked implements the part of vfs.File that a File needs for reading. Its content is that of
// the unpacked file. Its size is not known.
type unpacked struct {
	vfs.File // the packed one
	z        *unpacker
	pos      int64 // of the next byte that z returns
}

// unpacker is the part of unpacked that is worth reusing.
type unpacker struct {
	packed *bufio.Reader
	gzip   gzip.Reader
}

var unpackers = sync.Pool{New: func() any { return &unpacker{packed: bufio.NewReaderSize(nil, 16<<10)} }}

// Stat implements vfs.File.
func (u *unpacked) Stat() (vfs.Info, error) {
	info, err := u.File.Stat()
	info.Size = math.MaxInt64
	return info, err
}

// ReadAt implements io.ReaderAt. To read backwards, it starts again at the beginning.
func (u *unpacked) ReadAt(p []byte, off int64) (n int, err error) {
	if u.z == nil || off < u.pos {
		err = u.rewind()
	}
	for err == nil && u.pos < off {
		var k int64
		k, err = io.CopyN(io.Discard, &u.z.gzip, off-u.pos)
		u.pos += k
	}
	for err == nil && n < len(p) {
		var k int
		k, err = u.z.gzip.Read(p[n:])
		n += k
	}
	u.pos += int64(n)
	if n == len(p) || err == io.EOF {
		return n, eofIfShort(n, p)
	}
	return n, packedError(err)
}

func eofIfShort(n int, p []byte) error {
	if n < len(p) {
		return io.EOF
	}
	return nil
}

func (u *unpacked) rewind() error {
	info, err := u.File.Stat()
	if err != nil {
		return err
	}
	if u.z == nil {
		u.z = unpackers.Get().(*unpacker)
	}
	u.pos = 0
	u.z.packed.Reset(io.NewSectionReader(u.File, 0, info.Size))
	if err = u.z.gzip.Reset(u.z.packed); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// packedError returns a CorruptError for a damaged packed file, and other errors, such as those of
// the disk, unchanged.
func packedError(err error) error {
	var damage flate.CorruptInputError
	for _, e := range [...]error{gzip.ErrHeader, gzip.ErrChecksum, io.ErrUnexpectedEOF} {
		if errors.Is(err, e) {
			return &CorruptError{Reason: fmt.Sprintf("it cannot be unpacked: %v", err)}
		}
	}
	if errors.As(err, &damage) {
		return &CorruptError{Reason: fmt.Sprintf("it cannot be unpacked: %v", err)}
	}
	return err
}

// Close implements vfs.File.
func (u *unpacked) Close() error {
	if u.z != nil {
		u.z.packed.Reset(nil)
		unpackers.Put(u.z)
		u.z = nil
	}
	return u.File.Close()
}
