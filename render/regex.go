package render

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// regex is a regular expression with the meaning it has in Python's re. What
// RE2 can express runs in linear time; look-around, back-references, replacing
// by an expression that can be empty, and names that are not ASCII run by
// backtracking, which gives up after regexTimeout. Not safe for concurrent use.
type regex struct {
	source  pythonRegex
	fast    *regexp.Regexp  // nil: not expressible
	nonZero bool            // fast never matches the empty text
	slow    *regexp2.Regexp // made on demand
}

const regexTimeout = 250 * time.Millisecond

// regex reads a parameter that is a regular expression.
func (c *Call) regex(param string) (*regex, error) {
	pattern := c.Text(param)
	if most := c.ev.e.o.MaxRegex; len(pattern) > most {
		return nil, badRequest("parameter %q has %d bytes, more than the %d that a regular expression may have (MAX_REGEX_SIZE)", param, len(pattern), most)
	}
	re, err := compileRegex(pattern)
	if err != nil {
		return nil, badRequest("parameter %q: %v", param, err)
	}
	return re, nil
}

// compileRegex reads a pattern in Python's notation.
func compileRegex(pattern string) (*regex, error) {
	r := &regex{source: readPython(pattern)}
	if !r.source.foreign {
		if tree, err := syntax.Parse(r.source.plain, syntax.Perl); err == nil {
			r.nonZero = minLength(tree) > 0
			if r.fast, err = regexp.Compile(r.source.plain); err == nil {
				return r, nil
			}
		}
	}
	return r, r.needSlow()
}

func (r *regex) needSlow() error {
	if r.slow != nil {
		return nil
	}
	re, err := regexp2.Compile(r.source.plain, regexp2.None)
	if err != nil {
		return fmt.Errorf("cannot compile the regular expression: %w", err)
	}
	re.MatchTimeout = regexTimeout
	r.slow = re
	return nil
}

// Match reports whether the expression is found anywhere in s, as re.search.
func (r *regex) Match(s string) (bool, error) {
	if r.fast != nil && isASCII(s) {
		return r.fast.MatchString(s), nil
	}
	if err := r.needSlow(); err != nil {
		return false, err
	}
	return r.slow.MatchString(s)
}

// Replace replaces each occurrence, as re.sub: \1 and \g<name> in the
// replacement are groups, which are empty if they took no part.
func (r *regex) Replace(s, replacement string) (string, error) {
	parts, err := readReplacement(replacement, r.source.groups, r.source.names)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	end := 0
	if r.fast != nil && r.nonZero && isASCII(s) {
		for _, m := range r.fast.FindAllStringSubmatchIndex(s, -1) {
			b.WriteString(s[end:m[0]])
			for _, p := range parts {
				b.WriteString(p.text)
				if p.isGroup && m[2*p.group] >= 0 {
					b.WriteString(s[m[2*p.group]:m[2*p.group+1]])
				}
			}
			end = m[1]
		}
		return b.String() + s[end:], nil
	}
	if err := r.needSlow(); err != nil {
		return "", err
	}
	runes := []rune(s)
	m, err := r.slow.FindStringMatch(s)
	for ; m != nil && err == nil; m, err = r.slow.FindNextMatch(m) {
		b.WriteString(string(runes[end:m.Index]))
		for _, p := range parts {
			b.WriteString(p.text)
			if p.isGroup {
				b.WriteString(m.GroupByNumber(p.group).String())
			}
		}
		end = m.Index + m.Length
	}
	return b.String() + string(runes[end:]), err
}

// minLength is the length of the shortest text that an expression matches.
func minLength(t *syntax.Regexp) int {
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minLength(t.Sub[0])
	case syntax.OpRepeat:
		return t.Min * minLength(t.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, s := range t.Sub {
			n += minLength(s)
		}
		return n
	case syntax.OpAlternate:
		n := minLength(t.Sub[0])
		for _, s := range t.Sub[1:] {
			n = min(n, minLength(s))
		}
		return n
	}
	return 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
