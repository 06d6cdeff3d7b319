package render

import (
	"fmt"
	"strings"

	"graphited/carbon/pyvalue"
)

// parseTags splits "metric;tag=value;..." into tags in the order given, then
// "name". A later duplicate wins and keeps the first one's place.
func parseTags(path string) ([]Tag, error) {
	name, texts, err := pyvalue.SplitTags(path)
	if err != nil {
		return nil, fmt.Errorf("cannot parse the tags of %q: %w", path, err)
	}
	tags := make([]Tag, 0, len(texts)+1)
	for _, t := range texts {
		key, value, _ := strings.Cut(t, "=")
		tags = withTag(tags, key, value)
	}
	return withTag(tags, "name", name), nil
}
