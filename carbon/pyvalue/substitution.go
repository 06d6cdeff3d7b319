package pyvalue

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Substitution replaces every occurrence of a regular expression, as Python's re.sub (3.11) does
// with a template. It is safe for concurrent use.
type Substitution struct {
	regexp   *Regexp
	template string
	pieces   []piece

	// For an expression that can match nothing at all, Python's way to go on after a match has no
	// equal in Go's regexp. The backtracking engine then finds the next match, and rest the next
	// one that is more than nothing at the place where it starts. It is nil otherwise.
	rest *backtracker
}

// piece is a part of a template: a group's text, or, with group -1, plain text.
type piece struct {
	group int
	text  string
}

// CompileSubstitution is [Regexp.Substitution] of an expression. The error says what is wrong, not
// with which rule.
func CompileSubstitution(expr, template string, giveUp time.Duration) (*Substitution, error) {
	p, err := CompileRegexp(expr, giveUp)
	if err != nil {
		return nil, err
	}
	s, err := p.Substitution(template)
	if err != nil {
		return nil, fmt.Errorf("in the replacement: %w", err)
	}
	return s, nil
}

// Substitution parses the template of what takes the place of the expression: \1 and \g<name> are
// groups, which are empty if they took no part.
func (p *Regexp) Substitution(template string) (*Substitution, error) {
	pieces, err := parseTemplate(template, p.groups, p.names)
	if err != nil {
		return nil, err
	}
	s := &Substitution{regexp: p, template: template, pieces: pieces}
	if p.fast == nil || matchesNothing(p.expr) {
		s.rest = &backtracker{expr: "(?:" + p.expr + `)(?!\G)`, giveUp: p.slow.giveUp}
	}
	return s, nil
}

// matchesNothing reports whether an expression of Go's may match the empty text.
func matchesNothing(expr string) bool {
	re, err := syntax.Parse(expr, syntax.Perl)
	return err != nil || minLength(re) == 0
}

// minLength returns 0 when re may match the empty text, and a number above it when it cannot.
func minLength(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minLength(re.Sub[0])
	case syntax.OpRepeat:
		return min(1, re.Min) * minLength(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if minLength(sub) > 0 {
				return 1
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if minLength(sub) == 0 {
				return 0
			}
		}
		return 1
	}
	return 0
}

// Sub returns text with all occurrences replaced. The error says that the backtracking engine has
// given up. The price of a text without a match is that of Regexp.Search.
func (s *Substitution) Sub(text string) (string, error) {
	if found, err := s.regexp.Search(text); !found || err != nil {
		return text, err
	}
	if s.rest != nil || !s.regexp.isFast(text) {
		return s.subSlow(text)
	}
	var out []byte
	done := 0
	for _, m := range s.regexp.fast.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, text[done:m[0]]...)
		for _, p := range s.pieces {
			if p.group < 0 {
				out = append(out, p.text...)
			} else if from := m[2*p.group]; from >= 0 {
				out = append(out, text[from:m[2*p.group+1]]...)
			}
		}
		done = m[1]
	}
	return string(append(out, text[done:]...)), nil
}

// subSlow goes from match to match as Python does: after each one from its end, and after one of
// nothing to the next that is more than that, or elsewhere.
func (s *Substitution) subSlow(original string) (string, error) {
	text := []rune(original)
	var out []rune
	done := 0
	next := s.regexp.slow
	for {
		re, err := next.get()
		if err != nil {
			return original, err
		}
		m, err := re.FindRunesMatchStartingAt(text, done)
		if err != nil {
			return original, err
		}
		if m == nil {
			return string(append(out, text[done:]...)), nil
		}
		out = append(out, text[done:m.Index]...)
		for _, p := range s.pieces {
			if p.group < 0 {
				out = append(out, []rune(p.text)...)
			} else if g := m.GroupByNumber(p.group); g != nil && len(g.Captures) > 0 {
				out = append(out, g.Runes()...)
			}
		}
		done = m.Index + m.Length
		if next = s.regexp.slow; m.Length == 0 {
			next = s.rest
		}
	}
}

