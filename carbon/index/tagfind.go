package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Find returns the series that match all expressions, sorted, like graphite-web's seriesByTag. The
// expressions are tag=value, tag!=value, tag=~regexp and tag!=~regexp. A series without the tag has
// the value "", and a regular expression must match at the start of the value. The tag called name
// is the name of the series. At least one expression must not match series without its tag. The
// error is an *ExprError.
//
// If tag=value is among the expressions, the cost is proportional to the number of series that have
// it. With regular expressions alone Find matches each value of their tags, and for the tag called
// name each name in the Tree.
func (t *Tags) Find(exprs []string) ([]string, error) {
	parsed, err := parseTagExprs(exprs)
	if err != nil {
		return nil, err
	}
	names := append(t.tagged(parsed), t.untagged(parsed)...)
	slices.Sort(names)
	return names, nil
}

// exact reports whether only one value matches e.
func (e *tagExpr) exact() bool { return e.re == nil && !e.not && e.value != "" }

// tagged returns the series in the index that match exprs, in no particular order.
func (t *Tags) tagged(exprs []tagExpr) []string {
	// Regular expressions are matched without the lock. If an exact expression leaves few names,
	// they are matched against those afterwards, otherwise against all values first.
	few := slices.ContainsFunc(exprs, func(e tagExpr) bool { return e.exact() })
	picked := make([][]string, len(exprs))
	for i, e := range exprs {
		if e.re != nil && !few {
			for _, v := range t.valuesOf(e.tag) {
				if e.match(v) != e.empty {
					picked[i] = append(picked[i], v)
				}
			}
		}
	}
	names := t.combine(exprs, picked, few)
	if !few {
		return names
	}
	for _, e := range exprs {
		if e.re == nil {
			continue
		}
		known := make(map[string]bool)
		names = slices.DeleteFunc(names, func(name string) bool {
			v := TagOf(name, e.tag)
			ok, hit := known[v]
			if !hit {
				ok = e.match(v)
				known[v] = ok
			}
			return !ok
		})
	}
	return names
}

// combine intersects the series that each expression selects. For a regular expression it uses the
// picked values, or ignores the expression if passRegexps is set.
func (t *Tags) combine(exprs []tagExpr, picked [][]string, passRegexps bool) (names []string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var found *roaring.Bitmap
	for _, less := range []bool{false, true} { // first the series to include, then those to exclude
		for i, e := range exprs {
			if e.empty != less || e.re != nil && passRegexps {
				continue
			}
			set := t.selectLocked(&e, picked[i])
			switch {
			case less:
				found.AndNot(set)
			case found == nil:
				found = set.Clone()
			default:
				found.And(set)
			}
		}
	}
	names = make([]string, 0, found.GetCardinality())
	for id := range roaring.Values(found) {
		names = append(names, t.names[id])
	}
	return names
}

// selectLocked returns the series whose value of the tag matches e. If series without the tag match
// e, too, it returns those whose value does not. The caller must not change the bitmap.
func (t *Tags) selectLocked(e *tagExpr, picked []string) *roaring.Bitmap {
	x := t.tags[e.tag]
	switch {
	case x == nil:
		return roaring.New()
	case e.re != nil:
		return x.union(picked)
	case e.value == "":
		return x.all
	}
	if p := x.values[e.value]; p != nil && p.many != nil {
		return p.many
	}
	return x.union([]string{e.value})
}

func (x *tagIndex) union(values []string) *roaring.Bitmap {
	var ones []uint32
	var many []*roaring.Bitmap
	for _, v := range values {
		switch p := x.values[v]; {
		case p == nil:
		case p.many != nil:
			many = append(many, p.many)
		default:
			ones = append(ones, p.one)
		}
	}
	set := roaring.FastOr(many...)
	if len(many) == 1 {
		set = set.Clone()
	}
	set.AddMany(ones)
	return set
}

// untagged returns the names in the Tree that match exprs as series with only the tag called name.
func (t *Tags) untagged(exprs []tagExpr) (names []string) {
	if t.tree == nil {
		return nil
	}
	var exact string
	for _, e := range exprs {
		switch {
		case e.tag != "name" && !e.empty:
			return nil
		case e.tag == "name" && e.exact():
			exact = e.value
		}
	}
	matches := func(name string) bool {
		for _, e := range exprs {
			if e.tag == "name" && !e.match(name) {
				return false
			}
		}
		return true
	}
	if exact != "" {
		if !ofTagged(exact) && t.tree.Has(exact) && matches(exact) {
			names = []string{strings.Clone(exact)}
		}
		return names
	}
	for name := range t.tree.Names() {
		if !ofTagged(name) && matches(name) {
			names = append(names, strings.Clone(name))
		}
	}
	return names
}

// ofTagged reports whether a name in the Tree belongs to the file of a tagged series.
func ofTagged(name string) bool {
	return strings.HasPrefix(name, hiddenBranch+".") || strings.IndexByte(name, ';') >= 0
}

// valuesOf returns the values of a tag, sorted. No series may have some of them any more. The
// caller must not change the slice.
func (t *Tags) valuesOf(tag string) []string {
	t.mu.RLock()
	x := t.tags[tag]
	ready := x != nil && len(x.fresh) == 0
	var values []string
	if ready {
		values = x.sorted
	}
	t.mu.RUnlock()
	if x == nil || ready {
		return values
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if x = t.tags[tag]; x == nil {
		return nil
	}
	if len(x.fresh) > 0 {
		x.order()
	}
	return x.sorted
}
