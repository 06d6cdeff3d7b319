package fn

import (
	"math"
	"slices"
	"strings"

	"graphited/carbon/pyvalue"
	"graphited/render"
	"graphited/render/agg"
)

// aliasFuncs change names. Paths stay, so that aggregates of aliased series
// are still named after the patterns.
func aliasFuncs() []render.Func {
	return []render.Func{
		{
			Name: "alias", Group: "Alias", Params: with(need("newName", render.String)),
			Doc: "Gives all series this name.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return rename(c, func(*render.Series) (string, error) { return c.Text("newName"), nil })
			},
		},
		{
			Name: "aliasByMetric", Group: "Alias", Params: with(),
			Doc: "Names each series by the last node of its metric.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return rename(c, func(s *render.Series) (string, error) { return substring(s.Name, -1, 0), nil })
			},
		},
		{
			Name: "aliasByNode", Group: "Alias", Params: with(render.Param{Name: "nodes", Type: render.NodeOrTag, Required: true, Multiple: true}),
			Doc: "Names each series by nodes of its metric, counted from 0, or by tags.",
			Run: func(c *render.Call) ([]*render.Series, error) { return aliasBy(c, c.Many("nodes")) },
		},
		{
			Name: "aliasByTags", Group: "Alias", Params: with(render.Param{Name: "tags", Type: render.NodeOrTag, Required: true, Multiple: true}),
			Doc: "Names each series by tags, or by nodes of its metric.",
			Run: func(c *render.Call) ([]*render.Series, error) { return aliasBy(c, c.Many("tags")) },
		},
		{
			Name: "aliasSub", Group: "Alias", Params: with(need("search", render.String), need("replace", render.String)),
			Doc: `Replaces what a regular expression finds in the name; \1 and \g<name> stand for its groups.`,
			Run: aliasSub,
		},
		{
			Name: "aliasQuery", Group: "Alias", Params: with(need("search", render.String), need("replace", render.String), need("newName", render.String)),
			Doc: "Makes a target of each name by search and replace, and names the series after its last value, " +
				"which goes into newName as in a format such as \"%d users\".",
			Run: aliasQuery,
		},
		{
			Name: "upper", Group: "Alias", Params: with(many("pos", render.Integer)),
			Doc: "Makes the name upper case, or only its characters at the given positions.",
			Run: func(c *render.Call) ([]*render.Series, error) { return changeCase(c, strings.ToUpper) },
		},
		{
			Name: "lower", Group: "Alias", Params: with(many("pos", render.Integer)),
			Doc: "Makes the name lower case, or only its characters at the given positions.",
			Run: func(c *render.Call) ([]*render.Series, error) { return changeCase(c, strings.ToLower) },
		},
		{
			Name: "substr", Group: "Special", Params: with(option("start", render.Node, int64(0)), option("stop", render.Node, int64(0))),
			Doc: "Names each series by the nodes of its metric from start up to but not including stop; 0 is the end.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return rename(c, func(s *render.Series) (string, error) { return substring(s.Name, c.Int("start"), c.Int("stop")), nil })
			},
		},
	}
}

// rename gives each series the name that f says.
func rename(c *render.Call, f func(*render.Series) (string, error)) ([]*render.Series, error) {
	var failed error
	out, err := c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		if failed != nil {
			return nil
		}
		name, err := f(s)
		failed = err
		return s.Renamed(name)
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func aliasBy(c *render.Call, nodes []any) ([]*render.Series, error) {
	return rename(c, func(s *render.Series) (string, error) { return nodeKey(s, nodes), nil })
}

func aliasSub(c *render.Call) ([]*render.Series, error) {
	sub, err := substitution(c, "search", "replace")
	if err != nil {
		return nil, err
	}
	return rename(c, func(s *render.Series) (string, error) { return sub(s.Name) })
}

func aliasQuery(c *render.Call) ([]*render.Series, error) {
	sub, err := substitution(c, "search", "replace")
	if err != nil {
		return nil, err
	}
	in := c.Series("seriesList")
	targets := make([]string, len(in))
	for i, s := range in {
		if targets[i], err = sub(s.Name); err != nil {
			return nil, err
		}
		if err := c.HoldText(targets[i]); err != nil {
			return nil, err
		}
	}
	found, err := c.EvalTexts(targets)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in) // a series without an alias keeps its name
	return out, c.Some(len(in), func(i int) error {
		if found[i].Err != nil {
			return found[i].Err
		}
		if len(found[i].Series) == 0 {
			return render.BadRequestf("no series found with query %q", targets[i])
		}
		by := found[i].Series[0]
		v := agg.Last(by.Values)
		if v != v {
			return render.BadRequestf("query %q has no last value", targets[i])
		}
		name, err := formatPercent(c.Text("newName"), v, by.Int)
		out[i] = in[i].Renamed(name)
		return err
	})
}

