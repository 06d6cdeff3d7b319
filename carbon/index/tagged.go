package index

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"graphited/carbon/pyvalue"
)

// ParseTagged returns the canonical form of a metric's path: its name without leading ~, and the
// tags sorted, as in name;a=1;b=2. Of a tag that comes twice the last counts; a tag called name is
// left out. The path may have no tags at all.
//
// It takes both of Graphite's notations, name;b=2;a=1 and name{b="2",a="1"}, as TaggedSeries.parse
// of carbon and graphite-web. The error is a *pyvalue.TagError. A path that is canonical already is
// returned as it is, without a copy.
func ParseTagged(path string) (canonical string, err error) {
	name, tags, err := pyvalue.SplitTags(path)
	if err != nil {
		return "", err
	}
	return joinTags(path, name, tags), nil
}

// joinTags makes the canonical form; path, when that is it. Tags with the same key come together
// when they are sorted, because a key is compared with its = at the end.
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

// tagKey returns the key of key=value with the = at its end.
func tagKey(tag string) string { return tag[:strings.IndexByte(tag, '=')+1] }

// inOrder tells whether tags are sorted and distinct, and none is the name.
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

// TaggedFile returns where the file of a canonical name with tags is, below the directory of the
// metrics, with slashes and without suffix: _tagged/abc/def/ and the hexadecimal SHA-256 of the
// name, of which abcdef are the first digits; or, without hash, the name with _DOT_ for each dot.
// As TaggedSeries.encode.
func TaggedFile(canonical string, hash bool) string {
	sum := sha256.Sum256([]byte(canonical))
	digits := hex.EncodeToString(sum[:])
	file := digits
	if !hash {
		file = strings.ReplaceAll(canonical, ".", "_DOT_")
	}
	return "_tagged/" + digits[:3] + "/" + digits[3:6] + "/" + file
}

// MetricFile returns where the file of a name without tags is, below the directory of the metrics:
// a slash for each dot, and none at the front. It has no suffix.
func MetricFile(name string) string {
	return strings.TrimLeft(strings.ReplaceAll(name, ".", "/"), "/")
}

// tagValue returns the value of a tag of a canonical name, "" when it has none. The name itself is
// the value of name.
func tagValue(canonical, tag string) string {
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
