package index

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// Tags is the inverted index of series with tags. It holds the set of series that have each value
// of each tag. The name of a series is the value of its tag called name. Tags is safe for
// concurrent use.
//
// Series without tags are not in it. Find reads them from the Tree, as series with only the tag
// called name. The lists of tags and values do not contain them.
type Tags struct {
	tree *Tree

	mu    sync.RWMutex
	ids   map[string]uint32    // of each series; guarded by mu
	names []string             // of each id, "" if the id is free; guarded by mu
	free  []uint32             // ids; guarded by mu
	tags  map[string]*tagIndex // guarded by mu

	changes uint64                 // series added or deleted; guarded by mu
	added   func(canonical string) // see OnAdd; guarded by mu
}

// A tagIndex is the index of one tag.
type tagIndex struct {
	all    *roaring.Bitmap // series that have the tag
	values map[string]*posting
	sorted []string // values, some of which may have no series any more; never changed, only replaced
	fresh  []string // values that are not in sorted yet
	stale  int      // values that have lost their last series since sorted was made
}

// A posting is a set of series, at least one.
type posting struct {
	one  uint32          // the only series, if many is nil
	many *roaring.Bitmap // nil for a single series, because there are many such postings
}

func (p *posting) len() int {
	if p.many == nil {
		return 1
	}
	return int(p.many.GetCardinality())
}

// NewTags returns an empty index. Find also finds the names in tree, which may be nil.
func NewTags(tree *Tree) *Tags {
	return &Tags{tree: tree, ids: make(map[string]uint32), tags: make(map[string]*tagIndex)}
}

// Add adds a series, given by its canonical name as ParseTagged returns it, and reports whether it
// is new. It ignores a name without tags.
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

// OnAdd makes Add call f after each new series from now on.
func (t *Tags) OnAdd(f func(canonical string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.added = f
}

// add is Add for a name with tags. It also returns the function to call afterwards.
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

// tagsOf yields the tags of a canonical name, the one called name first. It skips invalid tags.
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
		if x.fresh = append(x.fresh, value); len(x.fresh) > len(x.values)+64 { // values were added and deleted without being listed
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

// Delete deletes a series and reports whether it was there.
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

// delete removes a series from the value of a tag and reports whether it was the last with the tag.
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
		if len(fresh) > 0 && fresh[0] == v { // it was deleted and added again
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

// Has reports whether a series is in the index.
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

// Changes returns how many series have been added or deleted so far.
func (t *Tags) Changes() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changes
}

// Each yields the canonical names of all series in no particular order. It holds no lock meanwhile.
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
