package render

import (
	"slices"
	"strings"

	"graphited/carbon/pyvalue"
	"graphited/render/expr"
)

// nodeKey joins the nodes and tags of a series with dots, as graphite-web's
// aggKey: of a name that ends in ")" the first pattern within it counts.
func nodeKey(s *Series, nodes []any) string {
	name := s.Name
	if strings.HasSuffix(name, ")") {
		if path, ok := expr.FirstPath(name); ok {
			name = path
		}
	}
	name, _, _ = strings.Cut(name, ";")
	split := strings.Split(name, ".")
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = nodeOrTag(s, split, n)
	}
	return strings.Join(parts, ".")
}

// nodeOrTag is one node of a split name; where there is none such, a tag.
func nodeOrTag(s *Series, split []string, n any) string {
	if at, ok := n.(int64); ok {
		if at < 0 {
			at += int64(len(split))
		}
		if at >= 0 && at < int64(len(split)) {
			return split[at]
		}
	}
	v, _ := s.Tag(pyvalue.Str(n))
	return v
}

// joinNodes lists nodes and tags as Python prints them.
func joinNodes(nodes []any) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = pyvalue.Str(n)
	}
	return strings.Join(parts, ",")
}

func sortedByName(in []*Series) []*Series {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b *Series) int { return strings.Compare(a.Name, b.Name) })
	return out
}
