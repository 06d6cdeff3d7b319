package index

import (
	"cmp"
	"slices"
)

// Search returns the paths in tree and the series in tags that contain all words of a text, the
// best first, at most limit. tree or tags may be nil. Blanks or semicolons separate the words. They
// may be anywhere in a path and in any order, and the case of ASCII letters does not matter. A word
// with dots is found across nodes: "b1.cp" in web1.cpu.
//
// A word that equals a node (or a tag, a value, or tag=value) counts more than one at the beginning
// of a node, and that counts more than one within a node. Among equal paths the shorter is first.
// If a branch contains all words, the paths below it come last, because the branch stands for them.
// An error says that the text has too many words.
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
