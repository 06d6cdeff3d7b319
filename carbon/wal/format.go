package wal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	magic      = "GWAL"
	version    = 1
	headerSize = 40
	identity   = 28 // bytes of the header that identify the segment: the crc of each record starts with theirs
	page       = 4096
	recordHead = 8       // length and crc
	maxRecord  = 1 << 20 // bytes that may follow a record's head
	endSize    = recordHead + 1

	segmentSuffix = ".wal"
	corruptSuffix = ".corrupt" // appended to the name of a damaged segment
	partialSuffix = ".part"    // appended to the name of a segment that is being copied from others
	maxSeq        = 1 << 31    // limited by the 32 bits of a Ref

	pointsPerRecord = 1 << 15 // each point has at most pointMax bytes
	namesPerRecord  = 1 << 19 // bytes after which a new record begins
	pointMax        = 5 + 5 + 8
	idSlack         = 1 << 16 // ids that a segment may lose
	maxName         = 1 << 18 // bytes
)

// Kinds of records.
const (
	kindNames  = 1
	kindPoints = 2
	kindEnd    = 3
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var le = binary.LittleEndian

// newHeader returns the header of a new segment and the crc that its records start from.
func newHeader(seq uint64) (h []byte, seed uint32) {
	dst := make([]byte, 0, headerSize)
	dst = append(dst, magic...)
	dst = le.AppendUint16(dst, version)
	dst = le.AppendUint16(dst, 0)
	dst = le.AppendUint64(dst, seq)
	dst = le.AppendUint64(dst, uint64(time.Now().UnixNano()))
	dst = le.AppendUint32(dst, rand.Uint32())
	seed = crc32.Checksum(dst, castagnoli)
	return sealHeader(append(dst, make([]byte, headerSize-identity)...), 0), seed
}

// sealHeader completes a header. copied is the offset where the records copied from other segments
// end, or 0 if there are none.
func sealHeader(h []byte, copied int64) []byte {
	le.PutUint64(h[identity:], uint64(copied))
	le.PutUint32(h[headerSize-4:], crc32.Checksum(h[:headerSize-4], castagnoli))
	return h
}

// headerError says why a header is invalid.
type headerError struct{ reason string }

func (e *headerError) Error() string { return e.reason }

// errNoHeader says that no header was written.
var errNoHeader = &headerError{"it has no header"}

// parseHeader checks a segment's header, given the first page of the file. It returns the crc that
// the records start from and the offset where copied records end.
// The error is errNoHeader if a crash came before the first sync: the file is too short, or has its
// size but not its content.
func parseHeader(h []byte, seq uint64) (seed uint32, copied int64, err error) {
	if len(h) < headerSize || bytes.Count(h, []byte{0}) == len(h) {
		return 0, 0, errNoHeader
	}
	h = h[:headerSize]
	switch {
	case string(h[:4]) != magic || crc32.Checksum(h[:headerSize-4], castagnoli) != le.Uint32(h[headerSize-4:]):
		return 0, 0, &headerError{"its header is damaged"}
	case le.Uint16(h[4:]) != version:
		return 0, 0, &headerError{fmt.Sprintf("its version is %d, not %d", le.Uint16(h[4:]), version)}
	case le.Uint64(h[8:]) != seq:
		return 0, 0, &headerError{fmt.Sprintf("it is segment %d under another name", le.Uint64(h[8:]))}
	}
	return crc32.Checksum(h[:identity], castagnoli), int64(le.Uint64(h[identity:])), nil
}

// segmentName returns a segment's file name.
func segmentName(seq uint64) string { return fmt.Sprintf("%016x%s", seq, segmentSuffix) }

// parseName returns a segment's sequence number. ok is false for other files.
func parseName(base string) (seq uint64, ok bool) {
	hex, ok := strings.CutSuffix(base, segmentSuffix)
	if !ok || len(hex) != 16 {
		return 0, false
	}
	seq, err := strconv.ParseUint(hex, 16, 64)
	return seq, err == nil && seq > 0 && seq < maxSeq && segmentName(seq) == base
}

// beginRecord appends a record's head. finishRecord completes the record after the payload has been
// appended.
func beginRecord(dst []byte, kind byte) []byte { return append(dst, 0, 0, 0, 0, 0, 0, 0, 0, kind) }

func finishRecord(record []byte, seed uint32) {
	body := record[recordHead:]
	le.PutUint32(record, uint32(len(body)))
	le.PutUint32(record[4:], crc32.Update(seed, castagnoli, body))
}

// appendEnd appends the record that ends a segment.
func appendEnd(dst []byte, seed uint32) []byte {
	at := len(dst)
	dst = beginRecord(dst, kindEnd)
	finishRecord(dst[at:], seed)
	return dst
}

// appendNames appends the names that the segment does not know yet, in as many records as needed,
// and gives them ids starting at next.
func appendNames(dst []byte, seed uint32, seq uint64, next uint32, entries []Entry) ([]byte, uint32, error) {
	at := -1
	for i := range entries {
		e := &entries[i]
		if e.Ref.seg == uint32(seq) {
			continue
		}
		if len(e.Name) > maxName {
			return dst, next, fmt.Errorf("a name of %d bytes is too long", len(e.Name))
		}
		if at >= 0 && len(dst)-at > namesPerRecord {
			finishRecord(dst[at:], seed)
			at = -1
		}
		if at < 0 {
			at = len(dst)
			dst = beginRecord(dst, kindNames)
			dst = binary.AppendUvarint(dst, uint64(next))
		}
		dst = binary.AppendUvarint(dst, uint64(len(e.Name)))
		dst = append(dst, e.Name...)
		*e.Ref = Ref{seg: uint32(seq), id: next}
		next++
	}
	if at >= 0 {
		finishRecord(dst[at:], seed)
	}
	return dst, next, nil
}

// forgetNames takes back the ids from first on that entries were given, because their names were
// not logged.
func forgetNames(seq uint64, first uint32, entries []Entry) {
	for i := range entries {
		if r := entries[i].Ref; r.seg == uint32(seq) && r.id >= first {
			*r = Ref{}
		}
	}
}

// appendPoints appends points whose names have ids, in as many records as needed.
func appendPoints(dst []byte, seed uint32, now int64, entries []Entry) []byte {
	for len(entries) > 0 {
		n := min(len(entries), pointsPerRecord)
		at := len(dst)
		dst = beginRecord(dst, kindPoints)
		dst = le.AppendUint64(dst, uint64(now))
		dst = binary.AppendUvarint(dst, uint64(n))
		dst = slices.Grow(dst, n*pointMax)
		dst = dst[:len(dst)+putPoints(dst[len(dst):cap(dst)], now, entries[:n])]
		finishRecord(dst[at:], seed)
		entries = entries[n:]
	}
	return dst
}

// putPoints writes points to b, which must have room for them, and returns how many bytes it wrote.
func putPoints(b []byte, now int64, entries []Entry) int {
	w := 0
	id, t := int64(-1), int64(uint32(now))
	for i := range entries {
		e := &entries[i]
		head := zigzag(int64(e.Ref.id)-id-1) << 1
		id = int64(e.Ref.id)
		dt := int64(e.Time) - t
		if dt != 0 {
			head |= 1
		}
		if head < 0x80 {
			b[w] = byte(head)
			w++
		} else {
			w += binary.PutUvarint(b[w:], head)
		}
		if dt != 0 {
			w += binary.PutUvarint(b[w:], zigzag(dt))
			t = int64(e.Time)
		}
		le.PutUint64(b[w:], math.Float64bits(e.Value))
		w += 8
	}
	return w
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// uvarint is binary.Uvarint with the usual case first. n is 0 if b does not begin with one.
func uvarint(b []byte) (v uint64, n int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	v, n = binary.Uvarint(b)
	return v, max(n, 0)
}

// received returns the time at which a record of points was received and the rest of its payload.
func received(payload []byte) (now int64, rest []byte, ok bool) {
	if len(payload) < 8 {
		return 0, nil, false
	}
	return int64(le.Uint64(payload)), payload[8:], true
}

// eachPoint calls f for each point of a record's payload. It returns false if the payload is
// invalid.
func eachPoint(payload []byte, f func(id, t uint32, v float64)) bool {
	now, b, ok := received(payload)
	if !ok {
		return false
	}
	count, n := uvarint(b)
	if n == 0 || count > pointsPerRecord {
		return false
	}
	b = b[n:]
	id, t := int64(-1), int64(uint32(now))
	for range count {
		head, n := uvarint(b)
		if n == 0 {
			return false
		}
		b = b[n:]
		id += unzigzag(head>>1) + 1
		if head&1 != 0 {
			dt, n := uvarint(b)
			if n == 0 {
				return false
			}
			b = b[n:]
			t += unzigzag(dt)
		}
		if len(b) < 8 || uint64(id) > math.MaxUint32 || uint64(t) > math.MaxUint32 {
			return false
		}
		f(uint32(id), uint32(t), math.Float64frombits(le.Uint64(b)))
		b = b[8:]
	}
	return len(b) == 0
}

// eachName calls f for each name of a record's payload. It returns false if the payload is invalid
// or has an id above limit.
func eachName(payload []byte, limit int64, f func(id uint64, name []byte)) bool {
	id, n := uvarint(payload)
	if n == 0 || id > uint64(limit) {
		return false
	}
	for b := payload[n:]; len(b) > 0; id++ {
		size, n := uvarint(b)
		if n == 0 || size > uint64(len(b)-n) {
			return false
		}
		f(id, b[n:n+int(size)])
		b = b[n+int(size):]
	}
	return true
}

// Ref holds the segment and the id under which a series' name was last logged. The zero value is
// ready to use. It belongs to its series, and only Append reads it.
type Ref struct{ seg, id uint32 }

// Entry is one point of a batch.
type Entry struct {
	Ref   *Ref   // the series' own Ref
	Name  string // at most 256 KiB; read only if the segment does not know it yet
	Time  uint32
	Value float64
}
