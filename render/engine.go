package render

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"graphited/render/expr"
)

// EngineOptions configure an Engine. Only Store is required.
type EngineOptions struct {
	// Store is where series are read.
	Store Store
	// Remote is asked beside the Store. Nil: the Store has all there is.
	Remote Remote
	// Events is what the function events counts. Nil: there are none.
	Events EventSource
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

// NewEngine returns an Engine with all of graphite-web's functions.
func NewEngine(o EngineOptions) (*Engine, error) {
	if o.Store == nil {
		return nil, errors.New("cannot make a render engine: Store is missing")
	}
	reg, err := builtins()
	if err != nil {
		return nil, fmt.Errorf("cannot make a render engine: %w", err)
	}
	o = o.withDefaults()
	return &Engine{o: o, reg: reg, slots: make(chan struct{}, o.Workers)}, nil
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
	Location     *time.Location // for functions that align to days; nil: UTC
	XFilesFactor float64        // for merging points, where a function does not say otherwise
	// MaxDataPoints is not used here: it is a matter of encoding.
	MaxDataPoints int
	Templates     map[string]string // values for $name within template(...)
	Local         bool              // only the Store is asked, not Remote
}

// Result is what a Query gives: the series of each target in turn, those of a
// pattern in order of their names.
type Result struct {
	Series   []*Series
	Warnings []string  // series that could not be read and were left out, and what others did not answer
	Problems []Problem // targets, and parts of them, that could not be evaluated while others could
	Ends     []int     // where the series of each target end
}

// Eval evaluates a query. The series are in the order of the targets. Patterns
// that match nothing give nothing. A target that cannot be evaluated is a problem of
// the Result, and an error when no target can. An error of the request is an *Error; a
// cancelled or expired context is the context's error.
func (e *Engine) Eval(ctx context.Context, q Query) (Result, error) {
	if e.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.o.Timeout)
		defer cancel()
	}
	if q.Now == 0 {
		q.Now = time.Now().Unix()
	}
	if q.Location == nil {
		q.Location = time.UTC
	}
	if q.From >= q.Until {
		return Result{}, badRequest("invalid empty time range: from %d, until %d", q.From, q.Until)
	}
	ev := newEvaluator(ctx, e, q)
	outcomes, err := ev.evalTargets(&scope{win: Window{q.From, q.Until}, xff: q.XFilesFactor}, q.Targets)
	if err != nil {
		return Result{}, err
	}
	return ev.result(outcomes)
}

// result puts together what the targets have given. When none of them has an answer it
// is the error of the first.
func (ev *evaluator) result(outcomes []outcome) (Result, error) {
	r := Result{Warnings: ev.mem.warnings()}
	answered := false
	for i, o := range outcomes {
		switch {
		case strings.TrimSpace(ev.q.Targets[i]) == "":
		case o.err != nil:
			r.Problems = append(r.Problems, Problem{Target: i, Err: o.err})
		default:
			answered = true
			r.Series = append(r.Series, o.series...)
		}
		r.Ends = append(r.Ends, len(r.Series))
	}
	if !answered && len(r.Problems) > 0 {
		return Result{}, r.Problems[0].Err
	}
	r.Problems = append(r.Problems, ev.problems...)
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.Target - b.Target })
	return r, nil
}

// parse reads one target and puts in the values of its templates. What cannot be read as
// a whole may be a name.
func (ev *evaluator) parse(target string) (*expr.Node, error) {
	if err := ev.ctx.Err(); err != nil {
		return nil, err
	}
	n, rest, err := ev.reader.Parse(target)
	if err != nil || rest != "" {
		if name := ev.mem.named(target); name != nil {
			return name, nil
		}
	}
	if err == nil {
		n, err = ev.reader.Expand(n)
	}
	var syntax *expr.Error
	if errors.As(err, &syntax) {
		e := &Error{Kind: BadRequest, Target: target, Pos: syntax.Pos, Msg: syntax.Msg, Err: err}
		if syntax.TooLarge {
			e.Kind = TooLarge
		}
		if syntax.Query {
			e.Err = nil // not the fault of this target
		}
		return nil, e
	}
	return n, err
}

// withTarget completes an Error that does not know its target yet.
func withTarget(err error, target string) error {
	var e *Error
	if errors.As(err, &e) && e.Target == "" {
		c := *e
		c.Target = target
		return &c
	}
	return err
}
