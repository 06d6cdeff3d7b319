package expr

import (
	"math"
	"strconv"
	"strings"
)

// arguments parses the arguments of a call after its opening parenthesis, and the closing
// parenthesis. As in graphite-web, the first argument in the parentheses cannot be a keyword
// argument, even if a pipe provides a positional one.
func (p *parser) arguments(n *Node) error {
	p.skipSpace()
	if p.peek() == ')' {
		p.pos++
		return nil
	}
	if p.keyword() > 0 {
		return p.fail(p.pos, "a keyword argument can only follow a positional argument")
	}
	if err := p.argument(n); err != nil {
		return err
	}
	return p.moreArguments(n)
}

// moreArguments parses the text after the first argument.
func (p *parser) moreArguments(n *Node) error {
	for {
		p.skipSpace()
		switch p.peek() {
		case ')':
			p.pos++
			return nil
		case ',':
			p.pos++
		case '|':
			return p.fail(p.pos, "expected a function call after the pipe")
		default:
			return p.fail(p.pos, `expected "," or ")" in the arguments of %s, found %s`, n.Name, p.found(p.pos))
		}
		if err := p.argument(n); err != nil {
			return err
		}
	}
}

// argument parses one argument of n. The arguments of a template are its variables.
func (p *parser) argument(n *Node) error {
	p.skipSpace()
	start := p.pos
	if at := p.keyword(); at > 0 {
		name := p.src[start:scanName(p.src, start)]
		p.pos = at
		v, err := p.argumentOf(n)
		if err != nil {
			return err
		}
		n.Named = append(n.Named, NamedArg{Name: name, Value: v, Pos: start})
		return nil
	}
	if n.Named != nil {
		return p.fail(start, "expected a keyword argument: positional arguments must come first")
	}
	v, err := p.argumentOf(n)
	if err != nil {
		return err
	}
	p.stack = append(p.stack, v)
	return nil
}

func (p *parser) argumentOf(n *Node) (*Node, error) {
	if n.Name == "template" {
		return p.variable()
	}
	return p.value()
}

// keyword returns the position of the value of a keyword argument, or 0 if there is none. "k="
// without a possible value is a path.
func (p *parser) keyword() int {
	end := scanName(p.src, p.pos)
	if end == p.pos {
		return 0
	}
	i := skipSpace(p.src, end)
	if i == len(p.src) || p.src[i] != '=' {
		return 0
	}
	i = skipSpace(p.src, i+1)
	if i == len(p.src) || strings.IndexByte("(),|}", p.src[i]) >= 0 {
		return 0
	}
	if p.src[i] == '.' && (i+1 == len(p.src) || !isDigit(p.src[i+1])) {
		return 0
	}
	return i
}

// value parses any argument: a literal, one of the words with a meaning, or an expression.
func (p *parser) value() (*Node, error) {
	if n, err := p.literal(); n != nil || err != nil {
		if n != nil && n.Kind == Number && scanPath(p.src, n.Pos) == p.pos && pointBeforeExponent(n.Text) {
			*n = Node{Kind: Path, Name: n.Text, Text: n.Text, Pos: n.Pos, height: n.height}
		}
		return n, err
	}
	kind, end := scanWord(p.src, p.pos)
	if kind == 0 {
		return p.expression("an argument")
	}
	n, err := p.node(kind, end)
	if err != nil {
		return nil, err
	}
	switch kind {
	case Bool:
		n.Bool = end-n.Pos == len("true")
	case Inf:
		n.Float = math.Inf(1)
	}
	return n, nil
}

// literal parses a number or a string, and returns nil if there is neither.
func (p *parser) literal() (*Node, error) {
	switch c := p.peek(); {
	case c == '"' || c == '\'':
		return p.quoted()
	case c == '-' || c == '.' || isDigit(c):
		return p.number()
	}
	return nil, nil
}

func (p *parser) quoted() (*Node, error) {
	end := scanString(p.src, p.pos)
	if end < 0 {
		return nil, p.fail(p.pos, "the string is not closed")
	}
	n, err := p.node(String, end)
	if err != nil {
		return nil, err
	}
	n.Name = n.Text[1 : len(n.Text)-1]
	return n, nil
}

// number parses a number only if the argument ends after it: 5min is a path.
func (p *parser) number() (*Node, error) {
	end, isInt := scanNumber(p.src, p.pos)
	if end < 0 {
		return nil, nil
	}
	if i := skipSpace(p.src, end); i < len(p.src) && p.src[i] != ',' && p.src[i] != ')' {
		return nil, nil
	}
	n, err := p.node(Number, end)
	if err != nil {
		return nil, err
	}
	if isInt {
		i, err := strconv.ParseInt(n.Text, 10, 64)
		if err == nil {
			n.Int, n.Float, n.IsInt = i, float64(i), true
			return n, nil
		}
	}
	n.Float, _ = strconv.ParseFloat(n.Text, 64) // out of range is inf or 0, as in Python
	return n, nil
}

// pointBeforeExponent reports whether a number has the form 5.e3. As an argument this is a path of
// two nodes, because a series may have this name. AsNumber returns it as a number.
func pointBeforeExponent(number string) bool {
	i := strings.IndexByte(number, '.')
	return i >= 0 && i+1 < len(number) && number[i+1]|0x20 == 'e'
}

// AsNumber returns the numeric value of a path such as 5.e3, for arguments that are not series.
func (n *Node) AsNumber() (float64, bool) {
	if n.Kind != Path || !pointBeforeExponent(n.Text) {
		return 0, false
	}
	if end, _ := scanNumber(n.Text, 0); end != len(n.Text) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(n.Text, 64)
	return f, true
}
