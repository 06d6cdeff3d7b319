package expr

import (
	"errors"
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
// An error is a *SyntaxError, at the path in question. A tree without templates
// is returned as it is. Note that template($x, x=5) as a target expands to a Number.
func (r *Reader) Expand(n *Node) (*Node, error) { return r.node(n, nil) }

type variable struct {
	name string
	text string
	lit  *Node // the literal, nil if the value is from the request
}

func (r *Reader) node(n *Node, vars []variable) (*Node, error) {
	switch {
	case n.Kind == Path && vars != nil:
		return r.path(n, vars)
	case n.Kind != Call || n.Name == "seriesByTag":
		return n, nil
	case n.Name == "template":
		if err := r.spend(len(r.order), n); err != nil {
			return nil, err
		}
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

// variables returns a template's variables in the order of their replacement.
// It is not nil.
func (r *Reader) variables(n *Node) []variable {
	vars := make([]variable, 0, len(n.Args)+len(n.Named)+len(r.order))
	at := make(map[string]int, cap(vars))
	set := func(v variable) {
		if i, twice := at[v.name]; twice {
			vars[i] = v
			return
		}
		at[v.name] = len(vars)
		vars = append(vars, v)
	}
	for _, a := range n.Named {
		set(variable{name: a.Name, text: text(a.Value), lit: a.Value})
	}
	for i, a := range n.Args[1:] {
		set(variable{name: strconv.Itoa(i + 1), text: text(a), lit: a})
	}
	for _, name := range r.order {
		set(variable{name: name, text: r.vars[name]})
	}
	return vars
}

func (r *Reader) path(n *Node, vars []variable) (*Node, error) {
	s := n.Name
	for _, v := range vars {
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
		return &SyntaxError{Pos: n.Pos, TooLarge: true, Msg: "the paths become longer than " + strconv.Itoa(r.lim.Expanded) + " bytes with the variables of the templates"}
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
		return nil, &SyntaxError{Pos: n.Pos, Msg: "the value " + strconv.Quote(v.text) + " of $" + v.name + " is not a number"}
	}
	c.Kind, c.Name, c.Float = Number, "", f
	return &c, nil
}
