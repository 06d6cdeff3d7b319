package index

import (
	"cmp"
	"slices"
)

// Search returns the paths in tree and the series in tags that have all words of a text somewhere
// in them, the best first, at most limit. Either may be nil. Words are separated by blanks or
// semicolons and found in any place and order, whatever their case (of ASCII); a word with dots is
// found across nodes: "b1.cp" in web1.cpu.
//
// A word that is a node (or a tag, a value, tag=value) counts more than one that a node begins
// with, and that more than one within a node. Of equal ones the shorter path is first. When a
// branch has all words it stands for what is below it, which comes last. An error says that the
// text has too many words.
func Search(tree *Tree, tags *Tags, text string, limit int) ([]Found, error) {
	terms, err := newTerms(text)
	if err != nil || terms.need == 0 || limit <= 0 {
		return nil, err
	}
	var found []Found
	if tree != nil {
		found = tree.search(terms, limit)
	}
	if tags != nil {
		found = append(found, tags.search(terms, limit)...)
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), compareHits(hit{a.Path, a.Leaf}, hit{b.Path, b.Leaf}))
	})
	return atMost(slices.Compact(found), limit), nil
}
