package index

import (
	"slices"
	"strings"

	"graphited/carbon/pyvalue"
)

// ParseTagged returns the canonical form of a metric's path: its name without leading ~, and its
// tags sorted, as in name;a=1;b=2. If a tag occurs twice, the last one counts. A tag called name is
// left out. The path need not have tags.
//
// It accepts both of Graphite's notations, name;b=2;a=1 and name{b="2",a="1"}, like
// TaggedSeries.parse of carbon and graphite-web. The error is a *pyvalue.TagError. It returns a path that
// is already canonical without copying it.
func ParseTagged(path string) (canonical string, err error) {
	name, tags, err := pyvalue.SplitTags(path)
	if err != nil {
		return "", err
	}
	return joinTags(path, name, tags), nil
}

// joinTags returns the canonical form, which is path itself if path is canonical. Sorting makes
// tags with the same key adjacent, because a key is compared including its =.
func joinTags(path, name string, tags []string) string {
	if len(tags) == 0 {
		return name
	}
	if path[0] != '~' && path[len(name)] == ';' && inOrder(tags) {
		return path
	}
	sorted := slices.Clone(tags)
	slices.SortStableFunc(sorted, func(a, b string) int { return strings.Compare(tagKey(a), tagKey(b)) })
	kept := sorted[:0]
	size := len(name)
	for i, t := range sorted {
		key := tagKey(t)
		if again := i+1 < len(sorted) && strings.HasPrefix(sorted[i+1], key); again || key == "name=" {
			continue
		}
		kept = append(kept, t)
		size += 1 + len(t)
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString(name)
	for _, t := range kept {
		b.WriteByte(';')
		b.WriteString(t)
	}
	return b.String()
}

// tagKey returns the key of key=value, including the =.
func tagKey(tag string) string { return tag[:strings.IndexByte(tag, '=')+1] }

// inOrder reports whether tags are sorted and distinct and none is called name.
func inOrder(tags []string) bool {
	last := ""
	for _, t := range tags {
		key := tagKey(t)
		if key <= last || key == "name=" {
			return false
		}
		last = key
	}
	return true
}

// TagOf returns the value of a tag of a canonical name, or "" if the name does not have the tag.
// The metric's name is the value of the tag called name.
func TagOf(canonical, tag string) string {
	name, rest, _ := strings.Cut(canonical, ";")
	if tag == "name" {
		return name
	}
	for t := range strings.SplitSeq(rest, ";") {
		if len(t) > len(tag) && t[len(tag)] == '=' && t[:len(tag)] == tag {
			return t[len(tag)+1:]
		}
	}
	return ""
}
