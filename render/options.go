package render

import (
	"errors"
	"runtime"
	"time"
)

// EngineOptions configure an Engine. Only Store is required.
type EngineOptions struct {
	// Store is where series are read.
	Store Store
	// Remote is asked beside the Store. Nil: the Store has all there is.
	Remote Remote
	// Events is what the function events counts. Nil: there are none.
	Events EventSource
	// Functions are those that targets can use. Nil: none at all.
	Functions *Registry
	// Workers bounds the reads under way at once in the whole Engine. Zero: twice the processors.
	Workers int
	// Timeout bounds one query. Zero: only the caller's context does.
	Timeout time.Duration
	// Limits bound what a query costs. Zero values have their defaults, see DefaultLimits.
	Limits
}

// Limits bound what one query costs, in the section [web] of carbon.conf. How many targets it has
// and how long they are does not matter: what they ask for does.
type Limits struct {
	MaxSeries int `conf:"MAX_QUERY_SERIES" is:">0" unit:"series" own:"true" doc:"The series that a query may find. MAX_QUERY_POINTS is what bounds the memory."`
	// A point takes 8 bytes. A series or a read counts as 24 points, 8 bytes of a series' name as
	// one.
	MaxPoints   int64 `conf:"MAX_QUERY_POINTS" is:">0" unit:"points" own:"true" doc:"The points that a query may read and make; twice as many may be in use at a time."`
	MaxWindows  int   `conf:"MAX_QUERY_RANGES" is:">0" own:"true" doc:"The time ranges that one call may want, as timeStack does."`
	MaxNodes    int   `conf:"MAX_QUERY_PARTS" is:">0" own:"true" doc:"The calls, paths and values that all targets of a query may have together. Each takes 150 bytes."`
	MaxExpanded int   `conf:"MAX_QUERY_EXPANDED" is:">0" unit:"bytes" own:"true" doc:"The size that all paths which the templates of a query make may have together."`
	MaxRegex    int   `conf:"MAX_REGEX_SIZE" is:">0" unit:"bytes" own:"true" doc:"The size that a regular expression of aliasSub, grep and similar functions may have."`
}

// DefaultLimits returns what is used where nothing is configured.
func DefaultLimits() Limits {
	return Limits{MaxSeries: 100_000, MaxPoints: 20_000_000, MaxWindows: 1_000, MaxNodes: 1_000_000, MaxExpanded: 16_000_000, MaxRegex: 64_000}
}

func (o EngineOptions) withDefaults() EngineOptions {
	def := DefaultLimits()
	setDefault(&o.Workers, 2*runtime.GOMAXPROCS(0))
	setDefault(&o.MaxSeries, def.MaxSeries)
	setDefault(&o.MaxPoints, def.MaxPoints)
	setDefault(&o.MaxWindows, def.MaxWindows)
	setDefault(&o.MaxNodes, def.MaxNodes)
	setDefault(&o.MaxExpanded, def.MaxExpanded)
	setDefault(&o.MaxRegex, def.MaxRegex)
	return o
}

func setDefault[T int | int64](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// Engine evaluates queries. It is safe for concurrent use.
type Engine struct {
	o     EngineOptions
	reg   *Registry
	slots chan struct{} // one for each read under way
}

// NewEngine returns an Engine.
func NewEngine(o EngineOptions) (*Engine, error) {
	if o.Store == nil {
		return nil, errors.New("cannot make a render engine: Store is missing")
	}
	if o.Functions == nil {
		o.Functions = &Registry{}
	}
	o = o.withDefaults()
	return &Engine{o: o, reg: o.Functions, slots: make(chan struct{}, o.Workers)}, nil
}

// Registry returns the functions that targets can use.
func (e *Engine) Registry() *Registry { return e.reg }

// Query is one render request.
type Query struct {
	Targets []string // blank ones are skipped
	// From and Until are Unix seconds, From the smaller: points in (From, Until] are wanted.
	From, Until int64
	// Now decides how old From is, and so which archive answers. Zero: the clock.
	Now          int64
	Location     *time.Location    // for functions that align to days; nil: UTC
	XFilesFactor float64           // for merging points, where a function does not say otherwise
	Templates    map[string]string // values for $name within template(...)
	Local        bool              // only the Store is asked, not Remote
}

// Result is what a Query gives: the series of each target in turn, those of a
// pattern in order of their names.
type Result struct {
	Series   []*Series
	Warnings []string  // series that could not be read and were left out, and what others did not answer
	Problems []Problem // targets, and parts of them, that could not be evaluated while others could
	Ends     []int     // where the series of each target end
	Ignored  []string  // texts that follow targets, as graphite-web ignores them
}
