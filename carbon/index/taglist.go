package index

import (
	"maps"
	"slices"
	"sort"
	"strings"
)

// A TagValue is a value of a tag with the number of series that have it.
type TagValue struct {
	Value string
	Count int
}

// Tags returns the tags that match filter at their start, sorted, and at most limit of them. An
// empty filter matches all tags. A limit of 0 or less means no limit. If filter is not a regular
// expression, the error is an *ExprError.
func (t *Tags) Tags(filter string, limit int) ([]string, error) {
	match, err := newFilter(filter)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	tags := slices.AppendSeq([]string{}, maps.Keys(t.tags))
	t.mu.RUnlock()
	slices.Sort(tags)
	return atMost(slices.DeleteFunc(tags, func(tag string) bool { return !match(tag) }), limit), nil
}

// Values returns the values of tag, sorted. filter and limit have the same meaning as in Tags. It
// returns nil if there is no such tag.
func (t *Tags) Values(tag, filter string, limit int) ([]TagValue, error) {
	match, err := newFilter(filter)
	if err != nil {
		return nil, err
	}
	var matched []string
	for _, v := range t.valuesOf(tag) {
		if match(v) {
			matched = append(matched, v)
		}
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	x := t.tags[tag]
	if x == nil {
		return nil, nil
	}
	values := make([]TagValue, 0, len(matched))
	for _, v := range matched {
		if p := x.values[v]; p != nil {
			values = append(values, TagValue{v, p.len()})
		}
	}
	return atMost(values, limit), nil
}

// CompleteTags returns the tags that begin with prefix, sorted, and at most limit if that is more
// than 0. With expressions it returns only tags of the series with tags that match them, without
// the tags in the expressions. It works like graphite-web's autoComplete/tags.
func (t *Tags) CompleteTags(exprs []string, prefix string, limit int) ([]string, error) {
	if len(exprs) == 0 {
		tags, _ := t.Tags("", 0) // no filter, no error
		return atMost(slices.DeleteFunc(tags, func(tag string) bool { return !strings.HasPrefix(tag, prefix) }), limit), nil
	}
	parsed, err := parseTagExprs(exprs)
	if err != nil {
		return nil, err
	}
	found := make(map[string]struct{})
	for _, name := range t.tagged(parsed) {
		for tag := range tagsOf(name) {
			if strings.HasPrefix(tag, prefix) {
				found[tag] = struct{}{}
			}
		}
	}
	for _, e := range parsed {
		delete(found, e.tag)
	}
	return atMost(sortedMembers(found), limit), nil
}

// CompleteValues returns the values of tag that begin with prefix, sorted, and at most limit if
// that is more than 0. With expressions it returns only values of the series with tags that match
// them. It works like graphite-web's autoComplete/values.
func (t *Tags) CompleteValues(exprs []string, tag, prefix string, limit int) ([]string, error) {
	if len(exprs) == 0 {
		return t.completeFromAll(tag, prefix, limit), nil
	}
	parsed, err := parseTagExprs(append(slices.Clone(exprs), tag+"!="))
	if err != nil {
		return nil, err
	}
	found := make(map[string]struct{})
	for _, name := range t.tagged(parsed) {
		if v := TagOf(name, tag); strings.HasPrefix(v, prefix) {
			found[v] = struct{}{}
		}
	}
	return atMost(sortedMembers(found), limit), nil
}

func (t *Tags) completeFromAll(tag, prefix string, limit int) []string {
	all := t.valuesOf(tag)
	t.mu.RLock()
	defer t.mu.RUnlock()
	values := []string{}
	x := t.tags[tag]
	if x == nil {
		return values
	}
	for _, v := range all[sort.SearchStrings(all, prefix):] {
		if !strings.HasPrefix(v, prefix) || limit > 0 && len(values) == limit {
			break
		}
		if x.values[v] != nil {
			values = append(values, v)
		}
	}
	return values
}

// newFilter returns a function that reports whether a regular expression matches at the start of a
// text.
func newFilter(text string) (func(string) bool, error) {
	if text == "" {
		return func(string) bool { return true }, nil
	}
	re, err := anchored(text)
	if err != nil {
		return nil, &ExprError{"Invalid filter " + text + ": " + err.Error()}
	}
	return re.MatchString, nil
}

// sortedMembers returns the members of a set. The slice is not nil.
func sortedMembers(set map[string]struct{}) []string {
	list := slices.AppendSeq(make([]string, 0, len(set)), maps.Keys(set))
	slices.Sort(list)
	return list
}

func atMost[E any](list []E, limit int) []E {
	if limit > 0 && len(list) > limit {
		return list[:limit]
	}
	return list
}
