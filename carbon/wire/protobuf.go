package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// MaxProtobuf is the longest frame that carbon's protobuf receiver accepts, in bytes.
const MaxProtobuf = 1 << 20

// protobufDecoder reads carbon's protobuf protocol: frames of a 32-bit big-endian length and a
// Payload of carbon.proto,
//
//	Payload { repeated Metric metrics = 1 }   Metric { string metric = 1; repeated Point points = 2 }   Point { uint32 timestamp = 1; double value = 2 }
type protobufDecoder struct{ maxFrame int }

// NewProtobufDecoder returns the decoder of one connection. A frame longer than maxFrame bytes ends
// the connection.
func NewProtobufDecoder(maxFrame int) Decoder {
	return &protobufDecoder{maxFrame: max(0, min(maxFrame, maxFrameMax))}
}

// Ready implements Decoder.
func (d *protobufDecoder) Ready(src []byte) bool { return frameReady(src, d.maxFrame) }

func (d *protobufDecoder) MaxPending() int { return FrameHeader + d.maxFrame }

func (d *protobufDecoder) Decode(b *Batch, src []byte) ([]byte, error) {
	for d.Ready(src) {
		n := binary.BigEndian.Uint32(src)
		if uint64(n) > uint64(d.maxFrame) {
			b.Reject(FrameTooLong, src)
			return nil, fmt.Errorf("cannot read a protobuf message of %d bytes: the limit is %d", n, d.maxFrame)
		}
		end := FrameHeader + int(n)
		AddProtobuf(b, src[FrameHeader:end])
		src = src[end:]
	}
	return src, nil
}

// AddProtobuf adds the points of one Payload to b. Like carbon, it refuses the whole Payload if
// that is not well-formed.
func AddProtobuf(b *Batch, payload []byte) {
	before := len(b.Points)
	for rest := payload; len(rest) > 0; {
		f, ok := nextField(&rest, 0)
		if ok && f.is(1, wireBytes) {
			ok = addProtobufMetric(b, f.bytes)
		}
		if !ok {
			b.Points = b.Points[:before]
			b.Reject(BadProtobuf, payload)
			return
		}
	}
}

// addProtobufMetric adds the points of one Metric. Fields may have any order, so the name may
// follow the points. If there are two names, the last counts.
func addProtobufMetric(b *Batch, metric []byte) bool {
	before := len(b.Points)
	var name []byte
	for rest := metric; len(rest) > 0; {
		f, ok := nextField(&rest, 0)
		switch {
		case !ok:
			return false
		case f.is(1, wireBytes):
			name = f.bytes
		case f.is(2, wireBytes):
			t, v, ok := protobufPoint(f.bytes)
			if !ok {
				return false
			}
			b.Add(nil, t, v)
		}
	}
	for i := before; i < len(b.Points); i++ {
		b.Points[i].Name = name
	}
	return true
}

// protobufPoint reads a Point. A missing field is 0.
func protobufPoint(point []byte) (t int64, v float64, ok bool) {
	for rest := point; len(rest) > 0; {
		f, ok := nextField(&rest, 0)
		switch {
		case !ok:
			return 0, 0, false
		case f.is(1, wireVarint):
			t = int64(uint32(f.number)) // like protobuf, ignore the upper bits
		case f.is(2, wireFixed64):
			v = math.Float64frombits(f.number)
		}
	}
	return t, v, true
}

// The kinds of fields on the wire.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireGroup   = 3 // until the end of the group; deprecated
	wireGroupTo = 4
	wireFixed32 = 5
)

// protobufField is a field of a message. Readers skip the fields that they do not know.
type protobufField struct {
	id     uint64
	wire   byte
	number uint64 // the value of a varint or fixed field
	bytes  []byte
}

func (f protobufField) is(id uint64, wire byte) bool { return f.id == id && f.wire == wire }

// maxGroups is how deep groups may be nested.
const maxGroups = 100

// nextField removes the first field from src and returns it. ok is false if the field is not
// well-formed. depth is the number of groups around it.
func nextField(src *[]byte, depth int) (f protobufField, ok bool) {
	s := *src
	key, n := binary.Uvarint(s)
	if n <= 0 || key > math.MaxUint32 || key>>3 == 0 {
		return f, false
	}
	f.id, f.wire = key>>3, byte(key&7)
	s = s[n:]
	switch f.wire {
	case wireVarint:
		if f.number, n = uvarint(s); n <= 0 {
			return f, false
		}
		s = s[n:]
	case wireFixed64:
		if len(s) < 8 {
			return f, false
		}
		f.number, s = binary.LittleEndian.Uint64(s), s[8:]
	case wireFixed32:
		if len(s) < 4 {
			return f, false
		}
		f.number, s = uint64(binary.LittleEndian.Uint32(s)), s[4:]
	case wireBytes:
		size, n := binary.Uvarint(s)
		if n <= 0 || size > uint64(len(s)-n) {
			return f, false
		}
		f.bytes, s = s[n:n+int(size):n+int(size)], s[n+int(size):]
	case wireGroup:
		for depth < maxGroups {
			in, ok := nextField(&s, depth+1)
			if !ok {
				return f, false
			}
			if in.wire == wireGroupTo {
				*src = s
				return f, in.id == f.id
			}
		}
		return f, false
	case wireGroupTo:
		if depth == 0 {
			return f, false
		}
	default:
		return f, false
	}
	*src = s
	return f, true
}

// uvarint reads a number of at most ten bytes. Like protobuf, it ignores bits beyond 64.
func uvarint(s []byte) (v uint64, n int) {
	for n < len(s) && n < 10 {
		c := s[n]
		v |= uint64(c&0x7f) << (7 * n)
		n++
		if c < 0x80 {
			return v, n
		}
	}
	return 0, 0
}
