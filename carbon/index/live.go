package index

import (
	"cmp"
	"slices"
	"strings"
)

// A live holds the names added since the last merge. They are a few hundred unless names arrive
// faster than they are merged. The lock of its Tree guards it.
type live struct {
	place map[string]int // the index of each name in names
	names []string       // in the order of their arrival; "" was deleted
	text  uint64         // bytes of all names
}

// A hit is a result of a find.
type hit struct {
	path string
	leaf bool
}

// compareHits compares by path, and puts the branch before the leaf.
func compareHits(a, b hit) int {
	if c := cmp.Compare(a.path, b.path); c != 0 || a.leaf == b.leaf {
		return c
	}
	if b.leaf {
		return -1
	}
	return 1
}

func (l *live) len() int { return len(l.place) }

// add adds name and reports whether it is new.
func (l *live) add(name string) bool {
	if l.has(name) {
		return false
	}
	if l.place == nil {
		l.place = make(map[string]int, minMerge)
	}
	name = strings.Clone(name)
	l.place[name] = len(l.names)
	l.names = append(l.names, name)
	l.text += uint64(len(name))
	return true
}

// delete deletes name and reports whether it was there.
func (l *live) delete(name string) bool {
	i, ok := l.place[name]
	if ok {
		delete(l.place, name)
		l.names[i] = ""
	}
	return ok
}

func (l *live) has(name string) bool {
	_, ok := l.place[name]
	return ok
}

// all returns the names in no particular order.
func (l *live) all() []string {
	return slices.DeleteFunc(slices.Clone(l.names), func(n string) bool { return n == "" })
}

// find appends the matches in no particular order. It appends a branch for each name below it.
func (l *live) find(dst []hit, q *query) []hit {
	if l.len() == 0 {
		return dst
	}
	var steps, next []int
	for _, name := range l.names {
		if !strings.HasPrefix(name, q.prefix) || name == "" {
			continue
		}
		steps = q.open(steps[:0], 0)
		for start := 0; start < len(name) && len(steps) > 0; {
			end := len(name)
			if n := strings.IndexByte(name[start:], '.'); n >= 0 {
				end = start + n
			}
			next = q.next(next[:0], steps, name[start:end])
			if slices.Contains(next, len(q.globs)) {
				dst = append(dst, hit{name[:end], end == len(name)})
			}
			steps, next = next, steps
			start = end + 1
		}
	}
	return dst
}

// count returns the number of names at a path and below it.
func (l *live) count(path string) (n int) {
	for _, name := range l.names {
		if strings.HasPrefix(name, path) && (len(name) == len(path) || name[len(path)] == '.') {
			n++
		}
	}
	return n
}
