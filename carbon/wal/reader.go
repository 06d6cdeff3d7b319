package wal

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
)

// reader reads the records of one segment in order. It never fails: it ends, and tells how far it came.
type reader struct {
	src  io.ReaderAt
	size int64
	seed uint32

	buf  []byte // a part of src, from base on
	base int64
	off  int64 // where the next record begins
	at   int64 // where the last record began

	copied  int64 // where the records end that were copied from other segments
	ended   bool  // the end record was read
	skipped int64 // bytes of damaged records that were stepped over
	err     error // what kept src from being read
}

// readAhead is how much of a segment is read at once: any record fits in.
const readAhead = maxRecord + recordHead

// newReader begins to read a segment whose header has been checked. buf is scratch of readAhead bytes, or nil.
func newReader(src io.ReaderAt, size int64, seed uint32, buf []byte) *reader {
	return &reader{src: src, size: size, seed: seed, buf: buf[:0], off: headerSize}
}

// window returns n bytes from off on, fewer at the end. They are valid until the next call.
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
			// Once more: the next block may be all that is wrong, and some failures pass.
			if m, err = r.src.ReadAt(r.buf[:min(n, len(r.buf))], off); err != nil && !errors.Is(err, io.EOF) {
				r.err = err
			}
		}
		r.buf = r.buf[:m]
	}
	b := r.buf[off-r.base:]
	return b[:min(n, len(b))]
}

// record returns kind and payload of the record at off, nil when there is none, and in both cases where the next one should begin, 0 when that cannot be told.
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

// next returns the next record's kind and payload, valid until the call after; ok is false at the end.
func (r *reader) next() (kind byte, payload []byte, ok bool) {
	if r.ended {
		return 0, nil, false
	}
	at := r.off
	body, next := r.record(at)
	if body == nil && next > at {
		// Its length may be right. The record behind it tells.
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

// wholeUntil says whether everything before an offset can be read.
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

// whole says whether everything in the segment was read.
func (r *reader) whole() bool { return r.skipped == 0 && (r.ended || r.off >= r.size) }

// sealed says whether the segment was ended in order, whatever may have happened to it since.
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
