package index

import (
	"strings"
	"unicode/utf8"
)

// A token is a part of a text without braces.
type token struct {
	kind tokenKind
	text string   // tokenText
	set  *charset // tokenSet
}

type tokenKind uint8

const (
	tokenText tokenKind = iota
	tokenStar
	tokenOne // ?
	tokenSet // [...]
)

// A charset is the set of characters between brackets.
type charset struct {
	not    bool
	ranges []runeRange
}

type runeRange struct{ lo, hi rune }

func (c *charset) has(r rune) bool {
	for _, x := range c.ranges {
		if x.lo <= r && r <= x.hi {
			return !c.not
		}
	}
	return c.not
}

// tokenize reads a text without braces like Python's fnmatch. unclosed reports whether a bracket is
// an ordinary character because nothing closes it.
func tokenize(s string) (tokens []token, unclosed bool) {
	start := 0 // of the literal
	for i := 0; i < len(s); {
		t := token{kind: tokenText}
		n := 1
		switch s[i] {
		case '*':
			t.kind = tokenStar
		case '?':
			t.kind = tokenOne
		case '[':
			if unclosed { // and so are all that follow
				break
			}
			if set, size := parseSet(s[i:]); size > 0 {
				t, n = token{kind: tokenSet, set: set}, size
			} else {
				unclosed = true
			}
		}
		if t.kind != tokenText {
			if start < i {
				tokens = append(tokens, token{text: s[start:i]})
			}
			tokens = append(tokens, t)
			start = i + n
		}
		i += n
	}
	if start < len(s) {
		tokens = append(tokens, token{text: s[start:]})
	}
	return tokens, unclosed
}

// parseSet parses s, which begins with a bracket. size is 0 if nothing closes the bracket. A ] that
// is first, or first after !, is a member.
func parseSet(s string) (set *charset, size int) {
	set = &charset{}
	i := 1
	if i < len(s) && s[i] == '!' {
		set.not = true
		i++
	}
	if i >= len(s) {
		return nil, 0
	}
	n := strings.IndexByte(s[i+1:], ']')
	if n < 0 {
		return nil, 0
	}
	end := i + 1 + n
	for i < end {
		lo, w := decodeRune(s[i:])
		i += w
		hi := lo
		if i+1 < end && s[i] == '-' {
			hi, w = decodeRune(s[i+1:])
			i += 1 + w
		}
		if lo <= hi {
			set.ranges = append(set.ranges, runeRange{lo, hi})
		}
	}
	return set, end + 1
}

// decodeRune reads one character. A byte that is not UTF-8 is one character, in the range that
// Python uses for such bytes.
func decodeRune(s string) (rune, int) {
	r, w := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && w == 1 {
		return 0xDC00 + rune(s[0]), 1
	}
	return r, w
}
