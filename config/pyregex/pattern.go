// Package pyregex matches and replaces with the regular expressions of Python's re module. It knows
// nothing of the files that they stand in.
package pyregex

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Pattern is a regular expression with the syntax and meaning of Python's re module (3.11), matched
// anywhere in a text as re.search does.
//
// Texts must be valid UTF-8 without line breaks, as metric names are. Three engines share the work:
// comparison of plain text where the expression is no more than that, Go's regexp, and, for what
// only Python has (look-around, back-references, possessive quantifiers, conditions) and for \w \d
// \s \b on text beyond ASCII, a backtracking engine some 10 to 100 times slower.
//
// A Pattern is immutable and safe for concurrent use.
type Pattern struct {
	expr     string
	reason   string // why the backtracking engine is needed; "" when it is not
	literals []literal
	fast     *regexp.Regexp  // nil when the backtracking engine is needed
	slow     *regexp2.Regexp // for all text, or, beside fast, for text beyond ASCII; else nil
}

// matchTimeout ends a match that backtracks for ever. Python would go on.
const matchTimeout = time.Second

// Compile parses a Python regular expression. The error says what is wrong with it, not
// which expression it was.
func Compile(expr string) (*Pattern, error) {
	t, err := translate(expr)
	if err != nil {
		return nil, err
	}
	p := &Pattern{expr: expr, reason: t.slow}
	if p.reason == "" {
		p.fast, err = regexp.Compile(t.expr)
		if err != nil { // within its limits the translation is valid: too many repetitions, or a mistake that the other engine reports as well
			p.reason = "a size that Go's engine does not take"
		}
	}
	if p.fast == nil || t.unicode {
		p.slow, err = regexp2.Compile(t.expr, regexp2.None)
		if err != nil {
			return nil, fmt.Errorf("cannot compile the regular expression: %w", err)
		}
		p.slow.MatchTimeout = matchTimeout
	}
	if p.fast != nil && !t.unicode {
		p.literals = plainLiterals(t.expr)
	}
	return p, nil
}

// Match reports whether the expression is found anywhere in text. A match that takes the
// backtracking engine longer than a second is given up as false.
func (p *Pattern) Match(text string) bool {
	if p.literals != nil {
		for i := range p.literals {
			if p.literals[i].match(text) {
				return true
			}
		}
		return false
	}
	if p.fast != nil && (p.slow == nil || isASCII(text)) {
		return p.fast.MatchString(text)
	}
	ok, err := p.slow.MatchString(text)
	return ok && err == nil
}

// String gives the expression as it was written.
func (p *Pattern) String() string { return p.expr }

// Slow names what makes the expression need the backtracking engine, such as "look-ahead"; "" when
// it does not.
func (p *Pattern) Slow() string { return p.reason }

// MatchesAll reports whether the expression is known to match every text, as ".*" and "" do.
func (p *Pattern) MatchesAll() bool {
	for _, l := range p.literals {
		if l == (literal{}) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
