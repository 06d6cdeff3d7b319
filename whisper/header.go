package whisper

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"graphited/whisper/vfs"
)

// CorruptError reports that a file is not a sound whisper file. errors.As finds it in the errors of
// Open, Update and Fetch.
type CorruptError struct {
	Path   string
	Reason string
	Empty  bool // the file contains nothing to lose: it has no bytes, or its header is all zeros
}

// Error implements error.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("corrupt whisper file %q: %s", e.Path, e.Reason)
}

// layout is a parsed header. All files with the same header share it. It never changes.
type layout struct {
	Spec
	offsets []int64
	size    int64 // of the file
	longest int64 // MaxRetention
}

func newLayout(s Spec) *layout {
	l := &layout{Spec: s, offsets: make([]int64, len(s.Archives)), size: s.FileSize(), longest: s.MaxRetention()}
	off := int64(headerSize + archiveSize*len(s.Archives))
	for i, a := range s.Archives {
		l.offsets[i] = off
		off += a.size()
	}
	return l
}

// whole returns the end of the last complete slot in a file of the given size.
func (l *layout) whole(size int64) int64 {
	slots := max(size-l.offsets[0], 0) / pointSize
	return min(l.offsets[0]+slots*pointSize, l.size)
}

// appendHeader appends the file's first bytes.
func (l *layout) appendHeader(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(l.Method))
	dst = binary.BigEndian.AppendUint32(dst, uint32(l.longest))
	dst = binary.BigEndian.AppendUint32(dst, math.Float32bits(l.XFilesFactor))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(l.Archives)))
	for i, a := range l.Archives {
		dst = binary.BigEndian.AppendUint32(dst, uint32(l.offsets[i]))
		dst = binary.BigEndian.AppendUint32(dst, uint32(a.Step))
		dst = binary.BigEndian.AppendUint32(dst, uint32(a.Points))
	}
	return dst
}

// layouts holds the known layouts by the bytes of their headers. A tree of a million files has only
// a few. It is a cache of constants. It is replaced as a whole, and does not grow beyond
// maxLayouts, so that hostile files cannot fill it.
var layouts struct {
	sync.Mutex
	known atomic.Pointer[map[string]*layout]
}

const maxLayouts = 1024

// internLayout returns the layout of the header at the beginning of b. The result is shared.
func internLayout(b []byte) (*layout, error) {
	n := headerSize
	if len(b) >= headerSize {
		n += int(min(binary.BigEndian.Uint32(b[12:]), maxArchives)) * archiveSize
	}
	if known := layouts.known.Load(); known != nil && len(b) >= n {
		if l := (*known)[string(b[:n])]; l != nil {
			return l, nil
		}
	}
	l, err := parseHeader(b)
	if err != nil {
		return nil, err
	}
	layouts.Lock()
	defer layouts.Unlock()
	next := map[string]*layout{}
	if known := layouts.known.Load(); known != nil {
		if len(*known) >= maxLayouts {
			return l, nil
		}
		for k, v := range *known {
			next[k] = v
		}
	}
	next[string(b[:n])] = l
	layouts.known.Store(&next)
	return l, nil
}

// parseHeader parses the header at the beginning of b. whisper.py accepts any numbers, but
// parseHeader accepts only what whisper.py itself can write: archives that pass ValidateArchives,
// one directly after the other, and their longest retention. The file may be longer or shorter than
// its archives.
func parseHeader(b []byte) (*layout, error) {
	if len(b) < headerSize {
		return nil, &CorruptError{Reason: fmt.Sprintf("%d bytes are too few for a header", len(b)), Empty: len(b) == 0}
	}
	if strings.HasPrefix(string(b[:headerSize]), compressed) {
		return nil, &CorruptError{Reason: "it is in go-whisper's compressed format"}
	}
	s := Spec{Method: Method(binary.BigEndian.Uint32(b)), XFilesFactor: math.Float32frombits(binary.BigEndian.Uint32(b[8:]))}
	count := binary.BigEndian.Uint32(b[12:])
	if !s.Method.valid() {
		return nil, &CorruptError{Reason: fmt.Sprintf("unknown aggregation method %d", uint32(s.Method)), Empty: allZero(b[:headerSize])}
	}
	if count == 0 || count > maxArchives || int(count)*archiveSize > len(b)-headerSize {
		return nil, &CorruptError{Reason: fmt.Sprintf("%d archives do not fit", count)}
	}
	s.Archives = make([]Archive, count)
	for i := range s.Archives {
		p := b[headerSize+i*archiveSize:]
		s.Archives[i] = Archive{Step: int64(binary.BigEndian.Uint32(p[4:])), Points: int64(binary.BigEndian.Uint32(p[8:]))}
	}
	if err := s.Validate(); err != nil {
		return nil, &CorruptError{Reason: err.Error()}
	}
	l := newLayout(s)
	for i, want := range l.offsets {
		if got := int64(binary.BigEndian.Uint32(b[headerSize+i*archiveSize:])); got != want {
			return nil, &CorruptError{Reason: fmt.Sprintf("archive %d is at %d and should be at %d", i, got, want)}
		}
	}
	if got := int64(binary.BigEndian.Uint32(b[4:])); got != l.longest {
		return nil, &CorruptError{Reason: fmt.Sprintf("longest retention is %d s and should be %d s", got, l.longest)}
	}
	return l, nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// readHeader reads the layout of an open file. It also returns the first slot of the finest
// archive, which the same read delivers. buf is a scratch buffer, returned for reuse.
func readHeader(h vfs.File, size int64, buf []byte) (l *layout, base uint32, _ []byte, err error) {
	want := int64(headerGuess)
	for {
		buf = grow(buf, int(min(size, want)))
		n, err := h.ReadAt(buf, 0)
		if err != nil && err != io.EOF {
			return nil, 0, buf, err
		}
		buf = buf[:n] // another program may have cut the file since size was read
		most := int64(headerSize + maxArchives*archiveSize + pointSize)
		if len(buf) < headerSize || binary.BigEndian.Uint32(buf[12:]) < headerGuess/archiveSize-1 || want >= most {
			break
		}
		want = most
	}
	if l, err = internLayout(buf); err != nil {
		return nil, 0, buf, err
	}
	if first := l.offsets[0]; int64(len(buf)) >= first+pointSize {
		base = binary.BigEndian.Uint32(buf[first:])
	}
	return l, base, buf, nil
}

// grow returns buf with length n and undefined content.
func grow(buf []byte, n int) []byte {
	if cap(buf) < n {
		return make([]byte, n, n+n/4)
	}
	return buf[:n]
}
