package pyvalue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// escape translates what follows a backslash outside of a set.
func (t *pyTranslator) escape() error {
	if t.pos == len(t.src) {
		return errors.New(`lone \ at the end`)
	}
	switch c := t.next(); c {
	case 'A':
		t.emitMark(`\A`)
	case 'Z', 'z': // \z is Python 3.14's
		t.emitMark(`\z`)
	case 'b', 'B':
		t.unicode = t.unicode || !t.ascii
		t.emitMark(`\` + string(c))
	case 'd', 'D', 's', 'S', 'w', 'W':
		t.emit(t.shorthand(c))
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return t.numberEscape(c)
	default:
		r, err := t.character(c)
		if err != nil {
			return err
		}
		t.emitLiteral(r)
	}
	return nil
}

// shorthand translates \d and its like, inside and outside of sets.
func (t *pyTranslator) shorthand(c rune) string {
	t.unicode = t.unicode || !t.ascii
	return `\` + string(c)
}

// numberEscape reads \1 to \99, a group, or \123, an octal character.
func (t *pyTranslator) numberEscape(c rune) error {
	ref := string(c) + t.digits(decimal, 1)
	if len(ref) == 2 && strings.Trim(ref, octal) == "" {
		if third := t.digits(octal, 1); third != "" {
			n, _ := strconv.ParseUint(ref+third, 8, 32)
			if n > 0o377 {
				return fmt.Errorf(`octal escape \%s is out of range`, ref+third)
			}
			t.emitLiteral(rune(n))
			return nil
		}
	}
	return t.backReference(ref)
}

// character gives the character that an escape stands for; c is what follows the backslash.
func (t *pyTranslator) character(c rune) (rune, error) {
	const letters, values = "abfnrtv", "\a\b\f\n\r\t\v"
	hexDigits := map[rune]int{'x': 2, 'u': 4, 'U': 8}
	switch {
	case c == '0':
		n, _ := strconv.ParseUint("0"+t.digits(octal, 2), 8, 32)
		return rune(n), nil
	case hexDigits[c] > 0:
		digits := t.digits(hex, hexDigits[c])
		n, err := strconv.ParseUint(digits, 16, 32)
		if len(digits) != hexDigits[c] || err != nil || n > 0x10ffff || n >= 0xd800 && n < 0xe000 {
			return 0, fmt.Errorf(`incomplete or impossible escape \%c%s`, c, digits)
		}
		return rune(n), nil
	case c != 'b' && strings.ContainsRune(letters, c):
		return rune(values[strings.IndexRune(letters, c)]), nil
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return 0, fmt.Errorf(`bad escape \%c`, c)
	default:
		return c, nil
	}
}

// class translates a set, after its opening bracket.
func (t *pyTranslator) class() error {
	t.atom = len(t.out)
	t.out = append(t.out, '[')
	if t.accept("^") {
		t.out = append(t.out, '^')
	}
	for first := true; ; first = false {
		if t.pos == len(t.src) {
			return errors.New("missing ], unterminated set")
		}
		if !first && t.accept("]") {
			t.out = append(t.out, ']')
			return nil
		}
		single, err := t.classItem()
		if err != nil {
			return err
		}
		rest := t.src[t.pos:]
		if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
			continue
		}
		t.pos++
		t.out = append(t.out, '-')
		high, err := t.classItem()
		if err != nil {
			return err
		}
		if !single || !high {
			return errors.New("bad character range")
		}
	}
}

// classItem translates one member of a set. It is single unless it stands for a set itself, like
// \d.
func (t *pyTranslator) classItem() (single bool, err error) {
	c := t.next()
	if c == '\\' {
		if t.pos == len(t.src) {
			return false, errors.New(`lone \ at the end`)
		}
		switch c = t.next(); {
		case strings.ContainsRune("dDsSwW", c):
			t.out = append(t.out, t.shorthand(c)...)
			return false, nil
		case c == 'b':
			c = '\b'
		case c >= '0' && c <= '7':
			digits := string(c) + t.digits(octal, 2)
			n, _ := strconv.ParseUint(digits, 8, 32)
			if n > 0o377 {
				return false, fmt.Errorf(`octal escape \%s is out of range`, digits)
			}
			c = rune(n)
		case c == '8' || c == '9':
			return false, fmt.Errorf(`bad escape \%c`, c)
		default:
			if c, err = t.character(c); err != nil {
				return false, err
			}
		}
	}
	t.out = appendLiteral(t.out, c, `\[]^-`)
	return true, nil
}
