package cluster

import (
	"errors"
	"iter"
	"math"

	"graphited/carbon/pickle"
)

// errNoList says that a pickle does not have the expected type.
var errNoList = errors.New("the pickle is not a list of dicts")

// pickled is a loaded pickle.
type pickled struct{ m *pickle.Machine }

// dicts loads a pickle and calls f with the fields of each dict in its list. Objects, which
// graphite-web pickles, count as dicts of their fields.
func dicts(body []byte, f func(p pickled, fields iter.Seq2[string, pickle.Value]) error) error {
	m := pickle.Get()
	defer pickle.Put(m)
	m.Objects = true
	root, err := m.Load(body)
	if err != nil {
		return err
	}
	if root.Kind() != pickle.List && root.Kind() != pickle.Tuple && root.Kind() != pickle.None { // go-carbon writes None for an empty list
		return errNoList
	}
	p := pickled{m}
	for item := range m.Elements(root) {
		if item.Kind() != pickle.Dict {
			return errNoList
		}
		if err := f(p, p.fields(item)); err != nil {
			return err
		}
	}
	return nil
}

// fields yields the items of a dict whose keys are text.
func (p pickled) fields(dict pickle.Value) iter.Seq2[string, pickle.Value] {
	return func(yield func(string, pickle.Value) bool) {
		key, isKey := "", true
		for v := range p.m.Elements(dict) {
			if isKey {
				key = p.text(v)
			} else if key != "" && !yield(key, v) {
				return
			}
			isKey = !isKey
		}
	}
}

func (p pickled) text(v pickle.Value) string {
	text, _ := p.m.Text(v)
	return string(text)
}

// number converts a number. Other values become NaN.
func (p pickled) number(v pickle.Value) float64 {
	switch v.Kind() {
	case pickle.Int, pickle.Bool:
		return float64(v.Int())
	case pickle.Float:
		return v.Float()
	}
	return math.NaN()
}

func unpickleNodes(body []byte) ([]Node, error) {
	var nodes []Node
	err := dicts(body, func(p pickled, fields iter.Seq2[string, pickle.Value]) error {
		var n Node
		for key, v := range fields {
			switch key {
			case "path", "metric_path":
				n.Path = p.text(v)
			case "is_leaf", "isLeaf":
				n.Leaf = v.Kind() == pickle.Bool && v.Int() != 0
			case "intervals":
				p.intervals(&n, v)
			}
		}
		if n.Path == "" {
			return errNoNode
		}
		nodes = append(nodes, n)
		return nil
	})
	return nodes, err
}

// intervals reads a list of pairs of times, or graphite-web's IntervalSet of Intervals.
func (p pickled) intervals(n *Node, v pickle.Value) {
	if v.Kind() == pickle.Dict {
		for key, list := range p.fields(v) {
			if key == "intervals" {
				v = list
			}
		}
	}
	if v.Kind() != pickle.List && v.Kind() != pickle.Tuple {
		return
	}
	for interval := range p.m.Elements(v) {
		if a, b, ok := p.m.Pair(interval); ok {
			n.span(p.number(a), p.number(b))
			continue
		}
		var start, end float64
		for key, t := range p.fields(interval) {
			switch key {
			case "start":
				start = p.number(t)
			case "end":
				end = p.number(t)
			}
		}
		n.span(start, end)
	}
}

func unpickleSeries(body []byte) ([]entry, error) {
	var entries []entry
	err := dicts(body, func(p pickled, fields iter.Seq2[string, pickle.Value]) error {
		var e entry
		var start, step float64
		for key, v := range fields {
			switch key {
			case "name":
				e.name = p.text(v)
			case "pathExpression":
				e.path = p.text(v)
			case "start":
				start = p.number(v)
			case "step":
				step = p.number(v)
			case "values":
				e.series.Values = p.values(v)
			}
		}
		if err := e.check(start, step); err != nil {
			return err
		}
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

// values converts a list of numbers and None. It returns nil if v is not a list.
func (p pickled) values(v pickle.Value) []float64 {
	if v.Kind() != pickle.List && v.Kind() != pickle.Tuple {
		return nil
	}
	values := make([]float64, 0, p.m.Len(v))
	for x := range p.m.Elements(v) {
		values = append(values, p.number(x))
	}
	return values
}
