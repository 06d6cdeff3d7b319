package pyvalue

import (
	"fmt"
	"strings"
)

// A TagError says why a path is no name with tags, in graphite-web's words where it has some.
type TagError struct{ Msg string }

func (e *TagError) Error() string { return e.Msg }

func tagErrorf(format string, args ...any) error {
	return &TagError{fmt.Sprintf(format, args...)}
}

// SplitTags splits a metric's path into its name, without leading ~, and its tags, key=value each,
// in the order of the path. The path may have no tags at all. A tag may come twice: then the last
// counts.
//
// It takes both of Graphite's notations, name;b=2;a=1 and name{b="2",a="1"}, as TaggedSeries.parse
// of carbon and graphite-web. The error is a *TagError. Of a path in the first notation nothing is
// copied.
func SplitTags(path string) (name string, tags []string, err error) {
	if strings.HasSuffix(path, `"}`) && strings.Contains(path, "{") {
		name, tags, err = splitOpenMetrics(path)
	} else {
		name, tags, err = splitCarbon(path)
	}
	if err != nil {
		return "", nil, err
	}
	clean := strings.TrimLeft(name, "~")
	if clean == "" {
		return "", nil, tagErrorf("Cannot use metric name %s as tag value, results in emptry string", name)
	}
	return clean, tags, nil
}

func splitCarbon(path string) (name string, tags []string, err error) {
	name, rest, tagged := strings.Cut(path, ";")
	if name == "" {
		return "", nil, tagErrorf("Cannot parse path %s, no metric found", path)
	}
	if !tagged {
		return name, nil, nil
	}
	tags = make([]string, 0, strings.Count(rest, ";")+1)
	for tag := range strings.SplitSeq(rest, ";") {
		key, value, ok := strings.Cut(tag, "=")
		if !ok || key == "" {
			return "", nil, tagErrorf("Cannot parse path %s, invalid segment %s", path, tag)
		}
		if err := checkTag(key, value); err != nil {
			return "", nil, err
		}
		tags = append(tags, tag)
	}
	return name, tags, nil
}

// splitOpenMetrics parses name{key="value",...}; \" and \\ in a value stand for " and \. A comma
// may have a colon before it and may be the last, as in Graphite.
func splitOpenMetrics(path string) (name string, tags []string, err error) {
	name, rest, _ := strings.Cut(strings.TrimSuffix(path, "}"), "{")
	switch {
	case strings.Contains(rest, "{"):
		return "", nil, tagErrorf("Cannot parse path %s, more than one {", path)
	case name == "":
		return "", nil, tagErrorf("Cannot parse path %s, no metric found", path)
	}
	for rest != "" {
		key, after, ok := strings.Cut(rest, `="`)
		end := quoteEnd(after)
		if !ok || key == "" || strings.Contains(key, "=") || end < 1 {
			return "", nil, tagErrorf("Cannot parse path %s, invalid segment %s", path, rest)
		}
		value := strings.ReplaceAll(strings.ReplaceAll(after[:end], `\"`, `"`), `\\`, `\`)
		after = after[end+1:]
		next, comma := strings.CutPrefix(strings.TrimPrefix(after, ":"), ",")
		if !comma && after != "" {
			return "", nil, tagErrorf("Cannot parse path %s, invalid segment %s", path, rest)
		}
		rest = next
		if err := checkTag(key, value); err != nil {
			return "", nil, err
		}
		tags = append(tags, key+"="+value)
	}
	return name, tags, nil
}

// quoteEnd returns the place of the quote that ends a value; -1 when there is none or a backslash
// stands before another character.
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
		return tagErrorf(`Value for tag "%s" may not be empty`, key)
	}
	for _, c := range ";!^=" {
		if strings.ContainsRune(key, c) {
			return tagErrorf(`Character "%c" is not allowed in tag "%s"`, c, key)
		}
	}
	if strings.Contains(value, ";") {
		return tagErrorf(`Character ";" is not allowed in value "%s" of tag %s`, value, key)
	}
	if value[0] == '~' {
		return tagErrorf(`Tag values are not allowed to start with "~" in tag "%s"`, key)
	}
	return nil
}
