package wal

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
)

// reader reads the records of one segment in order. It never fails: at the end its fields say how
// far it came.
type reader struct {
	src  io.ReaderAt
	size int64
	seed uint32

	buf  []byte // a part of src, starting at base
	base int64
	off  int64 // where the next record begins
	at   int64 // where the last record began

	copied  int64 // where the records end that were copied from other segments
	ended   bool  // the end record was read
	skipped int64 // bytes of skipped damaged records
	err     error // why src could not be read
}

// readAhead is how many bytes of a segment are read at once. Any record fits.
const readAhead = maxRecord + recordHead

// newReader returns a reader for a segment whose header has been checked. buf is scratch space of
// readAhead bytes, or nil.
func newReader(src io.ReaderAt, size int64, seed uint32, buf []byte) *reader {
	return &reader{src: src, size: size, seed: seed, buf: buf[:0], off: headerSize}
}

// window returns n bytes from off on, or fewer at the end. They are valid until the next call.
func (r *reader) window(off int64, n int) []byte {
	if off < r.base || off+int64(n) > r.base+int64(len(r.buf)) {
		ahead := int(max(0, min(readAhead, r.size-off)))
		if cap(r.buf) < ahead {
			r.buf = make([]byte, ahead)
		}
		r.buf = r.buf[:ahead]
		r.base = off
		m, err := r.src.ReadAt(r.buf, off)
		if err != nil && !errors.Is(err, io.EOF) {
			// Read only the n bytes needed: perhaps only the next block is bad, and some failures
			// are temporary.
			if m, err = r.src.ReadAt(r.buf[:min(n, len(r.buf))], off); err != nil && !errors.Is(err, io.EOF) {
				r.err = err
			}
		}
		r.buf = r.buf[:m]
	}
	b := r.buf[off-r.base:]
	return b[:min(n, len(b))]
}

// record returns the kind and payload of the record at off, or nil if there is none, and the offset
// at which the next record should begin, or 0 if that is unknown.
func (r *reader) record(off int64) (body []byte, next int64) {
	head := r.window(off, recordHead)
	if len(head) < recordHead {
		return nil, 0
	}
	n, crc := le.Uint32(head), le.Uint32(head[4:])
	if n == 0 || n > maxRecord {
		return nil, 0
	}
	next = off + recordHead + int64(n)
	body = r.window(off+recordHead, int(n))
	if len(body) < int(n) || crc32.Update(r.seed, castagnoli, body) != crc {
		return nil, next
	}
	return body, next
}

// next returns the kind and payload of the next record. They are valid until the following call. ok
// is false at the end.
func (r *reader) next() (kind byte, payload []byte, ok bool) {
	if r.ended {
		return 0, nil, false
	}
	at := r.off
	body, next := r.record(at)
	if body == nil && next > at {
		// If a whole record follows, the length was right.
		damaged := at
		at = next
		if body, next = r.record(at); body != nil {
			r.skipped += at - damaged
		}
	}
	if body == nil {
		return 0, nil, false
	}
	r.at, r.off = at, next
	if body[0] == kindEnd {
		r.ended = true
		return 0, nil, false
	}
	return body[0], body[1:], true
}

// wholeUntil reports whether everything before an offset can be read.
func (r *reader) wholeUntil(end int64) bool {
	if end == 0 {
		return true
	}
	c := newReader(r.src, min(end, r.size), r.seed, r.buf)
	for ok := true; ok; {
		_, _, ok = c.next()
	}
	return c.off == end && c.skipped == 0
}

// whole reports whether everything in the segment was read.
func (r *reader) whole() bool { return r.skipped == 0 && (r.ended || r.off >= r.size) }

// sealed reports whether the segment was written to its end record, even if it was damaged later.
func (r *reader) sealed() bool {
	if r.ended {
		return true
	}
	var b [endSize]byte
	if r.size < headerSize+endSize {
		return false
	}
	if _, err := r.src.ReadAt(b[:], r.size-endSize); err != nil {
		return false
	}
	return bytes.Equal(b[:], appendEnd(nil, r.seed))
}
