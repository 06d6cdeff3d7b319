package wire

import (
	"encoding/binary"
	"fmt"
	"math"

	"graphited/carbon/pickle"
)

// pickleDecoder reads carbon's pickle protocol: frames of a 32-bit big-endian length and a pickled
// list of (metric, (timestamp, value)).
type pickleDecoder struct {
	maxFrame int
}

// NewPickleDecoder returns the decoder of one connection. A frame longer than maxFrame bytes ends
// the connection, as carbon's PICKLE_RECEIVER_MAX_LENGTH does. What a decoder keeps between two
// calls is nothing but the limit: pickles are read by pooled machines, so idle connections cost no
// memory.
func NewPickleDecoder(maxFrame int) Decoder {
	return &pickleDecoder{maxFrame: max(0, min(maxFrame, maxFrameMax))}
}

func (d *pickleDecoder) MaxPending() int { return FrameHeader + d.maxFrame }

func (d *pickleDecoder) Decode(b *Batch, src []byte) ([]byte, error) {
	m := pickle.Get()
	defer pickle.Put(m)
	for len(src) >= FrameHeader {
		n := binary.BigEndian.Uint32(src)
		if uint64(n) > uint64(d.maxFrame) {
			b.Reject(FrameTooLong, src)
			return nil, fmt.Errorf("cannot read a pickle of %d bytes: the limit is %d", n, d.maxFrame)
		}
		end := FrameHeader + int(n)
		if len(src) < end {
			break
		}
		addPickle(m, b, src[FrameHeader:end:end])
		src = src[end:]
	}
	return src, nil
}

// addPickle adds the points of one pickle to b. One that is not data, or not a list, is refused as
// a whole, without any point of it, as carbon does; in a list each item stands for itself.
func addPickle(m *pickle.Machine, b *Batch, frame []byte) {
	root, err := m.Load(frame)
	if err != nil || root.Kind() != pickle.Tuple && root.Kind() != pickle.List {
		b.Reject(BadPickle, frame)
		return
	}
	for item := range m.Elements(root) {
		AddPicklePoint(m, b, item)
	}
}

// AddPicklePoint adds one item of the list, (metric, (timestamp, value)), or counts why it is no
// point. Either pair may be a list. Numbers may be strings, since carbon calls float() on them.
// Names may also be bytes, over which carbon drops the connection.
func AddPicklePoint(m *pickle.Machine, b *Batch, item pickle.Value) {
	name, point, ok := m.Pair(item)
	if !ok {
		b.Reject(BadPickle, pickleExcerpt(m, item))
		return
	}
	text, isText := m.Text(name)
	at, val, ok := m.Pair(point)
	if !ok || !isText {
		b.Reject(BadPickle, pickleExcerpt(m, item))
		return
	}
	if at.Kind() == pickle.Int && uint64(at.Int()) <= math.MaxUint32 && val.Kind() == pickle.Float {
		b.Add(text, at.Int(), val.Float())
		return
	}
	v, ok := pickleNumber(m, val)
	if !ok {
		b.Reject(BadValue, text)
		return
	}
	f, ok := pickleNumber(m, at)
	if !ok {
		b.Reject(BadTimestamp, text)
		return
	}
	t, ok := timeOf(f)
	if !ok {
		b.Reject(BadTimestamp, text)
		return
	}
	b.Add(text, t, v)
}

// pickleExcerpt returns a text that tells a refused item from others: the first string in it, if it
// comes early.
func pickleExcerpt(m *pickle.Machine, v pickle.Value) []byte {
	for range 3 {
		if text, ok := m.Text(v); ok {
			return text
		}
		found := false
		for first := range m.Elements(v) {
			v, found = first, true
			break
		}
		if !found {
			break
		}
	}
	return nil
}

// pickleNumber is Python's float(): of a number or of its text.
func pickleNumber(m *pickle.Machine, v pickle.Value) (float64, bool) {
	switch v.Kind() {
	case pickle.Bool, pickle.Int:
		return float64(v.Int()), true
	case pickle.Float:
		return v.Float(), true
	}
	text, ok := m.Text(v)
	if !ok {
		return 0, false
	}
	return parseFloat(text)
}
