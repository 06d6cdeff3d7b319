package index

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// Tags is the inverted index of series with tags: for each value of each tag the set of series that
// have it. The name of a series counts as its tag name. It is safe for concurrent use.
//
// Series without tags are not in it. Find takes them from the Tree, where they are as series with
// the tag name alone; the listings of tags and values leave them out.
type Tags struct {
	tree *Tree

	mu    sync.RWMutex
	ids   map[string]uint32    // of each series; guarded by mu
	names []string             // of each id, "" when it is free; guarded by mu
	free  []uint32             // ids; guarded by mu
	tags  map[string]*tagIndex // guarded by mu

	changes uint64                 // series that came or went; guarded by mu
	added   func(canonical string) // see OnAdd; guarded by mu
}

// A tagIndex is what is known of one tag.
type tagIndex struct {
	all    *roaring.Bitmap // series that have the tag
	values map[string]*posting
	sorted []string // values, some of which may be gone by now; never changed, only replaced
	fresh  []string // values that sorted does not have yet
	stale  int      // how many values went since sorted was made
}

// A posting is a set of series, at least one.
type posting struct {
	one  uint32          // the series, when many is nil
	many *roaring.Bitmap // often there is only one, for which a bitmap would be much
}

func (p *posting) len() int {
	if p.many == nil {
		return 1
	}
	return int(p.many.GetCardinality())
}

// NewTags returns an empty index. Find also answers for the names in tree, which may be nil.
func NewTags(tree *Tree) *Tags {
	return &Tags{tree: tree, ids: make(map[string]uint32), tags: make(map[string]*tagIndex)}
}

// Add puts a series into the index, by its canonical name as ParseTagged returns it, and tells
// whether it is new. A name without tags is not taken.
func (t *Tags) Add(canonical string) bool {
	if strings.IndexByte(canonical, ';') < 1 {
		return false
	}
	fresh, added := t.add(canonical)
	if fresh && added != nil {
		added(canonical)
	}
	return fresh
}

// OnAdd lets f be called after each series that Add has taken from now on.
func (t *Tags) OnAdd(f func(canonical string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.added = f
}

// add is Add for a name with tags. It also returns what is to be called then.
func (t *Tags) add(canonical string) (fresh bool, added func(string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.ids[canonical]; known {
		return false, nil
	}
	t.changes++
	canonical = strings.Clone(canonical)
	var id uint32
	if n := len(t.free); n > 0 {
		id = t.free[n-1]
		t.free = t.free[:n-1]
		t.names[id] = canonical
	} else {
		id = uint32(len(t.names))
		t.names = append(t.names, canonical)
	}
	t.ids[canonical] = id
	for tag, value := range tagsOf(canonical) {
		t.addLocked(tag, value, id)
	}
	return true, t.added
}

// tagsOf yields the tags of a canonical name, name first. What is no tag it passes over.
func tagsOf(canonical string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		name, rest, _ := strings.Cut(canonical, ";")
		if !yield("name", name) {
			return
		}
		for s := range strings.SplitSeq(rest, ";") {
			tag, value, ok := strings.Cut(s, "=")
			if ok && tag != "" && tag != "name" && value != "" && !yield(tag, value) {
				return
			}
		}
	}
}

func (t *Tags) addLocked(tag, value string, id uint32) {
	x := t.tags[tag]
	if x == nil {
		x = &tagIndex{all: roaring.New(), values: make(map[string]*posting)}
		t.tags[strings.Clone(tag)] = x
	}
	x.all.Add(id)
	p := x.values[value]
	switch {
	case p == nil:
		value = strings.Clone(value)
		x.values[value] = &posting{one: id}
		if x.fresh = append(x.fresh, value); len(x.fresh) > len(x.values)+64 { // values come and go and nobody lists them
			x.order()
		}
	case p.many == nil:
		if p.one != id {
			p.many = roaring.BitmapOf(p.one, id)
		}
	default:
		p.many.Add(id)
	}
}

// Delete takes a series out of the index and tells whether it was in.
func (t *Tags) Delete(canonical string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, known := t.ids[canonical]
	if !known {
		return false
	}
	t.changes++
	delete(t.ids, canonical)
	t.names[id] = ""
	t.free = append(t.free, id)
	for tag, value := range tagsOf(canonical) {
		if x := t.tags[tag]; x != nil && x.delete(value, id) {
			delete(t.tags, tag)
		}
	}
	return true
}

// delete takes a series from the value of a tag, and tells whether it was the last that has the
// tag.
func (x *tagIndex) delete(value string, id uint32) (last bool) {
	x.all.Remove(id)
	switch p := x.values[value]; {
	case p == nil:
	case p.many != nil:
		p.many.Remove(id)
		if p.many.GetCardinality() == 1 {
			p.one, p.many = p.many.Minimum(), nil
		}
	case p.one == id:
		delete(x.values, value)
		if x.stale++; x.stale > len(x.values)+64 {
			x.order()
		}
	}
	return x.all.IsEmpty()
}

// order brings sorted up to date.
func (x *tagIndex) order() {
	slices.Sort(x.fresh)
	fresh := slices.Compact(x.fresh)
	all := make([]string, 0, len(x.sorted)+len(fresh))
	for _, v := range x.sorted {
		for len(fresh) > 0 && fresh[0] < v {
			all = append(all, fresh[0])
			fresh = fresh[1:]
		}
		if len(fresh) > 0 && fresh[0] == v { // it went and came back
			fresh = fresh[1:]
		}
		all = append(all, v)
	}
	all = append(all, fresh...)
	if x.stale > 0 {
		all = slices.DeleteFunc(all, func(v string) bool { return x.values[v] == nil })
	}
	x.sorted, x.fresh, x.stale = all, nil, 0
}

// Has tells whether a series is in the index.
func (t *Tags) Has(canonical string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, known := t.ids[canonical]
	return known
}

// Len returns the number of series.
func (t *Tags) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.ids)
}

// Changes returns how many series have come or gone so far.
func (t *Tags) Changes() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changes
}

// Each yields the canonical names of all series, in no order. The reader may take its time.
func (t *Tags) Each(yield func(canonical string) bool) {
	t.mu.RLock()
	names := slices.Clone(t.names)
	t.mu.RUnlock()
	for _, name := range names {
		if name != "" && !yield(name) {
			return
		}
	}
}

// Names returns the canonical names of all series, sorted.
func (t *Tags) Names() []string {
	t.mu.RLock()
	names := slices.Collect(maps.Keys(t.ids))
	t.mu.RUnlock()
	slices.Sort(names)
	return names
}
