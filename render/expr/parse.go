package expr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse parses one target with the default Limits. See [Reader.Parse].
func Parse(target string) (n *Node, rest string, err error) {
	return (&Reader{lim: Limits{}.withDefaults()}).Parse(target)
}

// Parse parses one target as graphite-web's grammar does. rest is the text that follows the target,
// without surrounding whitespace, and is usually "". Like Graphite, callers ignore it. An error is
// always a *SyntaxError. A blank target is an error.
//
// Tabs, also within strings, become blanks up to the next multiple of eight, as in graphite-web.
// All positions refer to the target without tabs.
//
// The tree refers to the bytes of target. Parse makes two allocations, or for many nodes two for
// each 32 of them, and needs about 150 bytes per node.
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
	// Every node but the first follows one of three characters.
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

// invalidUTF8 returns the position at which s stops being valid UTF-8, or -1.
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

// A parser parses by recursive descent. It never goes back by more than one token: a name with a
// parenthesis must be a call.
type parser struct {
	src   string
	pos   int
	lim   Limits
	depth int // number of open calls
	count int // number of nodes so far, including those of earlier targets
	guess int // estimated number of nodes, at most 32; so many are allocated at once

	free  []Node  // unused nodes
	args  []*Node // arguments of closed calls; their Args point into it
	stack []*Node // arguments of open calls
}

// expression parses a template, a call or a path, and the calls piped after it. what describes the
// expected expression in messages.
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

// pipe moves past a pipe if a call follows it.
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

// call parses a call at a name that callName has found. piped, if not nil, is its first argument.
func (p *parser) call(piped *Node) (*Node, error) {
	start, base := p.pos, len(p.stack)
	n, err := p.open()
	if err != nil {
		return nil, err
	}
	if n.Name == "template" {
		return nil, p.fail(start, "template(...) cannot be the direct argument of a template or follow a pipe")
	}
	if piped != nil {
		p.stack = append(p.stack, piped)
	}
	if err := p.arguments(n); err != nil {
		return nil, err
	}
	return n, p.close(n, start, base)
}

// template parses template(path or call, literal, ...). As in graphite-web, it cannot contain
// pipes, and its variables must be literals.
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
		return nil, p.fail(n.Named[0].Pos, "the variables of a template must be all named or all positional")
	}
	return n, p.close(n, start, base)
}

// variable parses the value of a variable of a template.
func (p *parser) variable() (*Node, error) {
	n, err := p.literal()
	if n == nil && err == nil {
		err = p.fail(p.pos, "expected a number or a string as a variable of the template, found %s", p.found(p.pos))
	}
	return n, err
}

// open parses the name and the opening parenthesis of a call. callName has found them.
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

// close completes a call that begins at start. Its arguments are on the stack from base on.
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

// node returns a node for the text from the position to end, and moves to end.
func (p *parser) node(k Kind, end int) (*Node, error) {
	if p.count == p.lim.Nodes {
		return nil, &SyntaxError{Pos: p.pos, TooLarge: true, Query: true, Msg: fmt.Sprintf("more than %d calls, paths and values in the targets of a query", p.lim.Nodes)}
	}
	if p.depth >= p.lim.Depth {
		return nil, p.tooDeep(p.pos)
	}
	if len(p.free) == 0 {
		p.free = make([]Node, p.guess)
	}
	n := &p.free[0]
	p.free = p.free[1:]
	p.count++
	n.Kind, n.Text, n.Pos, n.height = k, p.src[p.pos:end], p.pos, 1
	p.pos = end
	return n, nil
}

// callName returns the name of the call at the position, or "" if there is none.
func (p *parser) callName() string {
	end := scanName(p.src, p.pos)
	if i := skipSpace(p.src, end); end > p.pos && i < len(p.src) && p.src[i] == '(' {
		return p.src[p.pos:end]
	}
	return ""
}

func (p *parser) skipSpace() { p.pos = skipSpace(p.src, p.pos) }

// peek returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.pos == len(p.src) {
		return 0
	}
	return p.src[p.pos]
}

// found quotes the beginning of the text at i, for messages.
func (p *parser) found(i int) string {
	const most = 20
	s := p.src[i:]
	if s == "" {
		return "the end"
	}
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%q...", s[:end])
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &SyntaxError{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

func (p *parser) tooLarge(pos int, format string, args ...any) error {
	return &SyntaxError{Pos: pos, Msg: fmt.Sprintf(format, args...), TooLarge: true}
}

func (p *parser) tooDeep(pos int) error {
	return p.tooLarge(pos, "calls and pipes are nested more than %d levels deep", p.lim.Depth)
}
