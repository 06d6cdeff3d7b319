package render

import (
	"context"
	"fmt"
	"slices"
	"time"

	"graphited/render/attime"
	"graphited/render/expr"
	"graphited/whisper"
)

// param finds a parameter by name.
func (c *Call) param(name string) int {
	i := slices.IndexFunc(c.Func.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("BUG: %s reads the undeclared parameter %q", c.Func.Name, name))
	}
	return i
}

func arg[T any](c *Call, name string) T {
	v, ok := c.vals[c.param(name)].(T)
	if !ok {
		panic(fmt.Sprintf("BUG: parameter %q of %s is no %T", name, c.Func.Name, v))
	}
	return v
}

// Has reports whether a scalar was given or has a default.
func (c *Call) Has(name string) bool { return c.vals[c.param(name)] != nil }

// Raw returns a scalar as it is: nil, bool, int64, float64, string or Span.
func (c *Call) Raw(name string) any { return c.vals[c.param(name)] }

// Float returns a number of any type; booleans are 0 and 1.
func (c *Call) Float(name string) float64 {
	v, ok := toFloat(c.Raw(name))
	if !ok {
		panic(fmt.Sprintf("BUG: parameter %q of %s is no number", name, c.Func.Name))
	}
	return v.(float64)
}

// FloatOr returns a number, or def where nothing was given.
func (c *Call) FloatOr(name string, def float64) float64 {
	if !c.Has(name) {
		return def
	}
	return c.Float(name)
}

// Int returns an integer; the fraction of a float is cut off.
func (c *Call) Int(name string) int64 {
	if f, ok := c.Raw(name).(float64); ok {
		return int64(f)
	}
	return arg[int64](c, name)
}

// Bool returns a boolean.
func (c *Call) Bool(name string) bool { return arg[bool](c, name) }

// Text returns a text.
func (c *Call) Text(name string) string { return arg[string](c, name) }

// TextOr returns a text, or def where nothing was given.
func (c *Call) TextOr(name, def string) string {
	if !c.Has(name) {
		return def
	}
	return c.Text(name)
}

// Many returns the values of a parameter that takes all further arguments.
func (c *Call) Many(name string) []any { return arg[[]any](c, name) }

// Interval returns an interval argument in seconds, with its sign.
func (c *Call) Interval(name string) (int64, error) { return Seconds(c.Text(name)) }

// Seconds parses an interval such as "-1d".
func Seconds(text string) (int64, error) {
	d, err := attime.ParseOffset(text)
	if err != nil {
		return 0, BadRequestf("%v", err)
	}
	return int64(d / time.Second), nil
}

// Context ends when nobody wants the answer any more.
func (c *Call) Context() context.Context { return c.ev.ctx }

// Now is the time of the request in Unix seconds.
func (c *Call) Now() int64 { return c.ev.q.Now }

// Location is the time zone of the request.
func (c *Call) Location() *time.Location { return c.ev.q.Location }

// MaxWindows is the number of time ranges that a call may want.
func (c *Call) MaxWindows() int { return c.ev.e.o.MaxWindows }

// MaxRegex is the size that a regular expression may have.
func (c *Call) MaxRegex() int { return c.ev.e.o.MaxRegex }

// Events is where events come from, nil if there are none.
func (c *Call) Events() EventSource { return c.ev.e.o.Events }

// Lookup finds a function by name or alias.
func (c *Call) Lookup(name string) (*Func, bool) { return c.ev.e.reg.Lookup(name) }

// IsName reports whether a text is exactly the name of a series that has a meaning in a target.
func (c *Call) IsName(text string) bool { return c.ev.mem.named(text) != nil }

// Stacks are the running totals of stacked, which it leaves for those evaluated after it.
func (c *Call) Stacks() map[string][]float64 {
	if c.sc.stacks == nil {
		c.sc.stacks = map[string][]float64{}
	}
	return c.sc.stacks
}

// Window is the time range that the caller wants.
func (c *Call) Window() Window { return c.sc.win }

// XFilesFactor is the request's, or what setXFilesFactor has made of it.
func (c *Call) XFilesFactor() float64 { return c.sc.xff }

// SetXFilesFactor changes it for what the request evaluates after this call.
func (c *Call) SetXFilesFactor(factor float64) { c.sc.xff = factor }

// Series returns the series of a parameter, those of several arguments joined.
func (c *Call) Series(name string) []*Series {
	i := c.param(name)
	if i == 0 && c.Func.Windows != nil {
		return c.SeriesIn(0)
	}
	if len(c.lists[i]) == 1 {
		return c.lists[i][0]
	}
	return slices.Concat(c.lists[i]...)
}

// Lists returns how many lists of series were given for a parameter.
func (c *Call) Lists(name string) int { return len(c.lists[c.param(name)]) }

// SeriesLists returns the argument that is a list of lists.
func (c *Call) SeriesLists() [][]*Series { return c.deep }

// Arguments returns how many arguments the call has for a parameter. A callback has none.
func (c *Call) Arguments(name string) int {
	i := c.param(name)
	if c.bound == nil {
		return 0
	}
	return len(c.bound[i])
}

