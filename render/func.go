package render

import "graphited/render/expr"

// Window is a time range in Unix seconds, as a request asks for it: From is
// exclusive and Until inclusive, as in whisper's fetch.
type Window struct{ From, Until int64 }

// Type is the kind of a parameter, spelled as GET /functions spells it.
type Type string

// The types of parameters. What each accepts is what graphite-web's params.py
// and the functions behind it accept; see convert.
const (
	Boolean         Type = "boolean"
	Date            Type = "date"
	Float           Type = "float"
	Integer         Type = "integer"
	Interval        Type = "interval"
	IntOrInterval   Type = "intOrInterval"
	IntOrInf        Type = "intOrInf"
	Node            Type = "node"
	NodeOrTag       Type = "nodeOrTag"
	SeriesArg       Type = "series"
	SeriesList      Type = "seriesList"
	SeriesLists     Type = "seriesLists"
	String          Type = "string"
	TagArg          Type = "tag"
	Any             Type = "any"
	AggFunc         Type = "aggFunc"
	AggOrSeriesFunc Type = "aggOrSeriesFunc"
)

// Param declares one parameter of a function.
type Param struct {
	Name     string
	Type     Type
	Required bool
	Default  any  // what a missing argument is: bool, int64, float64 or string; nil: nothing
	Multiple bool // takes all further arguments; none at all is fine even if Required

	// Absent is what a missing argument is although Required: graphite-web's
	// function has a default there that its declaration does not tell.
	Absent any

	// Options are the only values that are taken, unless Loose. Nil means any.
	Options     []any
	Suggestions []any

	// Loose lets values through that graphite-web's declaration refuses and its
	// function then handles all the same: a float for an integer, a string that
	// is no option, a deprecated "sumSeries" for "sum", and as nothing given a
	// text for a float.
	Loose bool
}

// Func declares one render function, once: argument binding, validation, GET
// /functions and the plan of what to read all use this value.
type Func struct {
	Name    string
	Aliases []string
	Group   string
	Doc     string
	Params  []Param

	// Signature replaces the parameter list that GET /functions shows, where
	// graphite-web's Python signature differs from its declared parameters.
	Signature string

	// Beyond names the other Graphite-compatible servers that have the function.
	// Empty: it is graphite-web's. GET /functions leaves the others out unless
	// they are asked for, so that it answers as graphite-web does.
	Beyond string

	// Aggregator says that groupByNode and its kin offer it as a callback.
	Aggregator bool

	// Windows says in which time ranges the first argument is wanted; range i
	// is read with Call.SeriesIn(i). Nil means the caller's window alone. It is
	// called while planning as well, with scalar arguments only.
	Windows func(c *Call) ([]Window, error)

	// Run computes the result. It must not change its input.
	Run func(c *Call) ([]*Series, error)

	// RunLists is set instead of Run by functions that make a list of lists.
	RunLists func(c *Call) ([][]*Series, error)
}

// Suggesting adds suggestions for an editor.
func (p Param) Suggesting(values ...any) Param {
	p.Suggestions = values
	return p
}

// Lenient marks a parameter as Loose.
func (p Param) Lenient() Param {
	p.Loose = true
	return p
}

// OneOf adds the options.
func (p Param) OneOf(values ...any) Param {
	p.Options = values
	return p
}

// Call is one invocation of a Func: its arguments, checked and completed, and
// the means to evaluate more. A name that the Func does not declare is a bug
// and panics.
type Call struct {
	Func *Func

	ev    *evaluator
	sc    *scope
	node  *expr.Node // nil for a callback
	bound binding
	vals  []any         // by parameter: scalars
	lists [][][]*Series // by parameter and argument
	wins  [][]*Series   // the first argument in each window
	plain []*Series     // the first argument in the caller's window, once it was needed
	deep  [][]*Series   // the SeriesLists argument

	planning bool
}

// binding is what a call's arguments are matched to: for each parameter its
// nodes, none where the call says nothing.
type binding [][]*expr.Node
