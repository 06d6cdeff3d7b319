package index

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// ErrDamaged says that the data to load was not written by AppendTo.
var ErrDamaged = errors.New("the kept index is damaged")

// AppendTo appends all names to dst in a form that Load reads, which is about as large as the names
// are in memory. It calls Compact first. Names that are added or deleted meanwhile may or may not
// be in it.
//
// The form is that of a snapshot, so that loading is copying. It has no version and no checksum;
// the caller adds them.
func (t *Tree) AppendTo(dst []byte) []byte {
	t.Compact()
	t.mu.RLock()
	base := t.parts[0].freeze()
	t.mu.RUnlock()
	dst = slices.Grow(dst, 16+len(base.words.text)+4*(len(base.words.offset)+2*len(base.word)+len(base.leaf)+len(base.gone)))
	dst = appendUint32s(dst, base.words.offset)
	dst = append(dst, base.words.text...)
	dst = appendUint32s(dst, base.word)
	dst = appendUint32s(dst, base.kids)
	dst = base.leaf.appendTo(dst)
	return base.gone.appendTo(dst)
}

// Load fills an empty Tree with the names that AppendTo has written. With an error, which wraps
// ErrDamaged if the data is damaged, the Tree stays as it was.
func (t *Tree) Load(data []byte) error {
	s, err := loadSnapshot(data)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.parts) > 1 || t.parts[0].leaves+t.live.len() > 0 || t.done != nil {
		return errors.New("cannot load names into an index that has some")
	}
	t.parts = []*snapshot{s}
	return nil
}

func loadSnapshot(data []byte) (*snapshot, error) {
	r := reader{data: data}
	words := &wordTable{offset: r.uint32s()}
	if len(words.offset) == 0 || !slices.IsSorted(words.offset) || words.offset[0] != 0 {
		return nil, ErrDamaged
	}
	words.text = string(r.bytes(int(words.offset[words.len()])))
	s := &snapshot{words: words, word: r.uint32s(), kids: r.uint32s()}
	s.leaf, s.gone = loadShared(r.uint32s()), loadShared(r.uint32s())
	n := len(s.word)
	if r.failed || n == 0 || len(s.kids) != n+1 || len(s.leaf) < len(newSharedBits(n)) || len(s.gone) < len(newSharedBits(n)) || !s.sound() {
		return nil, ErrDamaged
	}
	words.upper = hasUpper(words.text)
	for i := range max(0, words.len()-1) {
		if a, b := words.at(uint32(i)), words.at(uint32(i+1)); len(b) < len(a) && a[:len(b)] == b {
			words.uneven = true
		}
	}
	words.hash()
	s.leaves, s.deleted = s.leaf.count(), s.gone.count()
	return s, nil
}

// sound reports whether a walk through the nodes ends and stays within the arrays.
func (s *snapshot) sound() bool {
	n := uint32(len(s.word))
	for i, w := range s.word {
		if i > 0 && int(w) >= s.words.len() || s.kids[i] <= uint32(i) || s.kids[i] > s.kids[i+1] {
			return false
		}
	}
	return s.kids[0] == 1 && s.kids[n] == n
}

func appendUint32s(dst []byte, list []uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(list)))
	for _, x := range list {
		dst = binary.LittleEndian.AppendUint32(dst, x)
	}
	return dst
}

func (b sharedBits) appendTo(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(b)))
	for i := range b {
		dst = binary.LittleEndian.AppendUint32(dst, b[i].Load())
	}
	return dst
}

func loadShared(list []uint32) sharedBits {
	b := make(sharedBits, len(list))
	for i, x := range list {
		b[i].Store(x)
	}
	return b
}

// A reader reads what was appended. After the end of the data it returns zero values, and failed is
// set.
type reader struct {
	data   []byte
	failed bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.failed, n = true, 0
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint32s() []uint32 {
	b := r.bytes(4 * int(r.uint32()))
	list := make([]uint32, len(b)/4)
	for i := range list {
		list[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return list
}

// text returns a string that was appended with its length.
func (r *reader) text() string { return string(r.bytes(int(r.uint32()))) }

func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
}

// AppendTo appends all series and their tags to dst in a form that Load reads. It contains the
// bitmaps, so that Load need not parse a million names. Add and Delete wait for some ten
// milliseconds meanwhile.
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

// appendBitmap appends the size of a bitmap, which is never 0, and the bitmap.
func appendBitmap(dst []byte, b *roaring.Bitmap) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.GetSerializedSizeInBytes()))
	data, err := b.ToBytes()
	if err != nil {
		panic("BUG: cannot write a bitmap into memory: " + err.Error())
	}
	return append(dst, data...)
}

// Load fills an empty Tags with what AppendTo has written. With an error, which wraps ErrDamaged if
// the data is damaged, Tags stays as it was.
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

// sound reports whether the bitmaps contain only ids of series that exist.
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
