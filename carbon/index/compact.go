package index

import (
	"math"
	"strings"
)

// New names wait in a tree of maps, which costs some hundred bytes a name, until they are as many as one fiftieth of the snapshot. Then
// a goroutine merges them into a new snapshot. It lives as long as the merge: a Tree at rest has none, and a Tree that nobody closes is
// no leak. Merging in Add instead would make one sender wait for all names, and merging by a clock would do nothing most of the time.
// At a fiftieth a name is copied some fifty times while an index grows, at a few nanoseconds each.
const (
	minMerge      = 1024           // names and deletions that are worth a merge
	mergeFraction = 50             // of the snapshot's names
	maxText       = math.MaxUint32 // bytes of distinct words that a snapshot can number; past that new names stay in maps
)

// Close waits for the merge that is running, if any. No other will begin; all other methods go on working.
func (t *Tree) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.merging.Wait()
	return nil
}

// Compact merges all names that have come so far, after loading many for instance, and waits for it.
func (t *Tree) Compact() {
	t.mu.Lock()
	running := t.done
	t.mu.Unlock()
	if running != nil {
		<-running
	}
	t.mu.Lock()
	if t.done == nil && t.live.len()+t.base.deleted > 0 {
		t.mergeLocked()
	}
	running = t.done
	t.mu.Unlock()
	if running != nil {
		<-running
	}
}

// changedLocked remembers a name that a merge may have seen as it was before.
func (t *Tree) changedLocked(name string) {
	if t.frozen != nil {
		t.redo = append(t.redo, strings.Clone(name))
	}
}

func (t *Tree) mergeIfLargeLocked() {
	if t.done == nil && t.live.len()+t.base.deleted >= max(minMerge, t.base.leaves/mergeFraction) {
		t.mergeLocked()
	}
}

// mergeLocked starts a merge; none may be running.
func (t *Tree) mergeLocked() {
	if t.closed || uint64(len(t.base.words.text))+t.live.text > maxText {
		return
	}
	base := t.freezeLocked()
	fresh := t.frozen
	t.done = make(chan struct{})
	t.merging.Go(func() { t.install(merge(base, newSnapshot(fresh.names()))) })
}

// freezeLocked sets apart what is to be merged: the new names, as t.frozen, and the snapshot that it returns.
func (t *Tree) freezeLocked() *snapshot {
	t.frozen, t.live = t.live, &live{}
	return t.base.freeze()
}

// install replaces what was set apart by the snapshot merged from it.
func (t *Tree) install(merged *snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range t.redo {
		leaf := t.base.has(name) || t.frozen.has(name)
		merged.set(name, leaf)
		if leaf && !merged.has(name) {
			t.live.add(name)
		}
	}
	t.base, t.frozen, t.redo = merged, nil, nil
	if t.done != nil {
		close(t.done)
		t.done = nil
	}
}
