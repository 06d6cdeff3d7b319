package render

import (
	"slices"
)

// operators compare an aggregate with a threshold; null is below everything.
var operators = map[string]func(v, threshold float64) bool{
	"=":  func(v, t float64) bool { return v == t },
	"!=": func(v, t float64) bool { return v != t },
	">":  func(v, t float64) bool { return v > t },
	">=": func(v, t float64) bool { return v >= t },
	"<":  func(v, t float64) bool { return v != v || v < t },
	"<=": func(v, t float64) bool { return v != v || v <= t },
}

// filterFuncs keep some of the series and leave them as they are.
func filterFuncs() []Func {
	pattern := need("pattern", String)
	return []Func{
		{
			Name: "filterSeries", Group: "Filter Series",
			Params: with(need("func", AggFunc), need("operator", String).oneOf("=", "!=", ">", ">=", "<", "<="), need("threshold", Float)),
			Doc:    "Keeps the series whose named aggregation compares to the threshold as the operator says.",
			Run: func(c *Call) ([]*Series, error) {
				return c.filterBy(c.Text("func"), c.Text("operator"), c.Float("threshold"))
			},
		},
		thresholdFilter("averageAbove", "average", ">", "Keeps the series with a mean above n."),
		thresholdFilter("averageBelow", "average", "<=", "Keeps the series with a mean of n or less."),
		thresholdFilter("currentAbove", "last", ">", "Keeps the series whose last known value is above n."),
		thresholdFilter("currentBelow", "last", "<=", "Keeps the series whose last known value is n or less."),
		thresholdFilter("maximumAbove", "max", ">", "Keeps the series with some value above n."),
		thresholdFilter("maximumBelow", "max", "<=", "Keeps the series without a value above n."),
		thresholdFilter("minimumAbove", "min", ">", "Keeps the series with all values above n."),
		thresholdFilter("minimumBelow", "min", "<=", "Keeps the series with some value of n or less."),
		{
			Name: "grep", Group: "Filter Series", Params: with(pattern),
			Doc: "Keeps the series in whose name the regular expression is found.",
			Run: func(c *Call) ([]*Series, error) { return c.grep(true) },
		},
		{
			Name: "exclude", Group: "Filter Series", Params: with(pattern),
			Doc: "Drops the series in whose name the regular expression is found.",
			Run: func(c *Call) ([]*Series, error) { return c.grep(false) },
		},
		{
			Name: "removeEmptySeries", Group: "Filter Series", Params: with(option("xFilesFactor", Float, nil)),
			Doc: "Drops the series that have no point, or a smaller share of points than xFilesFactor.",
			Run: func(c *Call) ([]*Series, error) {
				factor := c.FloatOr("xFilesFactor", 0)
				return c.keep(func(s *Series) bool { return enough(known(s.Values), len(s.Values), factor) })
			},
		},
		{
			Name: "unique", Group: "Filter Series", Params: []Param{lists},
			Doc: "Drops the series whose name has been there before.",
			Run: unique,
		},
		{
			Name: "useSeriesAbove", Group: "Filter Series",
			Params: with(need("value", Float), need("search", String), need("replace", String)),
			Doc:    "For each series with a value above the given one, the series that its name becomes by search and replace.",
			Run:    useSeriesAbove,
		},
	}
}

// keep filters the first argument.
func (c *Call) keep(ok func(*Series) bool) ([]*Series, error) {
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		if ok(s) {
			return s
		}
		return nil
	})
}

func (c *Call) filterBy(agg, operator string, threshold float64) ([]*Series, error) {
	over, ok := aggregators[agg].over, operators[operator]
	return c.keep(func(s *Series) bool { return ok(over(s.Values), threshold) })
}

func thresholdFilter(name, agg, operator, doc string) Func {
	return Func{
		Name: name, Group: "Filter Series", Params: with(need("n", Float)), Doc: doc,
		Run: func(c *Call) ([]*Series, error) { return c.filterBy(agg, operator, c.Float("n")) },
	}
}

func (c *Call) grep(want bool) ([]*Series, error) {
	re, err := c.regexp("pattern")
	if err != nil {
		return nil, err
	}
	var failed error
	out, err := c.keep(func(s *Series) bool {
		found, err := re.Search(s.Name)
		if err != nil {
			failed = badRequest("parameter \"pattern\": %v", err)
		}
		return found == want && failed == nil
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func unique(c *Call) ([]*Series, error) {
	seen := map[string]bool{}
	var out []*Series
	for _, s := range c.Series("seriesLists") {
		if !seen[s.Name] {
			seen[s.Name] = true
			out = append(out, s)
		}
	}
	return out, nil
}

// useSeriesAbove passes over series with a null, as graphite-web does since
// Python 3 cannot compare it.
func useSeriesAbove(c *Call) ([]*Series, error) {
	sub, err := c.substitution("search", "replace")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range c.Series("seriesList") {
		if len(s.Values) < 1 || known(s.Values) < len(s.Values) || maximum(s.Values) <= c.Float("value") {
			continue
		}
		name, err := sub(s.Name)
		if err != nil {
			return nil, err
		}
		if c.ev.mem.named(name) == nil {
			name = "group(" + name + ")"
		}
		if err := c.holdText(name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, c.Err()
	}
	found, err := c.evalTexts(names)
	if err != nil {
		return nil, err
	}
	var out []*Series
	err = c.some(len(found), func(i int) error {
		out = append(out, found[i].series...)
		if found[i].err != nil {
			return found[i].err
		}
		return nil
	})
	return slices.DeleteFunc(out, func(s *Series) bool { return len(s.Values) == 0 }), err
}
