package index

import (
	"strings"
)

// valid tells whether name can be in the index: no node between dots is empty.
func valid(name string) bool {
	return name != "" && name[0] != '.' && name[len(name)-1] != '.' && !strings.Contains(name, "..")
}

// Add puts name into the index and tells whether it is new. A name with an empty node (a..b, .a)
// could not be found and is not taken. Add keeps nothing of name's memory. It waits for other calls
// of Add and for the part of a find that reads the newest names, never for a merge.
func (t *Tree) Add(name string) bool {
	if !valid(name) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.merged(name) || t.frozen != nil && t.frozen.has(name) || !t.live.add(name) {
		return false
	}
	t.changes++
	if t.live.len() >= minMerge {
		t.mergeLocked(len(t.parts))
	}
	return true
}

// Delete takes name out of the index and tells whether it was in. A branch ends with its last leaf.
func (t *Tree) Delete(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live.delete(name) {
		t.changes++
		return true
	}
	deleted := t.frozen != nil && t.frozen.delete(name)
	worn := len(t.parts) // the first part that is to be merged because of what is gone in it
	for i := 0; i < len(t.parts) && !deleted; i++ {
		if p := t.parts[i]; p.set(name, false) {
			if deleted = true; p.deleted >= max(minMerge, p.leaves/mergeFraction) {
				worn = i
			}
		}
	}
	if deleted {
		t.changes++
		if t.done != nil {
			t.redo = append(t.redo, strings.Clone(name))
		} else if worn < len(t.parts) {
			t.mergeLocked(worn)
		}
	}
	return deleted
}
