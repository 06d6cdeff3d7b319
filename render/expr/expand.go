package expr

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Expand applies the templates of a tree with the default Limits. See [Reader.Expand].
func Expand(n *Node, vars map[string]string) (*Node, error) {
	return NewReader(Limits{}, vars).Expand(n)
}

// Expand returns the tree with each template replaced by its body, as graphite-web evaluates it.
// The variables of the request override those of the template.
//
// In the paths of the body, also those deep in calls, $name is replaced by the value of the
// variable. This is a plain replacement of text, variable by variable, so $1 also replaces the
// beginning of $10. The variables are replaced in the order of the template. Those that are only in
// the request come last, longer names first (in Graphite: in the order of the request). A path that
// equals $name becomes a String, or a Number if the variable is a number or looks like one. Strings
// and the text of seriesByTag are not changed. A template inside a template has only its own
// variables and those of the request.
//
// An error is a *SyntaxError at the position of the path. A tree without templates is returned
// unchanged. Note that the target template($x, x=5) expands to a Number.
func (r *Reader) Expand(n *Node) (*Node, error) { return r.node(n, nil) }

type variable struct {
	name string
	text string
	lit  *Node // the literal, or nil if the value is from the request
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

// own returns c if it is already a copy of n, or else a new copy. The result may be changed.
func own(c, n *Node) *Node {
	if c != n {
		return c
	}
	m := *n
	m.Args, m.Named = slices.Clone(n.Args), slices.Clone(n.Named)
	return &m
}

// variables are the variables of a template, in the order of their replacement. The other variables
// of the request follow them.
type variables struct {
	own []variable
	at  map[string]int // their indexes in own, by name
}

// variables returns the variables of a template.
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

// all yields the variables that are replaced in the paths of a template.
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

// spend adds to the cost of the templates. n is the path for the position of an error.
func (r *Reader) spend(cost int, n *Node) error {
	if cost > r.lim.Expanded-r.written {
		return &SyntaxError{Pos: n.Pos, TooLarge: true, Query: true, Msg: "the paths become longer than " + strconv.Itoa(r.lim.Expanded) + " bytes with the variables of the templates"}
	}
	r.written += cost
	return nil
}

// value returns the node for a variable that is the whole path n.
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
