package expr

import (
	"fmt"
)

// A parser reads by recursive descent. It never goes back by more than one
// token: what has a name and a parenthesis is a call and must be read as one.
type parser struct {
	src   string
	pos   int
	lim   Limits
	depth int // calls that are open
	count int // nodes made, those of the targets before included
	guess int // how many nodes there will be, 32 if more; what is allocated at once

	free  []Node  // nodes to hand out
	args  []*Node // arguments of calls that are closed; their Args point into it
	stack []*Node // arguments of calls that are open
}

// node makes a node of the text from the position to end, and moves there.
func (p *parser) node(k Kind, end int) (*Node, error) {
	if p.count == p.lim.Nodes {
		return nil, &Error{Pos: p.pos, Text: beginning(p.src[p.pos:]), TooLarge: true, Query: true, Msg: fmt.Sprintf("more than %d calls, paths and values in the targets of a query", p.lim.Nodes)}
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

// callName returns the name of the call at the position, "" if there is none.
func (p *parser) callName() string {
	end := scanName(p.src, p.pos)
	if i := skipSpace(p.src, end); end > p.pos && i < len(p.src) && p.src[i] == '(' {
		return p.src[p.pos:end]
	}
	return ""
}

func (p *parser) skipSpace() { p.pos = skipSpace(p.src, p.pos) }

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos == len(p.src) {
		return 0
	}
	return p.src[p.pos]
}

// found quotes the beginning of what stands at i, for messages.
func (p *parser) found(i int) string {
	switch text := beginning(p.src[i:]); {
	case text == "":
		return "the end"
	case i+len(text) < len(p.src):
		return fmt.Sprintf("%q...", text)
	default:
		return fmt.Sprintf("%q", text)
	}
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &Error{Pos: pos, Text: beginning(p.src[pos:]), Msg: fmt.Sprintf(format, args...)}
}

func (p *parser) tooDeep(pos int) error {
	return &Error{Pos: pos, Text: beginning(p.src[pos:]), TooLarge: true, Msg: fmt.Sprintf("calls and pipes are nested more than %d levels deep", p.lim.Depth)}
}
