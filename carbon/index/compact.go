package index

import (
	"math"
	"slices"
)

// New names wait in a list until they are a few hundred. Then a goroutine makes a snapshot of them
// and merges it with those parts that are at most some times as large as what it merges. So each
// name is copied some dozen times while an index grows, at a few nanoseconds a node, and there are
// few parts to look through. The goroutine lives as long as the merge: a Tree at rest has none, and
// a Tree that nobody closes is no leak. Merging in Add instead would make one sender wait for all
// names, and merging by a clock would do nothing most of the time.
const (
	mergeRatio    = 4              // a part that is at most so many times as large is merged, too
	mergeFraction = 50             // of a part's names: so many deletions in it are worth a merge
	maxText       = math.MaxUint32 // bytes of distinct words that a snapshot can number; past that parts stay apart
)

// Close waits for the merge that is running, if any. No other will begin; all other methods go on
// working.
func (t *Tree) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.merging.Wait()
	return nil
}

// Compact merges all names that have come so far, after loading many for instance, and waits for
// it.
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

// mergeLocked starts a merge of the new names and of the parts from number from on, and perhaps
// others, unless one is running.
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

// freezeLocked sets apart what is to be merged: the new names, which are t.frozen from now on, and
// the parts from number first on. What it returns does not change.
func (t *Tree) freezeLocked(first int) (names []string, parts []*snapshot) {
	for _, p := range t.parts[first:] {
		parts = append(parts, p.freeze())
	}
	t.frozen, t.live, t.done = t.live, &live{}, make(chan struct{})
	return t.frozen.all(), parts
}

// install replaces what was set apart by what was merged from it.
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
