package index

import (
	"fmt"
	"slices"
	"strings"
)

// A PathError says why a path is not a name with tags, in graphite-web's words if it has the same
// error.
type PathError struct{ Msg string }

func (e *PathError) Error() string { return e.Msg }

func pathErrorf(format string, args ...any) error {
	return &PathError{fmt.Sprintf(format, args...)}
}

// ParseTagged returns the canonical form of a metric's path: its name without leading ~, and its
// tags sorted, as in name;a=1;b=2. If a tag occurs twice, the last one counts. A tag called name is
// left out. The path need not have tags.
//
// It accepts both of Graphite's notations, name;b=2;a=1 and name{b="2",a="1"}, like
// TaggedSeries.parse of carbon and graphite-web. The error is a *PathError. It returns a path that
// is already canonical without copying it.
func ParseTagged(path string) (canonical string, err error) {
	var name string
	var tags []string // key=value
	if strings.HasSuffix(path, `"}`) && strings.Contains(path, "{") {
		name, tags, err = parseOpenMetrics(path)
	} else {
		name, tags, err = parseCarbon(path)
	}
	if err != nil {
		return "", err
	}
	clean := strings.TrimLeft(name, "~")
	if clean == "" {
		return "", pathErrorf("Cannot use metric name %s as tag value, results in emptry string", name)
	}
	return joinTags(path, clean, tags), nil
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

func parseCarbon(path string) (name string, tags []string, err error) {
	name, rest, tagged := strings.Cut(path, ";")
	if name == "" {
		return "", nil, pathErrorf("Cannot parse path %s, no metric found", path)
	}
	if !tagged {
		return name, nil, nil
	}
	tags = make([]string, 0, strings.Count(rest, ";")+1)
	for tag := range strings.SplitSeq(rest, ";") {
		key, value, ok := strings.Cut(tag, "=")
		if !ok || key == "" {
			return "", nil, pathErrorf("Cannot parse path %s, invalid segment %s", path, tag)
		}
		if err := checkTag(key, value); err != nil {
			return "", nil, err
		}
		tags = append(tags, tag)
	}
	return name, tags, nil
}

// parseOpenMetrics parses name{key="value",...}. In a value \" and \\ stand for " and \. As in
// Graphite, there may be a colon before a comma and a comma after the last value.
func parseOpenMetrics(path string) (name string, tags []string, err error) {
	name, rest, _ := strings.Cut(strings.TrimSuffix(path, "}"), "{")
	switch {
	case strings.Contains(rest, "{"):
		return "", nil, pathErrorf("Cannot parse path %s, more than one {", path)
	case name == "":
		return "", nil, pathErrorf("Cannot parse path %s, no metric found", path)
	}
	for rest != "" {
		key, after, ok := strings.Cut(rest, `="`)
		end := quoteEnd(after)
		if !ok || key == "" || strings.Contains(key, "=") || end < 1 {
			return "", nil, pathErrorf("Cannot parse path %s, invalid segment %s", path, rest)
		}
		value := strings.ReplaceAll(strings.ReplaceAll(after[:end], `\"`, `"`), `\\`, `\`)
		after = after[end+1:]
		next, comma := strings.CutPrefix(strings.TrimPrefix(after, ":"), ",")
		if !comma && after != "" {
			return "", nil, pathErrorf("Cannot parse path %s, invalid segment %s", path, rest)
		}
		rest = next
		if err := checkTag(key, value); err != nil {
			return "", nil, err
		}
		tags = append(tags, key+"="+value)
	}
	return name, tags, nil
}

// quoteEnd returns the position of the quote that ends a value. It returns -1 if there is none, or
// if a backslash precedes another character.
func quoteEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return -1
			}
		}
	}
	return -1
}

func checkTag(key, value string) error {
	if value == "" {
		return pathErrorf(`Value for tag "%s" may not be empty`, key)
	}
	for _, c := range ";!^=" {
		if strings.ContainsRune(key, c) {
			return pathErrorf(`Character "%c" is not allowed in tag "%s"`, c, key)
		}
	}
	if strings.Contains(value, ";") {
		return pathErrorf(`Character ";" is not allowed in value "%s" of tag %s`, value, key)
	}
	if value[0] == '~' {
		return pathErrorf(`Tag values are not allowed to start with "~" in tag "%s"`, key)
	}
	return nil
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
