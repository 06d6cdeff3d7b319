package wire

import "encoding/binary"

const (
	// FrameHeader is the size in bytes of a frame's length, which is big-endian.
	FrameHeader = 4
	maxFrameMax = 1 << 30 // offsets in a frame have 32 bits
)

// frameReady reports whether src begins with a whole frame, or with one beyond the limit.
func frameReady(src []byte, maxFrame int) bool {
	if len(src) < FrameHeader {
		return false
	}
	n := binary.BigEndian.Uint32(src)
	return uint64(n) > uint64(maxFrame) || len(src)-FrameHeader >= int(n)
}
