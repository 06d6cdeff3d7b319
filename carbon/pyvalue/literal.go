package pyvalue

import (
	"regexp/syntax"
	"strings"
)

// literal is an expression that is no more than a text: found anywhere, at the beginning, at the
// end, or being all.
type literal struct {
	text       string
	begin, end bool
}

func (l *literal) match(s string) bool {
	switch {
	case l.begin && l.end:
		return s == l.text
	case l.begin:
		return strings.HasPrefix(s, l.text)
	case l.end:
		return strings.HasSuffix(s, l.text)
	default:
		return strings.Contains(s, l.text)
	}
}

// maxLiterals bounds how many texts one expression may stand for. With more, the regular expression
// is faster.
const maxLiterals = 8

// plainLiterals gives texts of which one is found exactly where the expression is. nil when the
// expression is not that plain. Most patterns of real rules are: ^carbon\. or \.(min|lower)$ or .*
// .
func plainLiterals(expr string) []literal {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	list, ok := expand(re)
	if !ok {
		return nil
	}
	for i := range list {
		list[i].loosen()
		if strings.Contains(list[i].text, anything) {
			return nil
		}
	}
	return list
}

// loosen drops ".*" at the ends, and with it the anchors, since a search looks anywhere.
func (l *literal) loosen() {
	for strings.HasPrefix(l.text, anything) {
		l.text, l.begin = l.text[len(anything):], false
		l.end = l.end && l.text != ""
	}
	for strings.HasSuffix(l.text, anything) {
		l.text, l.end = l.text[:len(l.text)-len(anything)], false
		l.begin = l.begin && l.text != ""
	}
	if l.text == "" && !(l.begin && l.end) {
		*l = literal{}
	}
}

// anything stands for ".*" while an expression is expanded. It is no valid UTF-8, so no expression
// contains it.
const anything = "\xff"

// expand turns an expression into the alternatives that it stands for. ok is false when there are
// too many, or others than texts.
func expand(re *syntax.Regexp) (list []literal, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []literal{{}}, true
	case syntax.OpBeginText:
		return []literal{{begin: true}}, true
	case syntax.OpEndText:
		return []literal{{end: true}}, true
	case syntax.OpLiteral:
		return []literal{{text: string(re.Rune)}}, re.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass:
		return expandClass(re.Rune)
	case syntax.OpCapture:
		return expand(re.Sub[0])
	case syntax.OpStar:
		op := re.Sub[0].Op
		return []literal{{text: anything}}, op == syntax.OpAnyCharNotNL || op == syntax.OpAnyChar
	case syntax.OpQuest:
		list, ok = expand(re.Sub[0])
		return append(list, literal{}), ok && len(list) < maxLiterals
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			more, ok := expand(sub)
			if list = append(list, more...); !ok || len(list) > maxLiterals {
				return nil, false
			}
		}
		return list, true
	case syntax.OpConcat:
		return expandConcat(re.Sub)
	default:
		return nil, false
	}
}

func expandClass(pairs []rune) (list []literal, ok bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1]-pairs[i] >= maxLiterals {
			return nil, false
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			list = append(list, literal{text: string(r)})
		}
	}
	return list, len(list) > 0 && len(list) <= maxLiterals
}

func expandConcat(subs []*syntax.Regexp) ([]literal, bool) {
	list := []literal{{}}
	for _, sub := range subs {
		right, ok := expand(sub)
		if !ok || len(list)*len(right) > maxLiterals {
			return nil, false
		}
		var joined []literal
		for _, l := range list {
			for _, r := range right {
				j, ok := join(l, r)
				if !ok {
					return nil, false
				}
				joined = append(joined, j)
			}
		}
		list = joined
	}
	return list, true
}

// join appends r to l. An anchor within a text is left to the regular expression.
func join(l, r literal) (literal, bool) {
	if r.begin && (l.text != "" || l.end) || l.end && r.text != "" {
		return literal{}, false
	}
	return literal{text: l.text + r.text, begin: l.begin || r.begin, end: l.end || r.end}, true
}
