package pyvalue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translation is a Python expression in words that Go's regexp and regexp2 understand alike, and as
// Python does.
type translation struct {
	expr    string
	reason  string         // the first thing in it that only the backtracking engine has; "" when there is none
	unicode bool           // it has \w \d \s or \b, which Go's regexp knows for ASCII only
	groups  int            // how many it has
	names   map[string]int // the numbers of the groups that have a name
}

// pyTranslator rewrites one expression from left to right. Named groups become numbered ones,
// because the engines number them differently; literal characters are escaped wherever an engine
// could see more in them (as in [[:alpha:]], which Python takes literally).
type pyTranslator struct {
	translation
	src     string
	pos     int
	out     []byte
	flags   string // global, for both engines
	ascii   bool
	verbose bool
	open    []pyGroup
	atom    int // where in out that starts which a quantifier would repeat; -1 when there is nothing to repeat
}

// pyGroup is a group not closed yet.
type pyGroup struct {
	start   int
	verbose bool // outside of it
}

// translate reports what Python's re.compile refuses, but not all of it: the engines find the rest.
func translate(expr string) (translation, error) {
	t := &pyTranslator{translation: translation{names: make(map[string]int)}, src: expr, atom: -1}
	if !utf8.ValidString(expr) {
		return t.translation, errors.New("the regular expression is not valid UTF-8")
	}
	for t.pos < len(t.src) {
		at := t.pos
		if err := t.step(t.next()); err != nil {
			return t.translation, fmt.Errorf("%w at position %d", err, utf8.RuneCountInString(expr[:at]))
		}
	}
	if len(t.open) > 0 {
		return t.translation, errors.New("missing ), unterminated group")
	}
	t.expr = string(t.out)
	if t.flags != "" {
		t.expr = "(?" + t.flags + ")" + t.expr
	}
	return t.translation, nil
}

func (t *pyTranslator) next() rune {
	r, size := utf8.DecodeRuneInString(t.src[t.pos:])
	t.pos += size
	return r
}

// accept moves past s if it comes next.
func (t *pyTranslator) accept(s string) bool {
	if !strings.HasPrefix(t.src[t.pos:], s) {
		return false
	}
	t.pos += len(s)
	return true
}

// digits takes at most limit characters of set.
func (t *pyTranslator) digits(set string, limit int) string {
	start := t.pos
	for t.pos < len(t.src) && t.pos-start < limit && strings.IndexByte(set, t.src[t.pos]) >= 0 {
		t.pos++
	}
	return t.src[start:t.pos]
}

const (
	decimal = "0123456789"
	octal   = "01234567"
	hex     = "0123456789abcdefABCDEF"
)

func (t *pyTranslator) needSlow(why string) {
	if t.reason == "" {
		t.reason = why
	}
}

// emit appends something that a quantifier may follow.
func (t *pyTranslator) emit(s string) {
	t.atom = len(t.out)
	t.out = append(t.out, s...)
}

// emitMark appends something that cannot be repeated: an anchor, an alternation.
func (t *pyTranslator) emitMark(s string) {
	t.out = append(t.out, s...)
	t.atom = -1
}

func (t *pyTranslator) emitLiteral(r rune) {
	t.atom = len(t.out)
	t.out = appendLiteral(t.out, r, `\.+*?()|[]{}^$`)
}

// appendLiteral appends r so that it stands for itself; meta are the characters that would not.
func appendLiteral(dst []byte, r rune, meta string) []byte {
	switch {
	case r < ' ' || r == 0x7f:
		return fmt.Appendf(dst, `\x%02x`, r)
	case strings.ContainsRune(meta, r):
		dst = append(dst, '\\')
	}
	return utf8.AppendRune(dst, r)
}

func (t *pyTranslator) step(c rune) error {
	if t.verbose {
		if strings.ContainsRune(" \t\n\r\v\f", c) {
			return nil
		}
		if c == '#' {
			for t.pos < len(t.src) && t.next() != '\n' {
			}
			return nil
		}
	}
	switch c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		return t.group()
	case ')':
		return t.closeGroup()
	case '*', '+', '?':
		return t.quantifier(string(c))
	case '{':
		return t.repetition()
	case '.':
		t.emit(".")
	case '^', '$', '|':
		t.emitMark(string(c))
	default:
		t.emitLiteral(c)
	}
	return nil
}

func (t *pyTranslator) quantifier(q string) error {
	if t.atom < 0 {
		return fmt.Errorf("nothing to repeat in front of %q", q)
	}
	t.out = append(t.out, q...)
	switch {
	case t.accept("?"):
		t.out = append(t.out, '?')
	case t.accept("+"):
		t.needSlow("a possessive quantifier")
		t.wrap("(?>")
	}
	t.atom = -1
	return nil
}

// wrap puts what the last quantifier repeats, with it, into a group.
func (t *pyTranslator) wrap(opening string) {
	inner := string(t.out[t.atom:])
	t.out = append(append(append(t.out[:t.atom], opening...), inner...), ')')
}

