package render

import (
	"fmt"
	"strings"

	"graphited/carbon/pyvalue"
)

// ParseTags splits "metric;tag=value;..." into tags in the order given, then
// "name". A later duplicate wins and keeps the first one's place.
func ParseTags(path string) ([]Tag, error) {
	name, texts, err := pyvalue.SplitTags(path)
	if err != nil {
		return nil, fmt.Errorf("cannot parse the tags of %q: %w", path, err)
	}
	tags := make([]Tag, 0, len(texts)+1)
	for _, t := range texts {
		key, value, _ := strings.Cut(t, "=")
		tags = WithTag(tags, key, value)
	}
	return WithTag(tags, "name", name), nil
}
