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
	if !addProtobufMetrics(b, payload) {
		b.Points = b.Points[:before]
		b.Reject(BadProtobuf, payload)
	}
}

// The keys of the fields that are read: the number of a field times eight, plus its kind.
const (
	keyMetric    = 1<<3 | kindBytes // of a Payload
	keyName      = 1<<3 | kindBytes // of a Metric
	keyPoint     = 2<<3 | kindBytes
	keyTimestamp = 1<<3 | kindVarint // of a Point
	keyValue     = 2<<3 | kindFixed64
)

func addProtobufMetrics(b *Batch, payload []byte) bool {
	f := protobufFields{rest: payload}
	for {
		switch key := f.key(); key {
		case 0:
			return !f.bad
		case keyMetric:
			if !addProtobufMetric(b, f.bytes()) {
				return false
			}
		default:
			f.skip(key, 0)
		}
	}
}

// addProtobufMetric adds the points of one Metric. Fields may have any order, so the name may
// follow the points. If there are two names, the last counts.
func addProtobufMetric(b *Batch, metric []byte) bool {
	before := len(b.Points)
	var name []byte
	f := protobufFields{rest: metric}
	for {
		switch key := f.key(); key {
		case 0:
			for i := before; i < len(b.Points); i++ {
				b.Points[i].Name = name
			}
			return !f.bad
		case keyName:
			name = f.bytes()
		case keyPoint:
			t, v, ok := protobufPoint(f.bytes())
			if !ok {
				return false
			}
			b.Add(nil, t, v)
		default:
			f.skip(key, 0)
		}
	}
}

// protobufPoint reads a Point. A missing field is 0.
func protobufPoint(point []byte) (t int64, v float64, ok bool) {
	f := protobufFields{rest: point}
	for {
		switch key := f.key(); key {
		case 0:
			return t, v, !f.bad
		case keyTimestamp:
			t = int64(uint32(f.varint())) // protobuf drops the upper bits of a longer number
		case keyValue:
			v = math.Float64frombits(f.fixed64())
		default:
			f.skip(key, 0)
		}
	}
}

// The kinds of fields on the wire.
const (
	kindVarint   = 0
	kindFixed64  = 1
	kindBytes    = 2
	kindGroup    = 3 // until the end of the group; out of use
	kindGroupEnd = 4
	kindFixed32  = 5
)

// maxGroups is how deep groups may be in one another.
const maxGroups = 100

// protobufFields reads the fields of one message: a key, and then the value of its kind. After the
// last field, and after the first that is not well-formed, there is no further key.
type protobufFields struct {
	rest []byte
	bad  bool // a field was not well-formed
}

func (f *protobufFields) fail() { f.rest, f.bad = nil, true }

// key reads the key of the next field; 0 if there is none.
func (f *protobufFields) key() uint64 {
	if len(f.rest) > 0 && f.rest[0] >= 8 && f.rest[0] < 0x80 { // fields 1 to 15
		k := f.rest[0]
		f.rest = f.rest[1:]
		return uint64(k)
	}
	return f.longKey()
}

func (f *protobufFields) longKey() uint64 {
	if len(f.rest) == 0 {
		return 0
	}
	key, n := binary.Uvarint(f.rest)
	if n <= 0 || key > math.MaxUint32 || key>>3 == 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return key
}

// bytes reads a length and as many bytes.
func (f *protobufFields) bytes() []byte {
	var size uint64
	var n int
	if len(f.rest) > 0 && f.rest[0] < 0x80 {
		size, n = uint64(f.rest[0]), 1
	} else if size, n = binary.Uvarint(f.rest); n <= 0 {
		f.fail()
		return nil
	}
	if size > uint64(len(f.rest)-n) {
		f.fail()
		return nil
	}
	end := n + int(size)
	v := f.rest[n:end:end]
	f.rest = f.rest[end:]
	return v
}

// varint reads a number of at most ten bytes. It drops bits beyond 64, as protobuf does.
func (f *protobufFields) varint() (v uint64) {
	for i, c := range f.rest[:min(len(f.rest), binary.MaxVarintLen64)] {
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			f.rest = f.rest[i+1:]
			return v
		}
	}
	f.fail()
	return 0
}

func (f *protobufFields) fixed64() uint64 {
	if len(f.rest) < 8 {
		f.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(f.rest)
	f.rest = f.rest[8:]
	return v
}

// skip passes over the value of a field that no message of ours has. depth is the number of groups
// around it.
func (f *protobufFields) skip(key uint64, depth int) {
	switch key & 7 {
	case kindVarint:
		f.varint()
	case kindFixed64:
		f.fixed64()
	case kindFixed32:
		if len(f.rest) < 4 {
			f.fail()
			return
		}
		f.rest = f.rest[4:]
	case kindBytes:
		f.bytes()
	case kindGroup:
		f.skipGroup(key>>3, depth)
	default: // the end of a group that has not begun is one of these
		f.fail()
	}
}

// skipGroup passes over the fields of a group, to its end.
func (f *protobufFields) skipGroup(id uint64, depth int) {
	if depth == maxGroups {
		f.fail()
		return
	}
	for {
		key := f.key()
		switch {
		case key == id<<3|kindGroupEnd:
			return
		case key == 0: // the message ends first
			f.fail()
			return
		}
		f.skip(key, depth+1)
	}
}
