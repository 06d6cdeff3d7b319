package render

import (
	"strings"

	"graphited/render/expr"
)

// A name may hold what has a meaning in a target: blanks, brackets, braces, quotes. The
// meaning comes first, so that a pattern stays a pattern whatever names there are. Only
// what means nothing, or finds nothing, is taken for the name that it is.

// special is what has a meaning in patterns.
const special = `*?[]{}\`

// longestName is more than the path of a file can be.
const longestName = 4096

// named returns the path of the series whose name is all of a text, nil if there is none.
func (m *memory) named(text string) *expr.Node {
	name := strings.TrimSpace(text)
	if !strings.ContainsAny(name, special+` ()'",|`) || m.literal(name) == nil {
		return nil
	}
	return &expr.Node{Kind: expr.Path, Name: name, Text: name}
}

// literal returns the name alone if there is a leaf called so. It is looked for by a
// pattern in which what is special may be any character.
func (m *memory) literal(name string) []string {
	if len(name) > longestName {
		return nil
	}
	pattern := strings.Map(func(r rune) rune {
		if strings.ContainsRune(special, r) {
			return '?'
		}
		return r
	}, name)
	for found, leaf := range m.e.o.Store.Find(m.ctx, pattern) {
		if leaf && found == name {
			return []string{name}
		}
	}
	return nil
}
