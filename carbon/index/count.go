package index

import (
	"cmp"
	"slices"
	"strings"
)

// A Branch is a branch of the tree and the number of names below it.
type Branch struct {
	Path  string
	Names int
}

// Count returns the number of names at a path and below it.
func (t *Tree) Count(path string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.live.count(path)
	if t.frozen != nil {
		n += t.frozen.count(path)
	}
	for _, p := range t.parts {
		if node, ok := p.node(path); ok {
			n += p.count(node)
		}
	}
	return n
}

// Largest returns the branches with the most names that are depth levels below a branch, where ""
// is the root. It returns at most limit branches, the largest first. It calls Compact first and
// ignores the branch of the files of tagged series.
func (t *Tree) Largest(branch string, depth, limit int) []Branch {
	t.Compact()
	t.mu.RLock()
	base := t.parts[0]
	t.mu.RUnlock()
	from := uint32(0)
	if branch != "" {
		node, ok := base.node(branch)
		if !ok {
			return nil
		}
		from = node
	}
	best := newBest(limit, cmp.Compare[uint32])
	first, to := from, from+1
	hidden, hiddenTo := uint32(0), uint32(0)
	if i, ok := base.node(hiddenBranch); ok && branch == "" {
		hidden, hiddenTo = i, i+1
	}
	for level := range depth {
		first, to = base.kids[first], base.kids[to]
		if level > 0 && hiddenTo > 0 {
			hidden, hiddenTo = base.kids[hidden], base.kids[hiddenTo]
		}
	}
	for i := first; i < to; i++ {
		if hidden <= i && i < hiddenTo || base.kids[i] == base.kids[i+1] {
			continue
		}
		if n := base.count(i); n > 0 && base.branch(i) {
			best.offer(1<<63-uint64(n), i)
		}
	}
	var largest []Branch
	for _, r := range best.sorted() {
		largest = append(largest, Branch{base.path(r.of), int(1<<63 - r.rank)})
	}
	return largest
}

// count returns the number of names at a node and below it. The nodes of each level are adjacent.
func (s *snapshot) count(node uint32) (n int) {
	for from, to := node, node+1; from < to; from, to = s.kids[from], s.kids[to] {
		n += s.leaf.countBetween(from, to)
	}
	return n
}

// A TagSize is a tag with the number of its values and the number of series that have it.
type TagSize struct {
	Tag            string
	Values, Series int
}

// Sizes returns all tags, the one with the most values first.
func (t *Tags) Sizes() []TagSize {
	t.mu.RLock()
	defer t.mu.RUnlock()
	sizes := make([]TagSize, 0, len(t.tags))
	for tag, x := range t.tags {
		sizes = append(sizes, TagSize{tag, len(x.values), int(x.all.GetCardinality())})
	}
	slices.SortFunc(sizes, func(a, b TagSize) int {
		return cmp.Or(cmp.Compare(b.Values, a.Values), cmp.Compare(b.Series, a.Series), strings.Compare(a.Tag, b.Tag))
	})
	return sizes
}

// Count returns the number of series that have a value of a tag.
func (t *Tags) Count(tag, value string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if x := t.tags[tag]; x != nil && x.values[value] != nil {
		return x.values[value].len()
	}
	return 0
}

// A BranchPattern finds the branch of a name that a pattern matches. It is not safe for concurrent
// use.
type BranchPattern struct {
	globs []glob
}

// NewBranchPattern compiles a pattern like those of Find, but without **. ok is false if no branch
// can match the pattern.
func NewBranchPattern(pattern string) (p *BranchPattern, ok bool) {
	q, ok := newQuery(pattern)
	if !ok || q.deep {
		return nil, false
	}
	return &BranchPattern{q.globs}, true
}

// Branch returns the proper prefix of name that the pattern matches. ok is false if there is none.
func (p *BranchPattern) Branch(name string) (branch string, ok bool) {
	end := 0
	for i := range p.globs {
		n := strings.IndexByte(name[end:], '.')
		if n < 0 || !p.globs[i].match(name[end:end+n]) {
			return "", false
		}
		end += n + 1
	}
	return name[:end-1], true
}
