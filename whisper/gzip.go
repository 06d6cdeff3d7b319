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

// OpenGzip opens a whisper file that gzip has packed, for fetches only, as graphite-web reads
// *.wsp.gz. It is unpacked as it is read, which takes memory for what is asked for alone, and never
// beyond the end of the last archive that its header names. An opening may go through the file
// twice, three times where a range wraps. A file that cannot be unpacked is a *CorruptError.
func OpenGzip(fsys vfs.FS, path string) (*File, error) {
	h, err := fsys.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return newFile(&unpacked{File: h}, path, Options{})
}

// unpacked is a packed file as far as a File that only reads needs it: it has the content of the
// file that was packed. Its size is not known.
type unpacked struct {
	vfs.File // the packed one
	z        *unpacker
	pos      int64 // of what z gives next
}

// unpacker is the part of it that is worth keeping.
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

// ReadAt implements io.ReaderAt. Reading backwards begins at the beginning.
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

// packedError tells damage of a packed file from an error of the disk.
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
