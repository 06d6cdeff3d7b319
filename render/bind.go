package render

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render/attime"
	"graphited/render/expr"
)

// Span is an intOrInterval argument: a number of points, or of seconds.
type Span struct {
	N      int64
	Points bool
	Text   string // as written, without quotes
}

// String is the span as names show it: 5 or "5min".
func (s Span) String() string {
	if s.Points {
		return s.Text
	}
	return `"` + s.Text + `"`
}

// binding is what a call's arguments are matched to: for each parameter its
// nodes, none where the call says nothing.
type binding [][]*expr.Node

// match assigns the argument nodes to the parameters of f, checking only how
// many there are and their names.
func match(f *Func, n *expr.Node) (binding, error) {
	b := make(binding, len(f.Params))
	for i, a := range n.Args {
		at := i
		if at >= len(f.Params) {
			at = len(f.Params) - 1
		}
		if at < 0 || i > at && !f.Params[at].Multiple {
			return nil, badRequest("got %d arguments, takes no more than %d", len(n.Args), len(f.Params))
		}
		b[at] = append(b[at], a)
	}
	for _, kw := range n.Named {
		at := slices.IndexFunc(f.Params, func(p Param) bool { return p.Name == kw.Name })
		if at < 0 && kw.Name == "alignDST" {
			at = slices.IndexFunc(f.Params, func(p Param) bool { return p.Name == "alignDst" })
		}
		if at < 0 {
			return nil, badRequest("has no parameter %q", kw.Name)
		}
		if at < len(n.Args) {
			return nil, badRequest("parameter %q is given twice", kw.Name)
		}
		b[at] = []*expr.Node{kw.Value}
	}
	return b, nil
}

// match assigns the arguments of a call as match does. A text where series are wanted is
// the path of the series with exactly this name, if there is one: it may hold blanks and
// all else that cannot be written without quotes.
func (ev *evaluator) match(f *Func, n *expr.Node) (binding, error) {
	b, err := match(f, n)
	for i, nodes := range b {
		if f.Params[i].Type != SeriesList {
			continue
		}
		for j, a := range nodes {
			if a.Kind == expr.String && ev.mem.literal(a.Name) != nil {
				nodes[j] = &expr.Node{Kind: expr.Path, Name: a.Name, Text: a.Text, Pos: a.Pos}
			}
		}
	}
	return b, err
}

// isSeries reports whether a node stands for series rather than a value.
func isSeries(n *expr.Node) bool { return n.Kind == expr.Path || n.Kind == expr.Call }

// literal is the value of a node that is no series: nil, bool, int64, float64 or string.
func literal(n *expr.Node) any {
	switch n.Kind {
	case expr.Number:
		if n.IsInt {
			return n.Int
		}
		return n.Float
	case expr.String:
		return n.Name
	case expr.Bool:
		return n.Bool
	case expr.Inf:
		return math.Inf(1)
	}
	return nil
}

// scalars converts the arguments that are not series. The value of a parameter
// that takes series is left nil; of one with Multiple it is a []any.
func (e *evaluator) scalars(f *Func, b binding) ([]any, error) {
	vals := make([]any, len(f.Params))
	for i, p := range f.Params {
		if p.takesSeries() && (p.Type != Any || len(b[i]) > 0 && isSeries(b[i][0])) {
			if err := checkSeriesArg(p, b[i]); err != nil {
				return nil, err
			}
			continue
		}
		if p.Multiple {
			all := make([]any, 0, len(b[i]))
			for _, n := range b[i] {
				v, err := e.scalar(p, n)
				if err != nil {
					return nil, err
				}
				all = append(all, v)
			}
			vals[i] = all
			continue
		}
		if vals[i] = p.Default; vals[i] == nil {
			vals[i] = p.Absent
		}
		if len(b[i]) > 0 && b[i][0].Kind != expr.None {
			v, err := e.scalar(p, b[i][0])
			if err != nil {
				return nil, err
			}
			vals[i] = v
		} else if p.Required && p.Absent == nil {
			return nil, badRequest("parameter %q is missing, expected %s", p.Name, p.expected())
		}
	}
	return vals, nil
}

func (p Param) takesSeries() bool {
	return p.Type == SeriesList || p.Type == SeriesLists || p.Type == Any
}

func checkSeriesArg(p Param, nodes []*expr.Node) error {
	if len(nodes) == 0 && p.Required && !p.Multiple {
		return badRequest("parameter %q is missing, expected %s", p.Name, p.expected())
	}
	for _, n := range nodes {
		if !isSeries(n) && (n.Kind != expr.None || p.Required) {
			return badRequest("parameter %q is %s, expected %s", p.Name, n.Text, p.expected())
		}
	}
	return nil
}