// repetition reads {m}, {m,}, {,n} or {m,n}. Any other { is a character.
func (t *pyTranslator) repetition() error {
	start := t.pos
	low := t.digits(decimal, len(t.src))
	high, comma := low, t.accept(",")
	if comma {
		high = t.digits(decimal, len(t.src))
	}
	if !t.accept("}") || low == "" && !comma {
		t.pos = start
		t.emitLiteral('{')
		return nil
	}
	if low == "" {
		low = "0"
	}
	if !comma {
		return t.quantifier("{" + low + "}")
	}
	return t.quantifier("{" + low + "," + high + "}")
}

func (t *pyTranslator) closeGroup() error {
	if len(t.open) == 0 {
		return errors.New("unbalanced )")
	}
	g := t.open[len(t.open)-1]
	t.open = t.open[:len(t.open)-1]
	t.out = append(t.out, ')')
	t.atom, t.verbose = g.start, g.verbose
	return nil
}

// begin opens a group.
func (t *pyTranslator) begin(opening string) {
	t.open = append(t.open, pyGroup{start: len(t.out), verbose: t.verbose})
	t.emitMark(opening)
}

func (t *pyTranslator) group() error {
	switch {
	case !t.accept("?"):
		t.groups++
		t.begin("(")
	case t.accept(":"):
		t.begin("(?:")
	case t.accept("P<"):
		name, err := t.until(">")
		if err != nil {
			return err
		}
		if _, ok := t.names[name]; ok {
			return fmt.Errorf("group %q is named twice", name)
		}
		t.groups++
		t.names[name] = t.groups
		t.begin("(")
	case t.accept("P="):
		name, err := t.until(")")
		if err != nil {
			return err
		}
		return t.backReference(name)
	case t.accept("#"):
		_, err := t.until(")")
		return err
	case t.accept("("):
		return t.condition()
	default:
		for _, g := range [...]struct{ opening, what string }{
			{"=", "look-ahead"}, {"!", "look-ahead"}, {"<=", "look-behind"}, {"<!", "look-behind"}, {">", "an atomic group"},
		} {
			if t.accept(g.opening) {
				t.needSlow(g.what)
				t.begin("(?" + g.opening)
				return nil
			}
		}
		return t.setFlags()
	}
	return nil
}

// until takes the text up to a closing mark, and the mark.
func (t *pyTranslator) until(mark string) (string, error) {
	text, _, ok := strings.Cut(t.src[t.pos:], mark)
	if !ok {
		return "", fmt.Errorf("missing %s", mark)
	}
	if text == "" && mark == ">" {
		return "", errors.New("missing group name")
	}
	t.pos += len(text) + len(mark)
	return text, nil
}

// groupNumber resolves a group's name or number. The group must have been opened before.
func (t *pyTranslator) groupNumber(ref string) (int, error) {
	n, ok := t.names[ref]
	if !ok {
		var err error
		if n, err = strconv.Atoi(ref); err != nil {
			return 0, fmt.Errorf("unknown group %q", ref)
		}
	}
	if n < 1 || n > t.groups {
		return 0, fmt.Errorf("invalid group reference %s", ref)
	}
	return n, nil
}

func (t *pyTranslator) backReference(ref string) error {
	n, err := t.groupNumber(ref)
	if err != nil {
		return err
	}
	t.needSlow("a back-reference")
	t.emit(fmt.Sprintf(`\k<%d>`, n))
	return nil
}

// condition reads (?(group)yes|no).
func (t *pyTranslator) condition() error {
	ref, err := t.until(")")
	if err != nil {
		return err
	}
	n, err := t.groupNumber(ref)
	if err != nil {
		return err
	}
	t.needSlow("a condition")
	t.begin(fmt.Sprintf("(?(%d)", n))
	return nil
}

// setFlags reads (?flags), at the very beginning only, and (?flags-flags:...).
func (t *pyTranslator) setFlags() error {
	start := t.pos
	on := t.digits("aiLmsux", len(t.src))
	off := ""
	if t.accept("-") {
		if off = t.digits("imsx", len(t.src)); off == "" {
			return errors.New("missing flag after -")
		}
	}
	engine := func(flags string) string { return strings.Map(keepFlag, flags) }
	switch {
	case strings.Contains(on, "L"):
		return errors.New("flag L is for bytes, not text")
	case on+off == "" || t.pos == len(t.src):
		return fmt.Errorf("unknown extension (?%.3s", t.src[start:])
	case t.accept(":"):
		opening := "(?" + engine(on)
		if f := engine(off); f != "" {
			opening += "-" + f
		}
		t.begin(opening + ":")
		t.verbose = (t.verbose || strings.Contains(on, "x")) && !strings.Contains(off, "x")
		return nil
	case off == "" && t.accept(")"):
		if len(t.out) > 0 || len(t.open) > 0 {
			return errors.New("global flags not at the start of the expression")
		}
		t.flags += engine(on)
		t.ascii = t.ascii || strings.Contains(on, "a")
		t.verbose = t.verbose || strings.Contains(on, "x")
		return nil
	default:
		return fmt.Errorf("unknown extension (?%.3s", t.src[start:])
	}
}

// keepFlag leaves the flags that the engines share; the others are the translator's own business.
func keepFlag(r rune) rune {
	if strings.ContainsRune("ims", r) {
		return r
	}
	return -1
}

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