func changeCase(c *render.Call, change func(string) string) ([]*render.Series, error) {
	pos := c.Many("pos")
	return rename(c, func(s *render.Series) (string, error) {
		if len(pos) == 0 {
			return change(s.Name), nil
		}
		chars := strings.Split(s.Name, "")
		for _, p := range pos {
			i := p.(int64)
			if i < 0 {
				i += int64(len(chars))
			}
			if i >= 0 && i < int64(len(chars)) {
				chars[i] = change(chars[i])
			}
		}
		return strings.Join(chars, ""), nil
	})
}

// substring takes nodes out of what stands between the last "(" and the first
// ")" of a name; what follows a comma is cut off.
func substring(name string, start, stop int64) string {
	left, right := strings.LastIndexByte(name, '(')+1, strings.IndexByte(name, ')')
	if right < 0 {
		right = len(name)
	}
	nodes := strings.Split(name[min(left, right):right], ".")
	n := int64(len(nodes))
	bound := func(i int64) int64 {
		if i < 0 {
			i += n
		}
		return max(min(i, n), 0)
	}
	from, to := bound(start), n
	if stop != 0 {
		to = bound(stop)
	}
	text, _, _ := strings.Cut(strings.Join(nodes[from:max(from, to)], "."), ",")
	return text
}

// legendFuncs write values into the names.
func legendFuncs() []render.Func {
	return []render.Func{
		{
			Name: "legendValue", Group: "Alias", Params: with(render.Param{Name: "valuesTypes", Type: render.String, Multiple: true,
				Options: legendOptions(), Loose: true}),
			Signature: "seriesList, *valueTypes",
			Doc:       "Adds values such as the mean to the name; a last argument si or binary writes them with units.",
			Run:       legendValue,
		},
		{
			Name: "cactiStyle", Group: "Special",
			Params: with(option("system", render.String, nil).OneOf("si", "binary"), option("units", render.String, nil)),
			Doc:    "Adds the last, highest and lowest value to the name, in columns.",
			Run:    cactiStyle,
		},
	}
}

func legendOptions() []any {
	var out []any
	for _, name := range agg.Names() {
		out = append(out, name, name+"Series")
	}
	return append(out, "si", "binary")
}

func legendValue(c *render.Call) ([]*render.Series, error) {
	types := c.Many("valuesTypes")
	if len(types) == 0 {
		return nil, render.BadRequestf("parameter \"valuesTypes\" is missing, expected aggregations")
	}
	system, _ := types[len(types)-1].(string)
	if unitSystems[system] != nil {
		types = types[:len(types)-1]
	} else {
		system = ""
	}
	return rename(c, func(s *render.Series) (string, error) {
		name := s.Name
		for _, t := range types {
			how, ok := agg.Funcs[t.(string)]
			text := "(?)"
			if ok {
				v := how.Over(s.Values)
				text = formatValue(v, s.Int && how.IsInt || t == "count")
				if system != "" && v == v {
					text = withUnits(v, system, "")
				}
			}
			if system == "" {
				name += " (" + t.(string) + ": " + text + ")"
			} else {
				name = pad(name, -20) + pad(t.(string), -5) + pad(text, -10)
			}
		}
		return name, nil
	})
}

func cactiStyle(c *render.Call) ([]*render.Series, error) {
	in := c.Series("seriesList")
	system, units := c.TextOr("system", ""), c.TextOr("units", "")
	show := func(v float64) string {
		if system != "" {
			return withUnits(v, system, units)
		}
		if units != "" {
			return pyvalue.FormatF(v, 2) + " " + units
		}
		return pyvalue.FormatF(v, 2)
	}
	nameLen := 0
	stats := [3]struct {
		over  func([]float64) float64
		width int
	}{{over: agg.Last}, {over: agg.Maximum}, {over: agg.Minimum}}
	for _, s := range in {
		nameLen = max(nameLen, len([]rune(s.Name)))
		for i := range stats {
			v := stats[i].over(s.Values)
			if v != v || v == 0 {
				v = 3 // as graphite-web: the width of nothing
			}
			stats[i].width = max(stats[i].width, len([]rune(show(math.Trunc(v)))))
		}
	}
	return rename(c, func(s *render.Series) (string, error) {
		var text [3]string
		for i, st := range stats {
			text[i] = "nan"
			if v := st.over(s.Values); v == v {
				text[i] = show(v)
			}
			text[i] = pad(text[i], -(st.width + 3))
		}
		return pad(s.Name, -nameLen) + " Current:" + text[0] + " Max:" + text[1] + " Min:" + text[2] + " ", nil
	})
}
