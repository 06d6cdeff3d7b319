package index

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestLoadOfNonsense: kept names whose nodes lead back to themselves, or to words that there are
// not, are refused: a walk through them would not end, or would leave the arrays.
func TestLoadOfNonsense(t *testing.T) {
	tree := New()
	defer tree.Close()
	for _, name := range []string{"a.b", "a.c", "d"} {
		tree.Add(name)
	}
	sound := tree.AppendTo(nil)
	load := func(change func(word, kids []uint32)) error {
		r := reader{data: sound}
		offset := r.uint32s()
		text := r.bytes(int(offset[len(offset)-1]))
		word, kids := r.uint32s(), r.uint32s()
		change(word, kids)
		data := append(appendUint32s(nil, offset), text...)
		data = append(appendUint32s(appendUint32s(data, word), kids), r.data...)
		into := New()
		defer into.Close()
		return into.Load(data)
	}
	if err := load(func(_, _ []uint32) {}); err != nil {
		t.Fatal(err)
	}
	words := 0
	if err := load(func(word, _ []uint32) { words = int(slices.Max(word)) + 1 }); err != nil {
		t.Fatal(err)
	}
	for i := 1; ; i++ {
		end := false
		err := load(func(word, _ []uint32) {
			if end = i == len(word); !end {
				word[i] = uint32(words)
			}
		})
		if end {
			break
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("with word %d of %d at node %d: %v", words, words, i, err)
		}
	}
	for i := 1; ; i++ {
		end, what := false, ""
		err := load(func(_, kids []uint32) {
			if end = i == len(kids)-1; !end {
				kids[i] = uint32(max(1, min(i, int(kids[i])-1))) // its children begin with itself, or before
				for k := range i {
					kids[k] = min(kids[k], kids[i])
				}
				what = fmt.Sprint(kids)
			}
		})
		if end {
			break
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("with children %s: %v", what, err)
		}
	}
}
