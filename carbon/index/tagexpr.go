package index

import (
	"regexp"
	"strings"
)

// An ExprError says what is wrong with tag expressions, in graphite-web's words if it has the same
// error.
type ExprError struct{ Msg string }

func (e *ExprError) Error() string { return e.Msg }

// A tagExpr is one condition on the value of a tag.
type tagExpr struct {
	tag   string
	value string         // for = and !=
	re    *regexp.Regexp // for =~ and !=~
	not   bool
	empty bool // series without the tag match, too
}

// parseTagExprs parses tag=value, tag!=value, tag=~regexp and tag!=~regexp. At least one of them
// must not match series without the tag.
func parseTagExprs(specs []string) ([]tagExpr, error) {
	exprs := make([]tagExpr, len(specs))
	empty := true
	for i, s := range specs {
		e, err := parseTagExpr(s)
		if err != nil {
			return nil, err
		}
		exprs[i] = e
		empty = empty && e.empty
	}
	if empty {
		return nil, &ExprError{"At least one tagspec must not match the empty string"}
	}
	return exprs, nil
}

func parseTagExpr(spec string) (e tagExpr, err error) {
	n := strings.IndexAny(spec, ";!=")
	if n < 1 {
		return e, &ExprError{"Invalid tagspec " + spec}
	}
	e.tag = spec[:n]
	rest, not := strings.CutPrefix(spec[n:], "!")
	e.not = not
	rest, ok := strings.CutPrefix(rest, "=")
	if !ok || strings.Contains(rest, ";") {
		return e, &ExprError{"Invalid tagspec " + spec}
	}
	text, ok := strings.CutPrefix(rest, "~")
	if !ok {
		e.value = rest
		e.empty = e.match("")
		return e, nil
	}
	if e.re, err = anchored(text); err != nil {
		return e, &ExprError{"Invalid tagspec " + spec + ": " + err.Error()}
	}
	e.empty = e.match("")
	if e.empty && strings.HasPrefix(text, "^") { // of ^a|b, Graphite anchors b, too
		e.re, err = regexp.Compile(`^(?:` + text + `)`)
	}
	return e, err
}

// anchored compiles a regular expression that must match at the start of a text but need not match
// to its end. As in Graphite, an expression that begins with ^ stays as it is. The syntax is Go's,
// which has no lookaround and no backreferences.
func anchored(text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text) // first, because the anchor could hide an error
	if err != nil || strings.HasPrefix(text, "^") {
		return re, err
	}
	return regexp.Compile(`^(?:` + text + `)`)
}

// match reports whether a value matches. A series without the tag has the value "".
func (e *tagExpr) match(value string) bool {
	if e.re != nil {
		return e.re.MatchString(value) != e.not
	}
	return (value == e.value) != e.not
}
