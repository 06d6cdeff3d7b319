package pyvalue

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Regexp is a regular expression with the syntax and meaning of Python's re module (3.11).
//
// Three engines share the work: comparison of plain text where the expression is no more than that,
// Go's regexp, and, for what only Python has (look-around, back-references, possessive quantifiers,
// conditions), for \w \d \s \b on text beyond ASCII and for text of several lines, a backtracking
// engine some 10 to 100 times slower.
//
// A Regexp is safe for concurrent use.
type Regexp struct {
	translation
	source   string
	literals []literal
	fast     *regexp.Regexp // nil when the backtracking engine is needed
	slow     *backtracker   // for all text, or, beside fast, for the text that fast is not for
}

// CompileRegexp parses a Python regular expression. The error says what is wrong with it, not which
// expression it was. The backtracking engine gives up a match that takes longer than giveUp. Python
// would go on for ever.
func CompileRegexp(expr string, giveUp time.Duration) (*Regexp, error) {
	t, err := translate(expr)
	if err != nil {
		return nil, err
	}
	p := &Regexp{translation: t, source: expr, slow: &backtracker{expr: t.expr, giveUp: giveUp}}
	if p.reason == "" {
		p.fast, err = regexp.Compile(t.expr)
		if err != nil { // within its limits the translation is valid: too many repetitions, or a mistake that the other engine reports as well
			p.reason = "a size that Go's engine does not take"
		}
	}
	if p.fast == nil {
		_, err := p.slow.get()
		return p, err
	}
	if !t.unicode {
		p.literals = plainLiterals(t.expr)
	}
	return p, nil
}

// backtracker is an expression of the backtracking engine. It is compiled when it is first needed,
// because most expressions never need it.
type backtracker struct {
	expr   string
	giveUp time.Duration
	once   sync.Once
	re     *regexp2.Regexp
	err    error
}

func (b *backtracker) get() (*regexp2.Regexp, error) {
	b.once.Do(func() {
		re, err := regexp2.Compile(b.expr, regexp2.None)
		if err != nil {
			b.err = fmt.Errorf("cannot compile the regular expression: %w", err)
			return
		}
		re.MatchTimeout = b.giveUp
		b.re = re
	})
	return b.re, b.err
}

// Search reports whether the expression is found anywhere in text, as re.search does. The error
// says that the backtracking engine has given up.
func (p *Regexp) Search(text string) (bool, error) {
	if !p.isFast(text) {
		re, err := p.slow.get()
		if err != nil {
			return false, err
		}
		return re.MatchString(text)
	}
	if p.literals == nil {
		return p.fast.MatchString(text), nil
	}
	for i := range p.literals {
		if p.literals[i].match(text) {
			return true, nil
		}
	}
	return false, nil
}

// isFast reports whether Go's engine finds in text what Python finds. It cannot know where a line
// may end in Python, nor what \w is beyond ASCII.
func (p *Regexp) isFast(text string) bool {
	return p.fast != nil && (!p.unicode || isASCII(text)) && strings.IndexByte(text, '\n') < 0
}

// Match is Search, with false for a match that was given up.
func (p *Regexp) Match(text string) bool {
	ok, err := p.Search(text)
	return ok && err == nil
}

// String gives the expression as it was written.
func (p *Regexp) String() string { return p.source }

// Slow names what makes the expression need the backtracking engine, such as "look-ahead"; "" when
// it does not.
func (p *Regexp) Slow() string { return p.reason }

// MatchesAll reports whether the expression is known to match every text of one line, as ".*" and
// "" do.
func (p *Regexp) MatchesAll() bool {
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
