package fn

import (
	"slices"

	"graphited/render"
	"graphited/render/agg"
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
func filterFuncs() []render.Func {
	pattern := need("pattern", render.String)
	return []render.Func{
		{
			Name: "filterSeries", Group: "Filter Series",
			Params: with(need("func", render.AggFunc), need("operator", render.String).OneOf("=", "!=", ">", ">=", "<", "<="), need("threshold", render.Float)),
			Doc:    "Keeps the series whose named aggregation compares to the threshold as the operator says.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return filterBy(c, c.Text("func"), c.Text("operator"), c.Float("threshold"))
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
			Run: func(c *render.Call) ([]*render.Series, error) { return grep(c, true) },
		},
		{
			Name: "exclude", Group: "Filter Series", Params: with(pattern),
			Doc: "Drops the series in whose name the regular expression is found.",
			Run: func(c *render.Call) ([]*render.Series, error) { return grep(c, false) },
		},
		{
			Name: "removeEmptySeries", Group: "Filter Series", Params: with(option("xFilesFactor", render.Float, nil)),
			Doc: "Drops the series that have no point, or a smaller share of points than xFilesFactor.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				factor := c.FloatOr("xFilesFactor", 0)
				return keep(c, func(s *render.Series) bool { return agg.Enough(agg.Present(s.Values), len(s.Values), factor) })
			},
		},
		{
			Name: "unique", Group: "Filter Series", Params: []render.Param{seriesLists},
			Doc: "Drops the series whose name has been there before.",
			Run: unique,
		},
		{
			Name: "useSeriesAbove", Group: "Filter Series",
			Params: with(need("value", render.Float), need("search", render.String), need("replace", render.String)),
			Doc:    "For each series with a value above the given one, the series that its name becomes by search and replace.",
			Run:    useSeriesAbove,
		},
	}
}

// keep filters the first argument.
func keep(c *render.Call, ok func(*render.Series) bool) ([]*render.Series, error) {
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		if ok(s) {
			return s
		}
		return nil
	})
}

func filterBy(c *render.Call, how, operator string, threshold float64) ([]*render.Series, error) {
	over, ok := agg.Funcs[how].Over, operators[operator]
	return keep(c, func(s *render.Series) bool { return ok(over(s.Values), threshold) })
}

func thresholdFilter(name, agg, operator, doc string) render.Func {
	return render.Func{
		Name: name, Group: "Filter Series", Params: with(need("n", render.Float)), Doc: doc,
		Run: func(c *render.Call) ([]*render.Series, error) { return filterBy(c, agg, operator, c.Float("n")) },
	}
}

func grep(c *render.Call, want bool) ([]*render.Series, error) {
	re, err := regexpOf(c, "pattern")
	if err != nil {
		return nil, err
	}
	var failed error
	out, err := keep(c, func(s *render.Series) bool {
		found, err := re.Search(s.Name)
		if err != nil {
			failed = render.BadRequestf("parameter \"pattern\": %v", err)
		}
		return found == want && failed == nil
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func unique(c *render.Call) ([]*render.Series, error) {
	seen := map[string]bool{}
	var out []*render.Series
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
func useSeriesAbove(c *render.Call) ([]*render.Series, error) {
	sub, err := substitution(c, "search", "replace")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range c.Series("seriesList") {
		if len(s.Values) < 1 || agg.Present(s.Values) < len(s.Values) || agg.Maximum(s.Values) <= c.Float("value") {
			continue
		}
		name, err := sub(s.Name)
		if err != nil {
			return nil, err
		}
		if !c.IsName(name) {
			name = "group(" + name + ")"
		}
		if err := c.HoldText(name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, c.Err()
	}
	found, err := c.EvalTexts(names)
	if err != nil {
		return nil, err
	}
	var out []*render.Series
	err = c.Some(len(found), func(i int) error {
		out = append(out, found[i].Series...)
		if found[i].Err != nil {
			return found[i].Err
		}
		return nil
	})
	return slices.DeleteFunc(out, func(s *render.Series) bool { return len(s.Values) == 0 }), err
}
