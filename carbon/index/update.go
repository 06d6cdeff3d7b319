package index

import (
	"strings"
)

// isName reports whether name can be in the index, which means that no node between dots is empty.
func isName(name string) bool {
	return name != "" && name[0] != '.' && name[len(name)-1] != '.' && !strings.Contains(name, "..")
}

// Add adds name and reports whether it is new. It ignores a name with an empty node (a..b, .a),
// which no find could find. Add does not retain name's memory. It may wait for other calls of Add
// and for the part of a find that reads the newest names, but never for a merge.
func (t *Tree) Add(name string) bool {
	if !isName(name) {
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

// Delete deletes name and reports whether it was there. A branch is deleted with its last leaf.
func (t *Tree) Delete(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live.delete(name) {
		t.changes++
		return true
	}
	deleted := t.frozen != nil && t.frozen.delete(name)
	worn := len(t.parts) // the first part with so many deletions that it should be merged
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
