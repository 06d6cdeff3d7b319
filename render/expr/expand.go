package expr

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Expand applies a tree's templates with the default Limits. See [Reader.Expand].
func Expand(n *Node, vars map[string]string) (*Node, error) {
	return NewReader(Limits{}, vars).Expand(n)
}

// Expand returns the tree with each template replaced by its body, as
// graphite-web evaluates it. The variables of the request override those of the
// template.
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
// An error is a *Error, at the path in question. A tree without templates
// is returned as it is. Note that template($x, x=5) as a target expands to a Number.
func (r *Reader) Expand(n *Node) (*Node, error) { return r.node(n, nil) }

// Read reads a target and applies its templates.
func (r *Reader) Read(target string) (*Node, error) {
	n, _, err := r.Parse(target)
	if err != nil {
		return nil, err
	}
	return r.Expand(n)
}

type variable struct {
	name string
	text string
	lit  *Node // the literal, nil if the value is from the request
}

func (r *Reader) node(n *Node, vars *variables) (*Node, error) {
	switch {
	case n.Kind == Path && vars != nil:
		return r.path(n, vars)
	case n.Kind != Call || n.Name == "seriesByTag":
		return n, nil
	case n.Name == "template":
		return r.node(n.Args[0], r.variables(n))
	}
	c := n
	for i, a := range n.Args {
		v, err := r.node(a, vars)
		if err != nil {
			return nil, err
		}
		if v != a {
			c = own(c, n)
			c.Args[i] = v
		}
	}
	for i, a := range n.Named {
		v, err := r.node(a.Value, vars)
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

// variables are those of a template, in the order of their replacement. The others
// of the request follow them.
type variables struct {
	own []variable
	at  map[string]int // their places
}

// variables returns a template's variables.
func (r *Reader) variables(n *Node) *variables {
	vars := &variables{at: map[string]int{}}
	set := func(name string, lit *Node) {
		v := variable{name: name, text: text(lit), lit: lit}
		if s, ok := r.vars[name]; ok {
			v = variable{name: name, text: s}
		}
		if i, twice := vars.at[name]; twice {
			vars.own[i] = v
			return
		}
		vars.at[name] = len(vars.own)
		vars.own = append(vars.own, v)
	}
	for _, a := range n.Named {
		set(a.Name, a.Value)
	}
	for i, a := range n.Args[1:] {
		set(strconv.Itoa(i+1), a)
	}
	return vars
}

// all yields the variables that replace something in a path of the template.
func (r *Reader) all(vars *variables) iter.Seq[variable] {
	return func(yield func(variable) bool) {
		for _, v := range vars.own {
			if !yield(v) {
				return
			}
		}
		for _, name := range r.order {
			if _, own := vars.at[name]; !own && !yield(variable{name: name, text: r.vars[name]}) {
				return
			}
		}
	}
}

func (r *Reader) path(n *Node, vars *variables) (*Node, error) {
	s := n.Name
	for v := range r.all(vars) {
		if strings.IndexByte(s, '$') < 0 {
			break
		}
		if err := r.spend(1+len(s)/16, n); err != nil {
			return nil, err
		}
		count := strings.Count(s, "$"+v.name)
		if count == 0 {
			continue
		}
		if len(s) == len(v.name)+1 {
			return v.value(n)
		}
		if err := r.spend(len(s)+count*(len(v.text)-len(v.name)-1), n); err != nil {
			return nil, err
		}
		s = strings.ReplaceAll(s, "$"+v.name, v.text)
	}
	if s == n.Name {
		return n, nil
	}
	c := *n
	c.Name = s
	return &c, nil
}

// spend counts what the templates cost; n is where.
func (r *Reader) spend(cost int, n *Node) error {
	if cost > r.lim.Expanded-r.written {
		return &Error{Pos: n.Pos, Text: beginning(n.Text), TooLarge: true, Query: true, Msg: "the paths become longer than " + strconv.Itoa(r.lim.Expanded) + " bytes with the variables of the templates"}
	}
	r.written += cost
	return nil
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
		return nil, &Error{Pos: n.Pos, Text: beginning(n.Text), Msg: "the value " + strconv.Quote(v.text) + " of $" + v.name + " is not a number"}
	}
	c.Kind, c.Name, c.Float = Number, "", f
	return &c, nil
}