func (e *evaluator) scalar(p Param, n *expr.Node) (any, error) {
	if f, ok := n.AsNumber(); ok && p.Type != String {
		n = &expr.Node{Kind: expr.Number, Text: n.Text, Float: f}
	}
	if isSeries(n) {
		return nil, badRequest("parameter %q is the series expression %s, expected %s (a text needs quotes)", p.Name, n.Text, p.expected())
	}
	v := literal(n)
	if len(p.Options) > 0 && !slices.Contains(p.Options, v) && !p.Loose {
		return nil, badRequest("parameter %q is %s, expected %s", p.Name, n.Text, p.expected())
	}
	out, ok := e.convert(p, v)
	if !ok {
		return nil, badRequest("parameter %q is %s, expected %s", p.Name, n.Text, p.expected())
	}
	return out, nil
}

// expected describes what a parameter takes.
func (p Param) expected() string {
	if len(p.Options) > 0 {
		var names []string
		for _, o := range p.Options {
			names = append(names, pyvalue.Str(o))
		}
		return "one of " + strings.Join(names, ", ")
	}
	switch p.Type {
	case Boolean:
		return "true or false"
	case Date:
		return "a point in time such as \"-1d\", \"midnight\" or \"20260102\""
	case Float:
		return "a number"
	case Integer, Node:
		return "an integer"
	case Interval:
		return "an interval such as \"5min\""
	case IntOrInterval:
		return "a number of points or an interval such as \"5min\""
	case IntOrInf:
		return "an integer or inf"
	case NodeOrTag:
		return "a node number or a tag name"
	case AggFunc:
		return "one of " + strings.Join(aggNames(), ", ")
	case AggOrSeriesFunc:
		return "an aggregation such as \"sum\" or a function's name"
	case SeriesList, SeriesArg:
		return "series"
	case SeriesLists:
		return "a list of lists such as mapSeries gives"
	case Any:
		return "series or a number"
	}
	return "a text"
}

// convert makes the Go value of an argument: bool, int64, float64, string or Span.
func (e *evaluator) convert(p Param, v any) (any, bool) {
	switch p.Type {
	case Boolean:
		return toBool(v)
	case Float:
		f, ok := toFloat(v)
		if _, isText := v.(string); !ok && isText && p.Loose {
			return nil, true
		}
		return f, ok
	case Integer, Node:
		if f, ok := v.(float64); ok && p.Loose {
			return f, f == f
		}
		return toInt(v)
	case IntOrInf:
		if n, ok := toInt(v); ok {
			return float64(n.(int64)), true
		}
		return toFloat(v)
	case Interval:
		s, ok := v.(string)
		if ok {
			_, err := attime.ParseOffset(s)
			ok = err == nil
		}
		return s, ok
	case IntOrInterval:
		return toSpan(v)
	case NodeOrTag:
		return toNode(v)
	case AggFunc:
		s, ok := v.(string)
		if p.Loose {
			s = strings.TrimSuffix(s, "Series")
		}
		return s, ok && aggregators[s].over != nil
	case Date:
		return e.toTime(v)
	case Any:
		_, isText := v.(string)
		return v, !isText
	}
	if v == nil {
		return nil, false
	}
	return pyvalue.Str(v), true
}

func toBool(v any) (any, bool) {
	switch x := v.(type) {
	case bool:
		return x, true
	case string:
		s := strings.ToLower(x)
		return s == "true", s == "true" || s == "false"
	case int64:
		return x == 1, x == 0 || x == 1
	case float64:
		return x == 1, x == 0 || x == 1
	}
	return nil, false
}

func toFloat(v any) (any, bool) {
	switch x := v.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	case bool:
		if x {
			return 1.0, true
		}
		return 0.0, true
	case string:
		f, ok := pyvalue.ParseFloat(x)
		return f, ok
	}
	return nil, false
}

func toInt(v any) (any, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case bool:
		if x {
			return int64(1), true
		}
		return int64(0), true
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		return n, err == nil
	}
	return nil, false
}

func toSpan(v any) (any, bool) {
	switch x := v.(type) {
	case int64:
		return Span{N: x, Points: true, Text: pyvalue.Str(v)}, x >= 0 && x <= math.MaxInt32
	case float64:
		return Span{N: int64(x), Points: true, Text: pyvalue.Str(v)}, x >= 0 && x <= math.MaxInt32
	case string:
		d, err := attime.ParseOffset(x)
		return Span{N: int64(d.Abs() / time.Second), Text: x}, err == nil
	}
	return nil, false
}

// toNode gives an int64 for a position and a string for a tag. A fraction is
// looked for among the tags, as graphite-web does.
func toNode(v any) (any, bool) {
	switch x := v.(type) {
	case int64, string:
		return x, true
	case float64:
		return pyvalue.Repr(x), x != math.Trunc(x)
	case bool:
		return toInt(x)
	}
	return nil, false
}

// toTime gives Unix seconds.
func (e *evaluator) toTime(v any) (any, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case string:
		t, err := attime.Parse(x, attime.Context{Now: time.Unix(e.q.Now, 0).In(e.q.Location), Location: e.q.Location})
		return t.Unix(), err == nil
	}
	return nil, false
}