// Written reports whether the call has an argument for a parameter, and not None.
func (c *Call) Written(name string) bool {
	return c.Arguments(name) > 0 && literal(c.bound[c.param(name)][0]) != nil
}

// Given reports whether series were given for a parameter, be it an empty list.
func (c *Call) Given(name string) bool { return len(c.lists[c.param(name)]) > 0 }

// SeriesIn returns the first argument in the i-th of the windows that the Func asked for.
func (c *Call) SeriesIn(i int) []*Series { return c.wins[i] }

// Windows returns how many those are.
func (c *Call) Windows() int { return len(c.wins) }

// IsPath reports whether the first argument is plainly a pattern, so that it
// has series in an extended window exactly if it has some in the caller's.
func (c *Call) IsPath() bool {
	n := c.bound[0][0]
	return n.Kind == expr.Path || n.Kind == expr.Call && n.Name == SeriesByTag
}

// Step returns the largest step of the first argument in the caller's window,
// zero if there is none. It costs an evaluation unless that window is wanted anyway.
func (c *Call) Step() (int64, error) {
	n := c.bound[0][0]
	var in []*Series
	switch {
	case !c.planning:
		var err error
		if in, err = c.evalPlain(); err != nil {
			return 0, err
		}
	case c.IsPath():
		key := readKey{n.Name, c.sc.win}
		if n.Kind == expr.Call {
			key.pattern = n.Text
		}
		got := c.ev.mem.reads[key]
		if got == nil {
			return 0, errNotYet
		}
		return largestStep(got.data), nil
	default:
		return 0, errNotYet
	}
	step := int64(0)
	for _, s := range in {
		step = max(step, s.Step)
	}
	return step, nil
}

func largestStep(data []whisper.Series) int64 {
	step := int64(0)
	for _, s := range data {
		step = max(step, s.Step)
	}
	return step
}

// Apply calls another function with series alone, as groupByNode does with its callback.
func (c *Call) Apply(name string, in ...[]*Series) ([]*Series, error) {
	f, ok := c.ev.e.reg.Lookup(name)
	if !ok {
		return nil, BadRequestf("unknown function %s", name)
	}
	if f.Run == nil || f.Windows != nil || len(f.Params) == 0 || f.Params[0].Type != SeriesList ||
		len(in) > len(f.Params) && !f.Params[len(f.Params)-1].Multiple {
		return nil, BadRequestf("the function %s cannot be used as a callback", name)
	}
	cb := &Call{Func: f, ev: c.ev, sc: c.sc, vals: make([]any, len(f.Params)), lists: make([][][]*Series, len(f.Params))}
	for i, s := range in {
		at := min(i, len(f.Params)-1)
		cb.lists[at] = append(cb.lists[at], s)
	}
	for i, p := range f.Params {
		switch {
		case p.Multiple && !p.TakesSeries():
			cb.vals[i] = []any{}
		case p.Required && !p.Multiple && i >= len(in):
			return nil, BadRequestf("the function %s needs more than series and cannot be used as a callback", name)
		default:
			cb.vals[i] = p.Default
		}
	}
	return f.Run(cb)
}

// Err tells why a function must give up: the context is done, or the series that it makes have too
// long names. Long loops look at it for each series.
func (c *Call) Err() error {
	if err := c.ev.ctx.Err(); err != nil {
		return err
	}
	return c.ev.fits()
}

// Charge counts points that a function makes beyond those it was given.
// It is to be called before they are allocated.
func (c *Call) Charge(points int64) error {
	if points < 0 || points > c.ev.e.o.MaxPoints {
		return TooLargef("%s would make %d points, more than %d (MAX_QUERY_POINTS)", c.Func.Name, points, c.ev.e.o.MaxPoints)
	}
	return c.ev.mem.charge(int(points))
}

// HoldText counts a text that a function has made, as a name is counted, and says whether that was
// too much.
func (c *Call) HoldText(text string) error {
	c.ev.held += namePoints(text)
	return c.Err()
}

// NewSeries is a series that comes from a computation: its tags are those of
// its name, its factor the request's.
func (c *Call) NewSeries(name string, from, until, step int64, values []float64) *Series {
	c.ev.held += namePoints(name)
	return &Series{
		Series: whisper.Series{From: from, Until: until, Step: step, Values: values},
		Name:   name, Path: name, Tags: tagsOf(name), XFilesFactor: c.sc.xff,
	}
}

// ForEach runs f on each series; f may answer nil to leave the series out. It
// looks at the context before and after each, so that f may give up when that is done.
func (c *Call) ForEach(in []*Series, f func(*Series) *Series) ([]*Series, error) {
	out := make([]*Series, 0, len(in))
	for _, s := range in {
		if err := c.Err(); err != nil {
			return nil, err
		}
		if t := f(s); t != nil {
			c.ev.held += namePoints(t.Name)
			out = append(out, t)
		}
	}
	return out, c.Err()
}
