package whisper

import (
	"encoding/binary"
	"io"
	"math"
)

// slot returns the position of an interval in the ring: the number of steps from the base, which is
// in slot 0, modulo the length.
func (a Archive) slot(base, interval int64) int64 {
	return floorMod(floorDiv(interval-base, a.Step), a.Points)
}

// base returns the timestamp in slot 0 of an archive, which anchors its ring. 0 means that the
// archive is empty. The timestamp of any lap in slot 0 anchors the same ring, so a base stays valid
// while others write.
func (f *File) base(archive int) (int64, error) {
	if archive < keptBases && f.bases[archive] != 0 {
		return int64(f.bases[archive]), nil
	}
	if err := f.readSlots(f.word[:], f.layout.offsets[archive]); err != nil {
		return 0, err
	}
	base := binary.BigEndian.Uint32(f.word[:])
	f.keepBase(archive, base)
	return int64(base), nil
}

// readSlots reads slots, beginning at off. In a short file, the missing slots and the incomplete
// last slot are empty.
func (f *File) readSlots(p []byte, off int64) error {
	n := int(min(max(f.whole-off, 0), int64(len(p))))
	clear(p[n:])
	if n == 0 {
		return nil
	}
	got, err := f.h.ReadAt(p[:n], off)
	if _, packed := f.h.(*unpacked); packed && err == io.EOF { // the size of a packed file is known only now
		clear(p[got-got%pointSize:])
		err = nil
	}
	return err
}

// readRing reads n slots, at most the whole ring, beginning with that of interval start. The result
// is valid until the next read.
func (f *File) readRing(archive int, base, start, n int64) ([]byte, error) {
	a, off := f.layout.Archives[archive], f.layout.offsets[archive]
	slot := a.slot(base, start)
	f.in = grow(f.in, int(n*pointSize))
	head := min(n, a.Points-slot) * pointSize
	if err := f.readSlots(f.in[:head], off+slot*pointSize); err != nil {
		return nil, err
	}
	if head < int64(len(f.in)) {
		if err := f.readSlots(f.in[head:], off); err != nil {
			return nil, err
		}
	}
	return f.in, nil
}

// writeRing writes the packed points of consecutive intervals, beginning with start. It needs one
// write, or two where the ring wraps. When the points go around the ring more than once, the last
// lap stays.
func (f *File) writeRing(archive int, base, start int64, packed []byte) error {
	if err := f.complete(); err != nil {
		return err
	}
	a, off := f.layout.Archives[archive], f.layout.offsets[archive]
	if over := int64(len(packed)) - a.size(); over > 0 {
		packed = packed[over:]
		start += over / pointSize * a.Step
	}
	slot := a.slot(base, start)
	head := min(int64(len(packed)), (a.Points-slot)*pointSize)
	if err := f.write(packed[:head], off+slot*pointSize); err != nil {
		return err
	}
	if head < int64(len(packed)) {
		return f.write(packed[head:], off)
	}
	return nil
}

// write writes points. When a write ends in the middle of a point, for example on a full disk,
// write sets the timestamp of that point to 0, so that nobody reads half a value.
func (f *File) write(packed []byte, off int64) error {
	n, err := f.h.WriteAt(packed, off)
	if err == nil && n < len(packed) {
		err = io.ErrShortWrite
	}
	if torn := n % pointSize; err != nil && torn > 0 {
		_, _ = f.h.WriteAt(make([]byte, min(torn, 4)), off+int64(n-torn)) // the first error matters
	}
	return err
}

func appendPoint(dst []byte, interval int64, v float64) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(interval))
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v))
}

// valueAt returns the value in the i-th of the packed slots if that slot belongs to the interval.
func valueAt(packed []byte, i int, interval int64) (float64, bool) {
	p := packed[i*pointSize : i*pointSize+pointSize]
	return math.Float64frombits(binary.BigEndian.Uint64(p[4:])), int64(binary.BigEndian.Uint32(p)) == interval
}
