package expr

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Expand applies a tree's templates with the default Limits. See [Limits.Expand].
func Expand(n *Node, vars map[string]string) (*Node, error) {
	return Limits{}.Expand(n, vars)
}

// Expand returns the tree with each template replaced by its body, as
// graphite-web evaluates it. vars are the variables of the request, its
// template[name]=value parameters; they override those of the template.
//
// In the paths of the body, also those deep in calls, $name becomes the
// variable's value: a plain replacement of text, variable by variable, so that
// $1 hits the beginning of $10. The variables follow each other in the order of
// the template; those only in vars come last, longer names first (Graphite: in
// the order of the request). A path that is $name as a whole becomes a String, or
// a Number if the variable is one or looks like one. Strings and the text of
// seriesByTag are left alone. A template inside a template has its own variables
// and those of the request only.
//
// An error is a *SyntaxError, at the path in question. A tree without templates
// is returned as it is. Note that template($x, x=5) as a target expands to a Number.
func (l Limits) Expand(n *Node, vars map[string]string) (*Node, error) {
	e := expander{request: vars, lim: l.withDefaults()}
	return e.node(n, nil)
}

type expander struct {
	request map[string]string
	lim     Limits
	written int // bytes of the paths that were made
}

type variable struct {
	name string
	text string
	lit  *Node // the literal, nil if the value is from the request
}

func (e *expander) node(n *Node, vars []variable) (*Node, error) {
	switch {
	case n.Kind == Path && vars != nil:
		return e.path(n, vars)
	case n.Kind != Call || n.Name == "seriesByTag":
		return n, nil
	case n.Name == "template":
		return e.node(n.Args[0], e.variables(n))
	}
	c := n
	for i, a := range n.Args {
		v, err := e.node(a, vars)
		if err != nil {
			return nil, err
		}
		if v != a {
			c = own(c, n)
			c.Args[i] = v
		}
	}
	for i, a := range n.Named {
		v, err := e.node(a.Value, vars)
		if err != nil {
			return nil, err
		}
		if v != a.Value {
			c = own(c, n)
			c.Named[i].Value = v
		}
	}
	return c, nil
}

// own returns c as a copy of n that may be changed.
func own(c, n *Node) *Node {
	if c != n {
		return c
	}
	m := *n
	m.Args, m.Named = slices.Clone(n.Args), slices.Clone(n.Named)
	return &m
}

// variables returns a template's variables in the order of their replacement.
// It is not nil.
func (e *expander) variables(n *Node) []variable {
	vars := make([]variable, 0, len(n.Args)+len(n.Named)+len(e.request))
	for _, a := range n.Named {
		v := variable{name: a.Name, text: text(a.Value), lit: a.Value}
		if i := slices.IndexFunc(vars, func(v variable) bool { return v.name == a.Name }); i >= 0 {
			vars[i] = v
		} else {
			vars = append(vars, v)
		}
	}
	for i, a := range n.Args[1:] {
		vars = append(vars, variable{name: strconv.Itoa(i + 1), text: text(a), lit: a})
	}
	for i, v := range vars {
		if s, ok := e.request[v.name]; ok {
			vars[i] = variable{name: v.name, text: s}
		}
	}
	own := len(vars)
	names := slices.SortedFunc(maps.Keys(e.request), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		if !slices.ContainsFunc(vars[:own], func(v variable) bool { return v.name == name }) {
			vars = append(vars, variable{name: name, text: e.request[name]})
		}
	}
	return vars
}

func (e *expander) path(n *Node, vars []variable) (*Node, error) {
	s := n.Name
	for _, v := range vars {
		count := strings.Count(s, "$"+v.name)
		if count == 0 {
			continue
		}
		if len(s) == len(v.name)+1 {
			return v.value(n)
		}
		if size := len(s) + count*(len(v.text)-len(v.name)-1); size > e.lim.Length-e.written {
			return nil, &SyntaxError{Pos: n.Pos, TooLarge: true,
				Msg: "the paths of the target become longer than " + strconv.Itoa(e.lim.Length) + " bytes with the variables of the template"}
		}
		s = strings.ReplaceAll(s, "$"+v.name, v.text)
	}
	if s == n.Name {
		return n, nil
	}
	e.written += len(s)
	c := *n
	c.Name = s
	return &c, nil
}

// value makes a node of a variable that is all of the path n.
func (v variable) value(n *Node) (*Node, error) {
	c := Node{Kind: String, Name: v.text, Text: n.Text, Pos: n.Pos, height: 1}
	if v.lit != nil && v.lit.Kind == Number {
		c.Kind, c.Name, c.Int, c.Float, c.IsInt = Number, "", v.lit.Int, v.lit.Float, v.lit.IsInt
		return &c, nil
	}
	digits := strings.TrimPrefix(v.text, "-")
	if digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return &c, nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		return nil, &SyntaxError{Pos: n.Pos, Msg: "the value " + strconv.Quote(v.text) + " of $" + v.name + " is not a number"}
	}
	c.Kind, c.Name, c.Float = Number, "", f
	return &c, nil
}