// Rewrite is Sub, and returns text as it is where that was given up.
func (s *Substitution) Rewrite(text string) string {
	out, err := s.Sub(text)
	if err != nil {
		return text
	}
	return out
}

// String gives the rule as it stands in rewrite-rules.conf.
func (s *Substitution) String() string { return s.regexp.String() + " = " + s.template }

// Regexp returns the expression that is replaced.
func (s *Substitution) Regexp() *Regexp { return s.regexp }

// templateEscapes are the letters that stand for a character after a backslash.
const templateEscapes = "a\ab\bf\fn\nr\rt\tv\v\\\\"

// parseTemplate reads a template as Python's re does.
func parseTemplate(template string, groups int, names map[string]int) ([]piece, error) {
	t := templateReader{rest: template, groups: groups, names: names}
	for t.rest != "" {
		i := strings.IndexByte(t.rest, '\\')
		if i < 0 {
			i = len(t.rest)
		}
		t.text(t.rest[:i])
		if t.rest = t.rest[i:]; t.rest == "" {
			break
		}
		if t.rest = t.rest[1:]; t.rest == "" {
			return nil, errors.New("bad escape: nothing follows the last backslash")
		}
		if err := t.escape(); err != nil {
			return nil, err
		}
	}
	return t.pieces, nil
}

type templateReader struct {
	rest   string
	groups int
	names  map[string]int
	pieces []piece
}

func (t *templateReader) text(s string) {
	if s == "" {
		return
	}
	if n := len(t.pieces); n > 0 && t.pieces[n-1].group < 0 {
		t.pieces[n-1].text += s
		return
	}
	t.pieces = append(t.pieces, piece{-1, s})
}

func (t *templateReader) group(n int) error {
	if n > t.groups {
		return fmt.Errorf("invalid group reference %d", n)
	}
	t.pieces = append(t.pieces, piece{group: n})
	return nil
}

// escape reads what follows a backslash.
func (t *templateReader) escape() error {
	c := t.rest[0]
	switch {
	case c == 'g':
		return t.namedGroup()
	case isDigit(c):
		return t.number()
	}
	for i := 0; i < len(templateEscapes); i += 2 {
		if templateEscapes[i] == c {
			t.text(templateEscapes[i+1 : i+2])
			t.rest = t.rest[1:]
			return nil
		}
	}
	if c|0x20 >= 'a' && c|0x20 <= 'z' {
		return fmt.Errorf(`bad escape \%c`, c)
	}
	_, size := utf8.DecodeRuneInString(t.rest)
	t.text(`\` + t.rest[:size])
	t.rest = t.rest[size:]
	return nil
}

// number reads \1 to \99, or a character in octal: \0, \012, \101.
func (t *templateReader) number() error {
	isOctal := func(i int) bool { return i < len(t.rest) && t.rest[i] >= '0' && t.rest[i] <= '7' }
	n, code := 1, t.rest[0] == '0'
	switch {
	case code:
		for n < 3 && isOctal(n) {
			n++
		}
	case len(t.rest) > 1 && isDigit(t.rest[1]):
		n = 2
		if isOctal(0) && isOctal(1) && isOctal(2) {
			n, code = 3, true
		}
	}
	digits := t.rest[:n]
	t.rest = t.rest[n:]
	if !code {
		v, _ := strconv.Atoi(digits)
		return t.group(v)
	}
	v, _ := strconv.ParseInt(digits, 8, 32)
	if v > 0o377 {
		return fmt.Errorf(`octal escape \%s is out of range`, digits)
	}
	t.text(string(rune(v)))
	return nil
}

// namedGroup reads \g<name> or \g<number>.
func (t *templateReader) namedGroup() error {
	name, rest, ok := strings.Cut(strings.TrimPrefix(t.rest, "g<"), ">")
	if !strings.HasPrefix(t.rest, "g<") || !ok || name == "" {
		return errors.New(`expected \g<name>`)
	}
	t.rest = rest
	if n, ok := t.names[name]; ok {
		return t.group(n)
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && !strings.HasPrefix(name, "+") && strings.IndexFunc(name, unicode.IsLetter) < 0 {
		return t.group(n)
	}
	return fmt.Errorf("unknown group name %q", name)
}
