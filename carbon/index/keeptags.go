package index

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// AppendTo appends all series and what is known of their tags to dst, in a form that Load takes:
// the bitmaps as they are, so that a load need not take a million names apart. Series that come or
// go meanwhile wait for some ten milliseconds, or come too late for it.
func (t *Tags) AppendTo(dst []byte) []byte {
	t.mu.RLock()
	names := slices.Clone(t.names)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(t.tags)))
	for _, tag := range slices.Sorted(maps.Keys(t.tags)) {
		dst = appendText(dst, tag)
		dst = t.tags[tag].appendTo(dst)
	}
	t.mu.RUnlock()
	size := 0
	for _, n := range names {
		size += len(n)
	}
	dst = slices.Grow(dst, size+4*len(names)+8)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(names)))
	for _, n := range names {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(n)))
	}
	for _, n := range names {
		dst = append(dst, n...)
	}
	return dst
}

func (x *tagIndex) appendTo(dst []byte) []byte {
	dst = appendBitmap(dst, x.all)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(x.values)))
	for value, p := range x.values {
		dst = appendText(dst, value)
		if p.many == nil {
			dst = binary.LittleEndian.AppendUint32(dst, 0)
			dst = binary.LittleEndian.AppendUint32(dst, p.one)
			continue
		}
		dst = appendBitmap(dst, p.many)
	}
	return dst
}

// appendBitmap appends a bitmap after its size, which is not 0.
func appendBitmap(dst []byte, b *roaring.Bitmap) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.GetSerializedSizeInBytes()))
	data, err := b.ToBytes()
	if err != nil {
		panic("BUG: cannot write a bitmap into memory: " + err.Error())
	}
	return append(dst, data...)
}

// Load fills an empty Tags with what AppendTo has written. The error wraps ErrDamaged; then nothing
// has changed.
func (t *Tags) Load(data []byte) error {
	r := reader{data: data}
	tags := make(map[string]*tagIndex)
	for range r.uint32() {
		tag := r.text()
		if tags[tag] = r.tagIndex(); r.failed {
			return ErrDamaged
		}
	}
	sizes := r.uint32s()
	all := string(r.data)
	l := Tags{names: make([]string, len(sizes)), ids: make(map[string]uint32, len(sizes)), tags: tags}
	for id, n := range sizes {
		if int(n) > len(all) {
			return ErrDamaged
		}
		name := all[:n]
		all = all[n:]
		if l.names[id] = name; name == "" {
			l.free = append(l.free, uint32(id))
		} else {
			l.ids[name] = uint32(id)
		}
	}
	if r.failed || all != "" || !l.sound() {
		return ErrDamaged
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ids) > 0 {
		return errors.New("cannot load series into an index that has some")
	}
	t.names, t.free, t.ids, t.tags = l.names, l.free, l.ids, l.tags
	return nil
}

func (r *reader) tagIndex() *tagIndex {
	x := &tagIndex{all: r.bitmap(r.uint32())}
	n := r.uint32()
	x.values = make(map[string]*posting, min(int(n), len(r.data)/8))
	for range n {
		value := r.text()
		p := &posting{}
		if size := r.uint32(); size == 0 {
			p.one = r.uint32()
		} else {
			p.many = r.bitmap(size)
		}
		if r.failed {
			break
		}
		x.values[value] = p
		x.fresh = append(x.fresh, value)
	}
	x.order()
	return x
}

func (r *reader) bitmap(size uint32) *roaring.Bitmap {
	b := roaring.New()
	if data := r.bytes(int(size)); r.failed || len(data) == 0 || b.UnmarshalBinary(data) != nil || b.IsEmpty() || b.Validate() != nil {
		r.failed = true
	}
	return b
}

// sound tells whether the bitmaps speak of series that there are.
func (t *Tags) sound() bool {
	n := uint32(len(t.names))
	for _, x := range t.tags {
		if x.all.Maximum() >= n {
			return false
		}
		for _, p := range x.values {
			if p.many == nil && p.one >= n || p.many != nil && p.many.Maximum() >= n {
				return false
			}
		}
	}
	return len(t.ids)+len(t.free) == len(t.names)
}
