package expr

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads one target with the default Limits. See [Reader.Parse].
func Parse(target string) (n *Node, rest string, err error) {
	return (&Reader{lim: Limits{}.withDefaults()}).Parse(target)
}

// Parse reads one target as graphite-web's grammar does. rest is what follows
// the target and is ignored, as in Graphite, without the whitespace around it:
// usually "". An error is always a *Error; a target that is blank is one.
//
// Tabs, within strings too, are blanks up to the next multiple of eight, as in
// graphite-web. All positions are those in the target without tabs.
//
// The tree refers to the bytes of target. It costs two allocations, with many
// nodes two for each 32 of them, and about 150 bytes per node.
func (r *Reader) Parse(target string) (n *Node, rest string, err error) {
	p := parser{src: target, lim: r.lim, guess: 1, count: r.nodes}
	defer func() { r.nodes = p.count }()
	if i := invalidUTF8(target); i >= 0 {
		return nil, "", p.fail(i, "the target is not valid UTF-8")
	}
	if strings.IndexByte(target, '\t') >= 0 {
		target = expandTabs(target)
		p.src = target
	}
	p.skipSpace()
	if p.pos == len(target) {
		return nil, "", p.fail(p.pos, "the target is empty")
	}
	// But for the first, a node follows one of three characters.
	for i := 0; i < len(target) && p.guess < 32; i++ {
		if c := target[i]; c == '(' || c == ',' || c == '|' {
			p.guess++
		}
	}
	n, err = p.expression("a metric path or a function call")
	if err != nil {
		return nil, "", err
	}
	return n, strings.Trim(target[p.pos:], space), nil
}

// invalidUTF8 returns where s stops being UTF-8, -1 if it does not.
func invalidUTF8(s string) int {
	if !utf8.ValidString(s) {
		for i, r := range s {
			if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(r)) {
				return i
			}
		}
	}
	return -1
}

// expression reads a template, a call or a path, and the calls piped onto it.
// what names it for messages.
func (p *parser) expression(what string) (*Node, error) {
	var n *Node
	var err error
	switch p.callName() {
	case "":
		n, err = p.path(what)
	case "template":
		n, err = p.template()
	default:
		n, err = p.call(nil)
	}
	for err == nil && p.pipe() {
		n, err = p.call(n)
	}
	return n, err
}

// pipe moves behind a pipe if a call follows it.
func (p *parser) pipe() bool {
	start := p.pos
	p.skipSpace()
	if p.peek() == '|' {
		p.pos++
		p.skipSpace()
		if p.callName() != "" {
			return true
		}
	}
	p.pos = start
	return false
}

func (p *parser) path(what string) (*Node, error) {
	end := scanPath(p.src, p.pos)
	if end == p.pos {
		return nil, p.fail(p.pos, "expected %s, found %s", what, p.found(p.pos))
	}
	n, err := p.node(Path, end)
	if err != nil {
		return nil, err
	}
	n.Name = unescape(n.Text)
	return n, nil
}

// call reads a call at a name that callName has found; piped, if not nil, is its
// first argument.
func (p *parser) call(piped *Node) (*Node, error) {
	start, base := p.pos, len(p.stack)
	n, err := p.open()
	if err != nil {
		return nil, err
	}
	if n.Name == "template" {
		return nil, p.fail(start, "template(...) cannot be the direct argument of a template, nor follow a pipe")
	}
	if piped != nil {
		p.stack = append(p.stack, piped)
	}
	if err := p.arguments(n); err != nil {
		return nil, err
	}
	return n, p.close(n, start, base)
}

// template reads template(path or call, literal, ...). As in graphite-web, what
// is piped or not a literal has no place in it.
func (p *parser) template() (*Node, error) {
	start, base := p.pos, len(p.stack)
	n, err := p.open()
	if err != nil {
		return nil, err
	}
	var body *Node
	p.skipSpace()
	if p.callName() == "" {
		body, err = p.path("a metric path or a function call")
	} else {
		body, err = p.call(nil)
	}
	if err != nil {
		return nil, err
	}
	p.stack = append(p.stack, body)
	if err := p.moreArguments(n); err != nil {
		return nil, err
	}
	if len(p.stack) > base+1 && n.Named != nil {
		return nil, p.fail(n.Named[0].Pos, "the variables of a template are either all named or all without a name")
	}
	return n, p.close(n, start, base)
}

// variable reads the value of a template's variable.
func (p *parser) variable() (*Node, error) {
	n, err := p.literal()
	if n == nil && err == nil {
		err = p.fail(p.pos, "expected a number or a string as a variable of the template, found %s", p.found(p.pos))
	}
	return n, err
}

// open reads a call's name and parenthesis. callName has found them to be there.
func (p *parser) open() (*Node, error) {
	n, err := p.node(Call, scanName(p.src, p.pos))
	if err != nil {
		return nil, err
	}
	if p.stack == nil {
		both := make([]*Node, 2*p.guess)
		p.stack, p.args = both[:0:p.guess], both[p.guess:p.guess]
	}
	n.Name = n.Text
	p.skipSpace()
	p.pos++
	p.depth++
	return n, nil
}

// close completes a call that begins at start and whose arguments are on the
// stack from base on.
func (p *parser) close(n *Node, start, base int) error {
	p.depth--
	n.Pos, n.Text = start, p.src[start:p.pos]
	args := p.stack[base:]
	for _, a := range args {
		n.height = max(n.height, a.height+1)
	}
	for _, a := range n.Named {
		n.height = max(n.height, a.Value.height+1)
	}
	if int(n.height) > p.lim.Depth {
		return p.tooDeep(start)
	}
	if len(args) > 0 {
		if cap(p.args)-len(p.args) < len(args) {
			p.args = make([]*Node, 0, max(len(args), p.guess))
		}
		from := len(p.args)
		p.args = append(p.args, args...)
		n.Args = p.args[from:len(p.args):len(p.args)]
	}
	p.stack = p.stack[:base]
	return nil
}

// arguments reads from behind a call's opening parenthesis to behind the closing
// one. As in graphite-web, a keyword argument cannot be the first in the
// parentheses, not even where a pipe brings a positional one.
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

// moreArguments reads what follows the first argument.
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

// argument reads one argument of n. Those of a template are its variables.
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
		return p.fail(start, "expected a keyword argument: a positional one cannot follow it")
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

// keyword returns where the value of a keyword argument begins, 0 if there is
// none. "k=" with nothing that can be a value is a path.
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

// value reads any argument: a literal, one of the words with a meaning or an
// expression.
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

// literal reads a number or a string, and returns nil if there is neither.
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

// number reads digits only if nothing but the end of the argument follows:
// 5min is a path.
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

// AsNumber returns the number that a path such as 5.e3 is where no series can be.
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

// pointBeforeExponent tells whether a number is written as 5.e3. As an argument this is a
// path of two nodes, which series can have; AsNumber says what it is as a number.
func pointBeforeExponent(number string) bool {
	i := strings.IndexByte(number, '.')
	return i >= 0 && i+1 < len(number) && number[i+1]|0x20 == 'e'
}
