package index

import (
	"math"
	"slices"
)

// New names wait in a list until there are a few hundred. Then a goroutine makes a snapshot of them
// and merges it with the parts that are at most mergeRatio times as large. So each name is copied
// some dozen times while an index grows, which takes a few nanoseconds per node, and a find has few
// parts to read. The goroutine ends with the merge, so a Tree that nobody closes is not a leak. If
// Add merged instead, one sender would wait for all names; if a clock started merges, most would
// have nothing to do.
const (
	mergeRatio    = 4              // a part that is at most this many times as large is merged, too
	mergeFraction = 50             // a part with deletions of more than one in this many of its names is merged
	maxText       = math.MaxUint32 // bytes of distinct words that a snapshot can number; past that parts stay apart
)

// Close waits for the running merge, if there is one. No other merge begins after it. All other
// methods still work.
func (t *Tree) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.merging.Wait()
	return nil
}

// Compact merges all names added so far and waits for the end of the merge. It is useful after many
// names have been added.
func (t *Tree) Compact() {
	t.mu.Lock()
	running := t.done
	t.mu.Unlock()
	if running != nil {
		<-running
	}
	t.mu.Lock()
	if t.live.len() > 0 || len(t.parts) > 1 || t.parts[0].deleted > 0 {
		t.mergeLocked(0)
	}
	running = t.done
	t.mu.Unlock()
	if running != nil {
		<-running
	}
}

// mergeLocked starts a merge of the new names and of the parts from index from on, and perhaps of
// earlier parts, unless a merge is running.
func (t *Tree) mergeLocked(from int) {
	if t.closed || t.done != nil {
		return
	}
	first, size, text := len(t.parts), t.live.len(), t.live.text
	for ; first > 0; first-- {
		p := t.parts[first-1]
		text += uint64(len(p.words.text))
		if first <= from && p.leaves > mergeRatio*size || text > maxText {
			break
		}
		size += p.leaves
	}
	names, parts := t.freezeLocked(first)
	t.merging.Go(func() { t.install(first, mergeAll(names, parts)) })
}

// freezeLocked returns what is to be merged: the new names, which are t.frozen from now on, and
// copies of the parts from index first on. Neither changes afterwards.
func (t *Tree) freezeLocked(first int) (names []string, parts []*snapshot) {
	for _, p := range t.parts[first:] {
		parts = append(parts, p.freeze())
	}
	t.frozen, t.live, t.done = t.live, &live{}, make(chan struct{})
	return t.frozen.all(), parts
}

// install replaces the frozen names and parts by the snapshot that was merged from them.
func (t *Tree) install(first int, merged *snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range t.redo {
		merged.set(name, false)
	}
	t.parts = append(slices.Clone(t.parts[:first]), merged)
	t.frozen, t.redo = nil, nil
	close(t.done)
	t.done = nil
}
