package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Find returns the series that fulfil all expressions, sorted, as graphite-web's seriesByTag:
// tag=value, tag!=value, tag=~regexp and tag!=~regexp, where a series without the tag has the value
// "", and a regular expression must match at the start of the value. The tag name is the name of
// the series. At least one expression must not be fulfilled by series without its tag. The error is
// an *ExprError.
//
// With tag=value among the expressions the price goes with the series that have it. With regular
// expressions alone each value of their tags is matched, and for the tag name each name in the
// Tree.
func (t *Tags) Find(exprs []string) ([]string, error) {
	parsed, err := parseTagExprs(exprs)
	if err != nil {
		return nil, err
	}
	names := append(t.tagged(parsed), t.untagged(parsed)...)
	slices.Sort(names)
	return names, nil
}

// exact tells whether e asks for one value.
func (e *tagExpr) exact() bool { return e.re == nil && !e.not && e.value != "" }

// tagged returns the series in the index that fulfil exprs, in no order.
func (t *Tags) tagged(exprs []tagExpr) []string {
	// Regular expressions are matched without the lock: against the names that are left, or else
	// against all values before.
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

// combine intersects what each expression selects. Of regular expressions it takes the values
// picked, or passes over them.
func (t *Tags) combine(exprs []tagExpr, picked [][]string, passRegexps bool) (names []string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var found *roaring.Bitmap
	for _, less := range []bool{false, true} { // what to leave out comes after what to take
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

// selectLocked returns the series whose value of the tag fulfils e or, when also series without the
// tag fulfil it, does not. The bitmap is not the caller's.
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

// untagged returns the names in the Tree that fulfil exprs as series with the tag name alone.
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
	fulfils := func(name string) bool {
		for _, e := range exprs {
			if e.tag == "name" && !e.match(name) {
				return false
			}
		}
		return true
	}
	if exact != "" {
		if !ofTagged(exact) && t.tree.Has(exact) && fulfils(exact) {
			names = []string{strings.Clone(exact)}
		}
		return names
	}
	for name := range t.tree.Names() {
		if !ofTagged(name) && fulfils(name) {
			names = append(names, strings.Clone(name))
		}
	}
	return names
}

// ofTagged tells whether a name in the Tree is that of a tagged series' file, and so no series with
// the tag name alone.
func ofTagged(name string) bool {
	return strings.HasPrefix(name, hiddenBranch+".") || strings.IndexByte(name, ';') >= 0
}

// valuesOf returns the values of a tag, sorted; some may be gone. The slice is not the caller's.
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
